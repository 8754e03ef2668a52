"""Rows of a version as CSV, JSON or XLSX, streamed in the order of the file, with a check between batches."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv as arrow_csv
from openpyxl import Workbook

from guiyang_data.errors import RuleBroken
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.conversion import add_guard, guarded, literal
from guiyang_data.tables.reading_rows import OpenVersion, open_version
from guiyang_data.tables.selecting import Filter, Selection, select
from guiyang_data.texts import fit_for_xml

BATCH = 50_000
BOM = "\ufeff".encode()
SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
OPTIONS = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")

Check = Callable[[], object]


class TooLargeForSpreadsheet(RuleBroken):
    """More than one sheet or one cell of XLSX can hold; CSV has no such bound."""

    code = "too_large_for_spreadsheet"


@dataclass
class RowCount:
    """How many rows have left so far; for the record of a reading and for a progress bar."""

    rows: int = 0


def stream_csv(
    table: Path | str,
    version: int,
    *,
    columns: Sequence[Column],
    selected: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    row_condition: Sequence[Filter] = (),
    condition_columns: Sequence[Column] | None = None,
    bom: bool = False,
    for_excel: bool = False,
    check: Check | None = None,
    counter: RowCount | None = None,
) -> Iterator[bytes]:
    """The rows as CSV in UTF-8 under the Chinese names; the cells carry the value itself.

    ``for_excel``: with BOM, and with ``'`` before a text that a spreadsheet would run as a formula. ``check`` is called
    before every batch and ends the export by raising; ``counter`` is kept up to date. Raises as ``query`` does, before
    the first byte.
    """
    reading = _reading(table, version, columns, selected, filters, sort, row_condition, condition_columns)
    render = excel_expression if for_excel else csv_expression
    batches = _batches(reading, render, check, counter)
    names = [add_guard(c.name) if for_excel else c.name for c in reading.selection.columns]
    return csv_parts(names, batches, bom=bom or for_excel)


def stream_json(
    table: Path | str,
    version: int,
    *,
    columns: Sequence[Column],
    selected: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    row_condition: Sequence[Filter] = (),
    condition_columns: Sequence[Column] | None = None,
    keys: Literal["code", "name"] = "code",
    check: Check | None = None,
    counter: RowCount | None = None,
) -> Iterator[bytes]:
    """The rows as one JSON array of objects, keyed by code or by Chinese name.

    Dates are ISO, times ISO without a zone (wall time of Shanghai), decimals numbers with all their digits.
    """
    reading = _reading(table, version, columns, selected, filters, sort, row_condition, condition_columns)
    return json_parts(_batches(reading, json_expression, check, counter, joined=_object(keys)))


def write_xlsx(
    path: Path | str,
    table: Path | str,
    version: int,
    *,
    columns: Sequence[Column],
    selected: Sequence[str] | None = None,
    filters: Sequence[Filter] = (),
    sort: Sequence[str] = (),
    row_condition: Sequence[Filter] = (),
    condition_columns: Sequence[Column] | None = None,
    sheet: str = "数据",
    check: Check | None = None,
    counter: RowCount | None = None,
) -> None:
    """Write the rows as XLSX, formulas guarded; a job in the background (a million rows take about a minute).

    Raises TooLargeForSpreadsheet beyond 1,048,575 rows or 32,767 characters in a cell, and leaves no file.
    """
    reading = _reading(table, version, columns, selected, filters, sort, row_condition, condition_columns)
    book = Workbook(write_only=True)
    saved = False
    try:
        page = book.create_sheet(sheet)
        page.append([add_guard(column.name) for column in reading.selection.columns])
        _fill(page, _batches(reading, excel_expression, check, counter))
        book.save(str(path))
        saved = True
    finally:
        if not saved:
            # The rows so far lie in a temporary file that only saving removes.
            book.save(io.BytesIO())


def _fill(page: Any, rows: Generator[pa.RecordBatch, None, None]) -> None:
    written = 0
    with closing(rows) as batches:
        for batch in batches:
            written += batch.num_rows
            if written > SHEET_ROWS:
                raise TooLargeForSpreadsheet("数据超过一张工作表能放下的1048575行。请改为导出CSV，或者加上筛选条件。")
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                page.append([_sheet_cell(value) for value in row])


def _sheet_cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > CELL_CHARACTERS:
        raise TooLargeForSpreadsheet("有单元格超过电子表格能放下的32767个字。请改为导出CSV。")
    return fit_for_xml(value)


@dataclass(frozen=True)
class _Reading:
    """A reading checked and ready to run; each run opens the version anew."""

    table: Path | str
    version: int
    selection: Selection


def _reading(
    table: Path | str,
    version: int,
    columns: Sequence[Column],
    selected: Sequence[str] | None,
    filters: Sequence[Filter],
    sort: Sequence[str],
    row_condition: Sequence[Filter],
    condition_columns: Sequence[Column] | None,
) -> _Reading:
    with open_version(table, version) as opened:
        selection = select(
            opened,
            columns=columns,
            selected=selected,
            filters=filters,
            row_condition=row_condition,
            condition_columns=condition_columns,
            sort=sort,
        )
    return _Reading(table, version, selection)


Render = Callable[[Column, str], str]


def _batches(
    reading: _Reading,
    render: Render,
    check: Check | None,
    counter: RowCount | None,
    joined: Callable[[Sequence[Column], Sequence[str]], str] = lambda columns, cells: ", ".join(cells),
) -> Generator[pa.RecordBatch, None, None]:
    chosen = reading.selection
    cells = [render(column, value) for column, value in zip(chosen.columns, chosen.expressions, strict=True)]
    with open_version(reading.table, reading.version) as opened:
        sql = f"SELECT {joined(chosen.columns, cells)} FROM rows {chosen.where}{_order(opened, chosen)}"  # noqa: S608
        result = opened.connection.sql(sql, params=list(chosen.values))
        if check:
            check()
        for number, batch in enumerate(result.to_arrow_reader(BATCH)):
            if check and number:
                check()
            if counter:
                counter.rows += batch.num_rows
            yield batch


def _order(opened: OpenVersion, chosen: Selection) -> str:
    # The DuckDB file lies in the order of the file and is scanned in it; sorting would hold all rows in memory.
    if opened.contiguous and chosen.sorted_by_file:
        return ""
    return f" ORDER BY {chosen.order}"


def csv_expression(column: Column, value: str) -> str:
    """A cell of plain CSV: the value itself."""
    return f"CAST({value} AS VARCHAR)" if column.data_type is DataType.DATETIME else value


def excel_expression(column: Column, value: str) -> str:
    """A cell for a spreadsheet, which runs no formula."""
    return guarded(value) if column.data_type.is_text else csv_expression(column, value)


def json_expression(column: Column, value: str) -> str:
    """A value as JSON has it."""
    return f"replace(CAST({value} AS VARCHAR), ' ', 'T')" if column.data_type is DataType.DATETIME else value


def _object(keys: Literal["code", "name"]) -> Callable[[Sequence[Column], Sequence[str]], str]:
    def joined(columns: Sequence[Column], cells: Sequence[str]) -> str:
        named = zip(columns, cells, strict=True)
        pairs = (f"{literal(c.code if keys == 'code' else c.name)}: {cell}" for c, cell in named)
        return f"CAST(to_json({{{', '.join(pairs)}}}) AS VARCHAR)"

    return joined


def csv_parts(names: Sequence[str], batches: Generator[pa.RecordBatch, None, None], *, bom: bool) -> Iterator[bytes]:
    """CSV of batches under a header. The first batch is made before the header leaves: what fails, fails before."""
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(names)
    with closing(batches):
        first = next(batches, None)
        yield (BOM if bom else b"") + header.getvalue().encode()
        while first is not None:
            yield _csv_bytes(first)
            first = next(batches, None)


def _csv_bytes(batch: pa.RecordBatch) -> bytes:
    buffer = io.BytesIO()
    arrow_csv.write_csv(batch, buffer, write_options=OPTIONS)
    return buffer.getvalue()


def json_parts(batches: Generator[pa.RecordBatch, None, None]) -> Iterator[bytes]:
    """One JSON array of batches whose single column holds objects as text."""
    with closing(batches):
        start = "["
        for batch in batches:
            if batch.num_rows:
                yield (start + ",\n".join(batch.column(0).to_pylist())).encode()
                start = ",\n"
        yield b"[]" if start == "[" else b"]"
