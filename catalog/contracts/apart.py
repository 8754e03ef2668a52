"""Documents and answers looked at in a process of their own: one that hangs or crashes it harms nothing else.

A pattern of a document can keep a regular expression busy for years, and its schemas can multiply.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.contracts.conformance import Answer, Breach
from catalog.contracts.parts import Fault, Unreadable
from catalog.contracts.sampling import Sample
from guiyang_data.texts import one_line

SECONDS = 20.0
"""Longest time for one document."""
ANSWER_SECONDS = 8.0
"""Longest time for the answers of one check."""
PACKAGE = "catalog.contracts"
HOME = Path(__file__).resolve().parents[2]
SLOW = "核对用时太长，没有完成。请简化文档的结构和 pattern，或者拆成几个接口。"
BROKE = "核对时出错，没有完成。请检查文档是否完整，或者拆成几个接口。"


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a document says of itself. ``faults``: what is wrong; where there are some, the rest is empty."""

    faults: Sequence[Fault] = ()
    version: str = ""
    title: str = ""
    own_version: str = ""
    operations: int = 0
    samples: Sequence[Sample] = ()


def describe(content: bytes) -> Described:
    """Read a document and hold it against its standard. Raises ``Unreadable``."""
    answer = _answer("document", content, SECONDS)
    return Described(
        faults=[Fault(where=one_line(fault["where"]), what=one_line(fault["what"])) for fault in answer["faults"]],
        version=answer["version"],
        title=one_line(answer["title"]),
        own_version=one_line(answer["own_version"]),
        operations=answer["operations"],
        samples=[Sample(**sample) for sample in answer["samples"]],
    )


def compare(content: bytes, answers: Iterable[Answer]) -> list[Breach]:
    """What of several answers the document does not allow. Raises ``Unreadable`` where that cannot be told in time."""
    given = [vars(answer) | {"body": base64.b64encode(answer.body).decode()} for answer in answers]
    payload = {"document": base64.b64encode(content).decode(), "answers": given}
    found = _answer("answers", json.dumps(payload).encode(), ANSWER_SECONDS)["breaches"]
    return [Breach(**breach | {key: one_line(breach[key]) for key in ("what", "where")}) for breach in found]


def _answer(order: str, content: bytes, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", PACKAGE, order]
    # nothing of the portal's own settings, whose secrets a document of unknown making must not come near
    surroundings = {"PATH": os.defpath, "PYTHONUTF8": "1"}
    try:
        run = subprocess.run(  # noqa: S603
            command, cwd=HOME, env=surroundings, input=content, capture_output=True, timeout=seconds, check=True
        )
        answer = dict(json.loads(run.stdout))
    except subprocess.TimeoutExpired as error:
        raise Unreadable(SLOW) from error
    except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
        raise Unreadable(BROKE) from error
    if "refused" in answer:
        raise Unreadable(one_line(answer["refused"]))
    return answer
