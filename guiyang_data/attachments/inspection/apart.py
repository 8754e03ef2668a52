"""Inspection and cleaning in a process of their own: a file that hangs or crashes it harms nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from guiyang_data.attachments.inspection.findings import NOT_CHECKED, Finding, Unreadable

SECONDS = 20
"""Longest time for one file."""
PACKAGE = "guiyang_data.attachments.inspection"
HOME = Path(__file__).resolve().parents[3]
SLOW, BROKE = "检查用时太长，没有完成", "检查时出错，没有完成"


def inspect_apart(path: Path, name: str) -> list[Finding]:
    """What was found; a file that could not be looked through in time is one finding ``not-checked``."""
    try:
        answer = _answer("inspect", name, path)
    except Unreadable as error:
        return [Finding(code=NOT_CHECKED, place="文件", sample=str(error), is_hidden=True)]
    return [Finding(**finding) for finding in answer["findings"]]


def clean_apart(path: Path, name: str, target: Path) -> None:
    """Write a cleaned copy to ``target``; ``Unreadable`` says why there can be none."""
    answer = _answer("clean", name, path, target)
    if "refused" in answer:
        raise Unreadable(answer["refused"])


def _surroundings(path: Path) -> dict[str, str]:
    """Nothing of the portal's own settings, whose secrets a file of unknown making must not come near.

    What is unpacked lies beside the file and goes with its folder, even where the process was killed.
    """
    return {"PATH": os.defpath, "PYTHONUTF8": "1", "TMPDIR": str(path.resolve().parent)}


def _answer(order: str, name: str, *paths: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", PACKAGE, order, name, *map(str, paths)]
    try:
        run = subprocess.run(  # noqa: S603
            command, cwd=HOME, env=_surroundings(paths[0]), capture_output=True, timeout=SECONDS, check=True
        )
        return dict(json.loads(run.stdout))
    except subprocess.TimeoutExpired as error:
        raise Unreadable(SLOW) from error
    except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
        raise Unreadable(BROKE) from error
