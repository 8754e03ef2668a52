"""The process that reads one Parquet file: ``PATH``; see ``apart``."""

from __future__ import annotations

import sys
from pathlib import Path

from guiyang_data.tables.apart import bounded, tell
from guiyang_data.tables.parquetfiles import ParquetReader

MOST_MEMORY = 4 * 1024**3


def main(path: Path) -> None:
    """Tell the rows of the file."""
    tell(lambda: ParquetReader(path, size=path.stat().st_size), sys.stdout.buffer)


if __name__ == "__main__":
    bounded(memory=MOST_MEMORY)
    main(Path(sys.argv[1]))
