"""The process that looks into one file: ``inspect NAME PATH`` or ``clean NAME PATH TARGET``; JSON on standard output.

It reads files of unknown making, so it stands apart from the portal, with bounds on memory and time of its own.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from guiyang_data.attachments.inspection.cleaning import clean_file
from guiyang_data.attachments.inspection.findings import Unreadable
from guiyang_data.attachments.inspection.inspecting import inspect_file

MOST_MEMORY = 3 * 1024**3
MOST_SECONDS = 60


def main(arguments: list[str]) -> dict[str, Any]:
    """Carry out one order."""
    order, name, path, *target = arguments
    if order == "clean":
        try:
            clean_file(Path(path), name, Path(target[0]))
        except Unreadable as error:
            return {"refused": str(error)}
        return {"cleaned": True}
    return {"findings": [finding.as_dict() for finding in inspect_file(Path(path), name)]}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
