"""The rows that a doubt names by their key, looked for in the data that whoever reports may read (第十三条第三款).

Before the report is filed, and outside its transaction: to look for a row is to read it, and the log of that reading is
committed first. Whoever may not read such rows is told nothing of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import policies
from catalog.collecting import columns_seen
from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import Actor, Ended, access_log, open_access
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import BadFilter, Filter, query
from guiyang_data.tables.selecting import coerce
from guiyang_data.texts import one_line
from opendata.models import OpenDataset
from requests_app.corrections.models import Target
from requests_app.corrections.workflow import CORRECT
from requests_app.services.corrections.reporting import MOST_ROWS, Doubt
from requests_app.services.parties import refuse_if
from sharing.policies import takes_for
from sharing.reading import read_page
from sharing.rights import Access, Right, right_of
from sharing.selectors import grants_on, takings_of
from sharing.ways import PAGE, is_by_way, ways_for

PURPOSE = "核对反馈的数据疑义所指的行"
SHOWN_PLACES = 10


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows that may be read by their key. ``find``: which of some values of it there are."""

    key: Column
    version: int
    find: Callable[[Sequence[Filter]], Sequence[tuple[Any, ...]]]


def require_rows_there(
    *, by: Actor, entry: CatalogEntry, dataset: OpenDataset | None, doubt: Doubt, at: dt.datetime
) -> None:
    """Raise RuleBroken, naming the place of each, where a doubt is about rows that the current data does not have.

    Not where it says that they are missing, where the table has no single key, nor where ``by`` may not read its rows.
    """
    asked = [one_line(str(row.get("key", ""))) for row in doubt.rows]
    if doubt.target != Target.ROWS or doubt.is_missing or not any(asked) or len(asked) > MOST_ROWS:
        return
    rows = _public(dataset) if dataset is not None else _of_entry(by, entry, at)
    if rows is None:
        return
    values = {text: value for text in asked if text and (value := _value(rows.key, text)) is not None}
    try:
        found = rows.find([_named(rows.key, list(values))]) if values else []
    except DomainError:
        # the limits of a grant are used up, or it was changed just now: then it is not told
        return
    there = {row[0] for row in found}
    absent = [place for place, text in enumerate(asked, start=1) if text and values.get(text) not in there]
    if absent:
        message = _words(rows, absent, len(asked))
        refuse_if({"key": message, "rows": message}, CORRECT)


def _words(rows: _Rows, absent: Sequence[int], asked: int) -> str:
    which = "" if asked == 1 else f"所报第 {'、'.join(map(str, absent[:SHOWN_PLACES]))} 行："
    return (
        f"{which}现行数据（第 {rows.version} 版）里没有「{rows.key.name}」是这样的行。请核对后改正；"
        "数据里漏了这一行的，选上「数据里漏了这一行」。"
    )


def _named(key: Column, texts: Sequence[str]) -> Filter:
    # one alone is looked up in an index
    return Filter(key.code, "eq", texts[0]) if len(texts) == 1 else Filter(key.code, "in", list(texts))


def _value(key: Column, text: str) -> Any:
    try:
        return coerce(key, text)
    except BadFilter:
        return None


def _single_key(columns: Sequence[Column]) -> Column | None:
    keys = [column for column in columns if column.is_key]
    return keys[0] if len(keys) == 1 else None


def _public(dataset: OpenDataset) -> _Rows | None:
    current = dataset.current
    key = _single_key(current.schema) if current is not None else None
    if current is None or key is None:
        return None
    table, version, columns, code = dataset.table, current.table_version, current.schema, key.code

    def find(filters: Sequence[Filter]) -> Sequence[tuple[Any, ...]]:
        return query(table, version, columns=columns, selected=[code], filters=filters, limit=MOST_ROWS).rows

    return _Rows(key=key, version=current.number, find=find)


def _of_entry(by: Actor, entry: CatalogEntry, at: dt.datetime) -> _Rows | None:
    if not isinstance(by, User) or not is_staff_member(by):
        return None
    return _own(by, entry, at) if policies.may(by, "see-data", entry) else _shared(by, entry, at)


def _own(by: User, entry: CatalogEntry, at: dt.datetime) -> _Rows | None:
    """Those who provide or collect it."""
    version = entry.current_data
    if version is None or version.is_outdated:
        return None
    columns = columns_seen(version.revision, policies.seen_as_collector(by, entry))
    key = _single_key(columns)
    if key is None:
        return None
    code, number = key.code, version.table_version

    def find(filters: Sequence[Filter]) -> Sequence[tuple[Any, ...]]:
        rows = query(entry.table, number, columns=columns, selected=[code], filters=filters, limit=MOST_ROWS).rows
        with access_log():
            open_access(
                by=by,
                at=at,
                resource=entry,
                purpose=PURPOSE,
                items=[code],
                version=number,
                query={"filters": [code]},
                ended=Ended(rows=len(rows)),
            )
        return rows

    return _Rows(key=key, version=version.number, find=find)


def _shared(by: User, entry: CatalogEntry, at: dt.datetime) -> _Rows | None:
    """Those who take it: through the first grant or taking that shows them its key, by its items, rows and limits."""
    agency = takes_for(by, entry)
    if agency is None:
        return None
    accesses: list[Access] = [*grants_on(entry, agency), *takings_of(agency, entry)[:1]]
    for access in accesses:
        right = _right(by, access, at)
        key = _single_key(right.condition_columns) if right is not None else None
        if right is not None and key is not None and key in right.columns:
            return _Rows(key=key, version=right.version.number, find=_reader(by, access, right, key, at))
    return None


def _right(by: User, access: Access, at: dt.datetime) -> Right | None:
    try:
        right = right_of(by, access, at=at)
    except DomainError:
        return None
    return right if is_by_way(right, ways_for(PAGE)) else None


def _reader(
    by: User, access: Access, right: Right, key: Column, at: dt.datetime
) -> Callable[[Sequence[Filter]], Sequence[tuple[Any, ...]]]:
    def find(filters: Sequence[Filter]) -> Sequence[tuple[Any, ...]]:
        read = read_page(
            by=by,
            entry=right.entry,
            access=access,
            at=at,
            purpose=PURPOSE,
            items=[key.code],
            filters=filters,
            limit=MOST_ROWS,
            right=right,
        )
        return read.page.rows

    return find
