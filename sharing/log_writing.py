"""Where every reading of the sharing side begins: the log's first row, and whom it touches (第十七条).

Rows, changes, verifications and e-documents all come through here, so that none is logged without a trace by which
those concerned are told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access as Logged
from guiyang_data.ledger.services import Ended, open_access
from sharing.limits import count_use
from sharing.models import SharingGrant
from sharing.rights import Access
from sharing.tracing.writing import Touched, write_trace

UNREAD = "未读取"
"""How the outcome of a reading begins that was refused, or failed, before anything left."""
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
) -> Logged:
    """Write the log's first row, beside it whom the reading touches, and count the call; all in one transaction.

    That is the caller's (``access_log``, or the act's own), and is committed before anything leaves. ``access`` None:
    the provider's own. ``query``: what is asked, in words that name nobody. ``ended``: where the rows are
    there already and only wait to leave, the log's second row too, and they are counted. Raises LimitReached.
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
    if isinstance(access, SharingGrant):
        count_use(access, rows=(ended.rows or 0) if ended else 0, at=at)
    return opened
