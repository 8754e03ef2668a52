"""Check rows against their columns, a batch at a time, in DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from guiyang_data.tables.batches import Batch
from guiyang_data.tables.check_digits import holds
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.conversion import PROBLEMS, clean, literal, typed
from guiyang_data.tables.plain_cells import PlainCells, whole_bound
from guiyang_data.tables.uncomputed import NO_RESULT, UNCOMPUTED

LINE = "_line"
WHOLE_ROW = "（整行）"

MISSING = "必填项没有填写"
TOO_LONG = "超过规定长度"
BAD_PATTERN = "不符合规定格式"
OUT_OF_RANGE = "超出规定范围（%s）"
NOT_IN_CODES = "不在代码表内"
BAD_WIDTH = "列数与表头不一致"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One cell that keeps its row out.

    ``row``: the whole row, so that nothing is lost: JSON by the names of the items, or an array where the row has
    another width than the header.
    """

    line: int
    column: str
    value: str
    reason: str
    row: str


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A batch, its cleaned texts and typed values, and which cells of each column are beyond doubt."""

    batch: Batch
    texts: list[pa.StringArray]
    rows: pa.Table
    rights: list[pa.BooleanArray]


class Checker:
    """Checks batches for one file: knows which cell of a row belongs to which column.

    ``positions``: for each column the index of its cell, None when the file does not carry it (then it is null).
    Pattern and code list are held against the cleaned text; length counts characters, or digits of a number.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], positions: Sequence[int | None]
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._positions = positions
        self._schema = pa.schema([(LINE, pa.int64()), *((column.code, column.data_type.arrow) for column in columns)])
        for index, column in enumerate(columns):
            if column.codes is not None:
                table = pa.table({"code": pa.array(list(dict.fromkeys(column.codes)), pa.string())})
                connection.register(f"codes_{index}", table)
        self._plain = [PlainCells(column) for column in columns]
        self._queries: dict[tuple[int, ...], str] = {}

    def check(self, batch: Batch) -> tuple[pa.Table, list[Refusal]]:
        """(rows that passed: ``_line`` and typed columns; refusals of the others, in the order of the file)."""
        return self.decide(self.glance(batch))

    def glance(self, batch: Batch) -> Glance:
        """Which rows are right at first sight; safe in any thread."""
        empty = pa.nulls(len(batch.lines), pa.string())
        texts = [
            empty if position is None else clean(batch.cells[position], column.data_type)
            for column, position in zip(self._columns, self._positions, strict=True)
        ]
        judged = [plain.judge(text) for plain, text in zip(self._plain, texts, strict=True)]
        rows = pa.table([batch.lines, *(values for values, _right in judged)], schema=self._schema)
        return Glance(batch=batch, texts=texts, rows=rows, rights=[right for _values, right in judged])

    def decide(self, seen: Glance) -> tuple[pa.Table, list[Refusal]]:
        """As ``check``: the full check is asked about the rows and the columns in doubt alone."""
        asked = [index for index, right in enumerate(seen.rights) if not pc.all(right).as_py()]
        if not asked:
            return seen.rows, []
        right = reduce(pc.and_, (seen.rights[index] for index in asked))
        doubted = pc.invert(right)
        left = Batch(
            lines=seen.batch.lines.filter(doubted),
            cells=[cells.filter(doubted) for cells in seen.batch.cells],
            odd=[],
        )
        texts = {index: seen.texts[index].filter(doubted) for index in asked}
        good, refusals = self.examine(left, texts, known=seen.rows.filter(doubted))
        return pa.concat_tables([seen.rows.filter(right), good]).sort_by(LINE), refusals

    def examine(
        self, batch: Batch, texts: Mapping[int, pa.StringArray], *, known: pa.Table | None = None
    ) -> tuple[pa.Table, list[Refusal]]:
        """The full check: every rule over every cell, whatever it looks like, of the columns whose ``texts`` are given.

        ``texts``: cleaned cells by the number of their column. ``known``: rows with the values of the other columns.
        """
        asked = tuple(sorted(texts))
        named = {f"t{index}": texts[index] for index in asked}
        self._connection.register("batch", pa.table({LINE: batch.lines, **named, **self._checked(texts)}))
        result = self._connection.sql(self._query(asked)).to_arrow_table()
        values = [
            result[f"v{index}"] if known is None or index in texts else known[column.code]
            for index, column in enumerate(self._columns)
        ]
        rows = pa.table([result[LINE], *values], names=self._schema.names)
        good = rows.filter(pc.invert(result["bad"])).cast(self._schema)
        if good.num_rows == len(batch.lines):
            return good, []
        return good, list(self._refusals(result, batch, asked))

    def _checked(self, texts: Mapping[int, pa.StringArray]) -> dict[str, pa.BooleanArray]:
        """Which numbers sum up, for the columns that have check digits."""
        kinds = ((index, self._columns[index].check_digits) for index in texts)
        return {f"k{index}": holds(kind, texts[index]) for index, kind in kinds if kind is not None}

    def _refusals(self, result: pa.Table, batch: Batch, asked: Sequence[int]) -> Iterator[Refusal]:
        bad = result.filter(result["bad"])
        columns = [column.filter(pc.is_in(batch.lines, value_set=bad[LINE])).to_pylist() for column in batch.cells]
        errors = [(index, bad[f"e{index}"].to_pylist()) for index in asked]
        for number, line in enumerate(bad[LINE].to_pylist()):
            cells = [column[number] for column in columns]
            whole = named_row(self._columns, self._positions, cells)
            for index, reasons in errors:
                if reasons[number] is not None:
                    position = self._positions[index]
                    value = "" if position is None else cells[position]
                    name = self._columns[index].name
                    yield Refusal(line=line, column=name, value=value, reason=reasons[number], row=whole)

    def _query(self, asked: tuple[int, ...]) -> str:
        if asked not in self._queries:
            self._queries[asked] = self._build(asked)
        return self._queries[asked]

    def _build(self, asked: Sequence[int]) -> str:
        values = ", ".join(f"{typed(f't{index}', self._columns[index].data_type)} AS v{index}" for index in asked)
        errors = ", ".join(f"{_error(index, self._columns[index])} AS e{index}" for index in asked)
        bad = " OR ".join(f"e{index} IS NOT NULL" for index in asked)
        found = ", ".join(f"v{index}, e{index}" for index in asked)
        return (
            f"SELECT {LINE}, {found}, ({bad}) AS bad FROM ("  # noqa: S608 - codes are checked, texts quoted
            f"SELECT *, {errors} FROM (SELECT *, {values} FROM batch)) ORDER BY {LINE}"
        )


def whole_row(cells: Sequence[str]) -> str:
    """A row as the list of refused rows keeps it where nobody can tell which cell is which item."""
    return json.dumps(list(cells), ensure_ascii=False)


def named_row(columns: Sequence[Column], positions: Sequence[int | None], cells: Sequence[str]) -> str:
    """A row as the list of refused rows keeps it: what was sent, by the names of the items it carries."""
    carried = zip(columns, positions, strict=True)
    named = {column.name: cells[place] for column, place in carried if place is not None}
    return json.dumps(named, ensure_ascii=False)


def _error(index: int, column: Column) -> str:
    text, value = f"t{index}", f"v{index}"
    cases = [
        f"WHEN {text} IS NULL THEN {literal(MISSING) if column.must_be_filled else 'NULL'}",
        f"WHEN {text} = {literal(UNCOMPUTED)} THEN {literal(NO_RESULT)}",
    ]
    if not column.data_type.is_text:
        cases.append(f"WHEN {value} IS NULL THEN {literal(PROBLEMS[column.data_type])}")
    cases += [f"WHEN {broken} THEN {literal(reason)}" for broken, reason in _rules(index, column)]
    return f"CASE {' '.join(cases)} END"


def _rules(index: int, column: Column) -> Iterator[tuple[str, str]]:
    text, value = f"t{index}", f"v{index}"
    if column.length is not None and column.data_type.is_text:
        yield f"length({text}) > {int(column.length)}", f"{TOO_LONG}（{column.length}个字）"
    if column.length is not None and column.data_type.is_numeric:
        yield (
            f"length(regexp_replace({text}, '[^0-9]', '', 'g')) > {int(column.length)}",
            f"{TOO_LONG}（{column.length}位）",
        )
    if column.pattern:
        yield f"NOT regexp_full_match({text}, {literal(column.pattern)})", BAD_PATTERN
    for bound, sign in ((column.minimum, "<"), (column.maximum, ">")):
        if bound is not None:
            yield f"{value} {sign} {_bound(bound, column.data_type)}", OUT_OF_RANGE % _range(column)
    if column.check_digits is not None:
        yield f"NOT k{index}", column.check_digits.reason
    if column.codes is not None:
        yield f"{text} NOT IN (SELECT code FROM codes_{index})", NOT_IN_CODES  # noqa: S608


def _range(column: Column) -> str:
    if column.minimum is None or column.maximum is None:
        return f"不小于{column.minimum}" if column.maximum is None else f"不大于{column.maximum}"
    return f"{column.minimum}至{column.maximum}"


def _bound(bound: str | int | float | Decimal | date, data_type: DataType) -> str:
    # Money is held against a bound of more decimals as it stands, not against the bound rounded.
    kind = "DECIMAL(38, 10)" if data_type is DataType.MONEY else data_type.sql
    if data_type is DataType.INTEGER and whole_bound(bound) is None:
        kind = "DOUBLE"
    return f"CAST({literal(str(bound))} AS {kind})"
