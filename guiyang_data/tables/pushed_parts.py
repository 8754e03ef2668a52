"""Several pushes as one source of rows, a part in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from guiyang_data.tables.pushed import read_pushed


class PartsReader:
    """``parts``: (where each lies, its format). Rows come in the order of ``header`` and are numbered from 1."""

    encoding = ""

    def __init__(self, parts: Sequence[tuple[Path, str]], header: Sequence[str]) -> None:
        self._parts, self._header = parts, list(header)
        self._sizes = [path.stat().st_size for path, _kind in parts]
        self.size = sum(self._sizes)
        self._done = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        yield 0, self._header
        line = 0
        for (path, kind), size in zip(self._parts, self._sizes, strict=True):
            pushed = read_pushed(path.read_bytes(), kind)
            places = [pushed.header.index(name) if name in pushed.header else None for name in self._header]
            for row in pushed.rows:
                line += 1
                yield line, ["" if place is None else row[place] for place in places]
            self._done += size

    def done_bytes(self) -> int:
        return self._done

    def close(self) -> None:
        return
