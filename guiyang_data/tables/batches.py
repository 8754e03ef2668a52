"""Rows on their way from a file to its check: some thousands at a time, every column at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from guiyang_data.tables.refusals import LoadRefused

Row = tuple[int, list[str]]

BATCH = 50_000
BATCH_CELLS = 32 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows as wide as the header: the lines they start on, and the texts of each column; ``odd``: rows that are not.

    Rows that are blank throughout are in neither.
    """

    lines: pa.Int64Array
    cells: list[pa.StringArray]
    odd: list[Row]

    @classmethod
    def of(cls, rows: Sequence[Row], odd: list[Row], width: int) -> Batch:
        """A batch from rows that were read one by one."""
        columns: Sequence[Sequence[str]] = list(zip(*(cells for _line, cells in rows), strict=True)) or [()] * width
        return cls(
            lines=pa.array([line for line, _cells in rows], pa.int64()),
            cells=[pa.array(list(column), pa.string()) for column in columns],
            odd=odd,
        )

    def joined(self, rows: Sequence[Row]) -> Batch:
        """With more rows of the header's width, all in the order of the file."""
        if not rows:
            return self
        more = Batch.of(rows, [], len(self.cells))
        lines = pa.concat_arrays([self.lines, more.lines])
        order = pc.sort_indices(lines)
        cells = [
            pa.concat_arrays([mine, theirs]).take(order) for mine, theirs in zip(self.cells, more.cells, strict=True)
        ]
        return Batch(lines=lines.take(order), cells=cells, odd=self.odd)


def batched(rows: Iterable[Row], width: int) -> Iterator[Batch]:
    """Rows that come one by one, as batches of no more than so many rows or characters.

    Raises LoadRefused where a cell holds a zero: CSV with one is no text, and no database keeps it.
    """
    good: list[Row] = []
    odd: list[Row] = []
    held = 0
    for line, cells in rows:
        (good if len(cells) == width else odd).append((line, cells))
        held += sum(map(len, cells))
        if len(good) + len(odd) >= BATCH or held >= BATCH_CELLS:
            yield _without_zeros(Batch.of(good, odd, width))
            good, odd, held = [], [], 0
    if good or odd:
        yield _without_zeros(Batch.of(good, odd, width))


def _without_zeros(batch: Batch) -> Batch:
    places = [pc.index(pc.match_substring(cells, "\0"), True).as_py() for cells in batch.cells]
    lines = [batch.lines[place].as_py() for place in places if place >= 0]
    lines += [line for line, cells in batch.odd if any("\0" in cell for cell in cells)]
    if lines:
        raise LoadRefused(f"第{min(lines)}行有零字符。请检查文字后重新上传，")
    return batch
