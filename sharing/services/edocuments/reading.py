"""Logging that a document's file is read: by the agency that issued it, or again by one that took it (第十七条)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import access_log, close_access, open_access
from sharing.edocuments.files import whole_file
from sharing.edocuments.rows import covers
from sharing.limits import count_call, count_rows
from sharing.models import EDocument, EDocumentDelivery
from sharing.rights import Scope, scope_of
from sharing.services.locking import GONE


def log_own_reading(*, document: EDocument, by: User, at: dt.datetime) -> uuid.UUID:
    """Log that the agency reads its own document; then the file may leave."""
    purpose = f"查看本机关签发的电子文书：{document.title}"
    with access_log():
        return logged(document, by=by, at=at, purpose=purpose, case_number=document.case_number)


def log_file_reading(*, delivery: EDocumentDelivery, by: User, at: dt.datetime) -> uuid.UUID:
    """Log that the file of a taken document is read again, by the right as it is now; then it may leave.

    Raises what ``scope_of`` raises, LimitReached, and Unavailable where the file is not the one that was issued.
    """
    scope = scope_of(by, delivery.access, at=at)
    if not covers(scope, delivery.document):
        raise NotSeen(GONE)
    whole_file(delivery.document)
    with access_log():
        reading = logged_delivery(delivery, by=by, at=at)
        # last, since calls of one grant wait for one another from here to the commit
        count(scope, at=at)
    return reading


def logged_delivery(delivery: EDocumentDelivery, *, by: User, at: dt.datetime) -> uuid.UUID:
    """Log a reading of a taken document under its right, purpose and matter."""
    return logged(
        delivery.document,
        by=by,
        at=at,
        purpose=delivery.purpose,
        case_number=delivery.case_number,
        grant=delivery.access,
        delivery=delivery.number,
    )


def logged(
    document: EDocument,
    *,
    by: User,
    at: dt.datetime,
    purpose: str,
    case_number: str,
    grant: Any = "",
    delivery: str = "",
) -> uuid.UUID:
    """One reading of one document, begun and ended: a document counts as one row."""
    opened = open_access(
        by=by,
        at=at,
        resource=document.entry,
        grant=grant,
        purpose=purpose,
        case_number=case_number,
        items=document.items,
        version=document.version.number if document.version else None,
        query={"kind": "edocument", "document": document.number, "delivery": delivery},
    )
    close_access(opened, at=at, rows=1)
    return opened.reading


def count(scope: Scope, *, at: dt.datetime) -> None:
    """Count a call and a row of the right's day. Raises LimitReached."""
    if scope.grant is not None:
        count_call(scope.grant, at=at)
        count_rows(scope.grant, 1, at=at)
