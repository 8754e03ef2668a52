"""The process that reads one XLS or XLSX: ``PATH [SHEET]``; see ``apart``."""

from __future__ import annotations

import sys
from pathlib import Path

from guiyang_data.tables.apart import bounded, tell
from guiyang_data.tables.spreadsheets import SheetReader

MOST_MEMORY = 3 * 1024**3


def main(path: Path, sheet: str | None) -> None:
    """Tell the rows of a sheet."""
    tell(lambda: SheetReader(path, size=path.stat().st_size, sheet=sheet), sys.stdout.buffer)


if __name__ == "__main__":
    bounded(memory=MOST_MEMORY)
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
