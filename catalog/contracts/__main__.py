"""The process that looks at one document (``document``) or at answers (``answers``): from standard input, JSON out.

It reads what others made, so it stands apart from the portal, with bounds on memory and time of its own.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from typing import Any

from catalog.contracts.conformance import Answer, breaches
from catalog.contracts.faults import faults_of, version_of
from catalog.contracts.parts import Unreadable
from catalog.contracts.reading import read
from catalog.contracts.sampling import count_operations, samples

MOST_MEMORY = 1024**3
MOST_SECONDS = 30
LONGEST_NAME = 200
NOTHING = "文档里没有一个接口操作。请在 paths 里写明接口的地址和方法。"


def main(order: str, content: bytes) -> dict[str, Any]:
    """Carry out one order."""
    try:
        return _document(content) if order == "document" else _answers(json.loads(content))
    except Unreadable as error:
        return {"refused": str(error)}


def _document(content: bytes) -> dict[str, Any]:
    document = read(content)
    faults = faults_of(document)
    info = document.get("info") if isinstance(document.get("info"), dict) else {}
    operations = 0 if faults else count_operations(document)
    if not faults and not operations:
        raise Unreadable(NOTHING)
    return {
        "faults": [fault.as_dict() for fault in faults],
        "version": version_of(document),
        "title": str((info or {}).get("title", ""))[:LONGEST_NAME],
        "own_version": str((info or {}).get("version", ""))[:60],
        "operations": operations,
        "samples": [] if faults else [sample.as_dict() for sample in samples(document)],
    }


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    document = read(base64.b64decode(given["document"]))
    found = [
        breach.as_dict()
        for answer in given["answers"]
        for breach in breaches(document, Answer(**answer | {"body": base64.b64decode(answer["body"])}))
    ]
    return {"breaches": found}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.stdin.buffer.read())))
