"""Where every reading of the sharing side begins: the log's first row, and whom it touches (第十七条).

Rows, changes, verifications and e-documents all come through here, so that none is logged without a trace by which
those concerned are told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index
from guiyang_data.errors import DomainError
from guiyang_data.ledger.models import Access as Logged
from guiyang_data.ledger.services import Ended, open_access
from guiyang_data.tables.query import Filter
from sharing.identities import subject_index
from sharing.limits import count_use
from sharing.models import SharingGrant
from sharing.rights import Access, Right
from sharing.tracing.writing import NAMING, Touched, write_trace

UNREAD = "未读取"
"""How the outcome of a reading begins that was refused, or failed, before anything left."""
UNKNOWN_ITEM = "?"
LONGEST_PURPOSE, LONGEST_CASE_NUMBER = 500, 120


def begin_reading(
    *,
    by: User,
    at: dt.datetime,
    entry: CatalogEntry,
    touched: Touched,
    access: Access | None = None,
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] = (),
    version: int | None = None,
    query: Mapping[str, object],
    ended: Ended | None = None,
    is_counted: bool = True,
) -> Logged:
    """Write the log's first row, beside it whom the reading touches, and count the call; all in one transaction.

    That is the caller's (``access_log``, or the act's own), and is committed before anything leaves. ``access`` None:
    the provider's own. ``query``: what is asked, in words that name nobody. ``ended``: where the rows are
    there already and only wait to leave, the log's second row too, and they are counted; ``is_counted``: false of a
    call that came to nothing because the minute's calls were used up. Raises LimitReached.
    """
    opened = open_access(
        by=by,
        at=at,
        resource=entry,
        grant=access or "",
        purpose=purpose.strip()[:LONGEST_PURPOSE],
        case_number=case_number.strip()[:LONGEST_CASE_NUMBER],
        items=items,
        version=version,
        query=query,
        ended=ended,
    )
    write_trace(opened, entry, touched)
    # last, since calls of one grant wait for one another from here to the commit
    if is_counted and isinstance(access, SharingGrant):
        count_use(access, rows=(ended.rows or 0) if ended else 0, at=at)
    return opened


def filter_logged(item: Filter, right: Right) -> dict[str, Any]:
    """A filter as the log keeps it: values that could identify somebody only as a keyed hash."""
    plain = {column.code for column in right.columns} - right.sensitive
    (code,) = items_logged([item.code], right)
    logged: dict[str, Any] = {"code": code, "operator": item.operator[:20]}
    values = item.value if isinstance(item.value, list | tuple) else [item.value]
    names_one = item.operator in NAMING and len(values) == 1
    if names_one and item.code in right.singling and item.code in {column.code for column in right.columns}:
        logged["key"] = True
    if item.code in plain:
        return logged | {"value": str(values[0] if names_one else item.value)[:200]}
    index = subject_index if item.code in right.identities else blind_index
    return logged | {"value_index": [index(str(value)) for value in values]}


def items_logged(asked: Sequence[str], right: Right) -> list[str]:
    """Codes as the log keeps them: what is no item of the entry is somebody's typing, of which nothing is kept."""
    known = {column.code for column in right.condition_columns}
    return [code if code.removeprefix("-") in known else UNKNOWN_ITEM for code in asked]


def unread(refused: Exception) -> str:
    """How a refused reading ends in the log. Never the message: it repeats what was typed, which may name somebody."""
    return f"{UNREAD}：{refused.code if isinstance(refused, DomainError) else 'failed'}"
