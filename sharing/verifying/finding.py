"""Finding the rows of the subjects asked about, all in one reading of the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Filter, query
from sharing.verifying.asking import recorded
from sharing.verifying.permission import Permission
from sharing.verifying.results import OnRecord, Question, Result, Verdict

ROWS_OF_ONE = 50
"""Rows of one subject that are held against its claims; nobody has more in a table that names persons."""

Row = dict[str, Any]


def results(permission: Permission, questions: Sequence[Question], told: Sequence[Column]) -> list[Result]:
    """The answer about each subject, in the order of the questions."""
    sought = permission.sought
    wanted = list(dict.fromkeys([*permission.keys, *permission.compared, *told]))
    asked = {question.keys[sought.code] for question in questions}
    rows = _rows(permission, wanted, asked, ROWS_OF_ONE * len(asked))
    if rows is None:
        # somebody has very many: each on its own, so that nobody crowds out another
        parts = (_rows(permission, wanted, [one], ROWS_OF_ONE, cut=True) for one in asked)
        rows = [row for part in parts for row in part or ()]
    by_key: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[recorded(sought)(row[sought.code])].append(row)
    return [
        _result(permission, place, question, by_key[question.keys[sought.code]], told)
        for place, question in enumerate(questions, start=1)
    ]


def _rows(
    permission: Permission, wanted: Sequence[Column], asked: Iterable[Any], most: int, *, cut: bool = False
) -> list[Row] | None:
    right, sought = permission.right, permission.sought
    values = [spelling for one in asked for spelling in spellings(sought, one)]
    page = query(
        right.entry.table,
        right.version.table_version,
        columns=right.condition_columns,
        selected=[column.code for column in wanted],
        filters=[Filter(sought.code, "in", values)],
        row_condition=right.conditions,
        condition_columns=right.condition_columns,
        limit=most,
    )
    if page.total > most and not cut:
        return None
    return [dict(zip(page.codes, row, strict=True)) for row in page.rows]


def spellings(column: Column, value: Any) -> tuple[Any, ...]:
    """A number may stand in the data with a small x."""
    return (value, value.lower()) if column.data_type.is_text and value != value.lower() else (value,)


def _result(
    permission: Permission, place: int, question: Question, rows: Sequence[Row], told: Sequence[Column]
) -> Result:
    mine = [row for row in rows if all(_same(column, row, question.keys) for column in permission.keys)]
    compared = {column.code: column for column in permission.compared}
    return Result(
        place=place,
        on_record=OnRecord.NO if not mine else OnRecord.YES if len(mine) == 1 else OnRecord.SEVERAL,
        claims={code: _verdict(compared[code], question, mine) for code in question.claims},
        items={column.code: mine[0][column.code] for column in told} if len(mine) == 1 else {},
    )


def _verdict(column: Column, question: Question, rows: Sequence[Row]) -> Verdict:
    known = [row for row in rows if row[column.code] is not None]
    if not known:
        return Verdict.NOT_ON_RECORD
    return Verdict.MATCH if any(_same(column, row, question.claims) for row in known) else Verdict.NO_MATCH


def _same(column: Column, row: Row, values: Any) -> bool:
    value = row[column.code]
    return value is not None and recorded(column)(value) == values[column.code]
