"""Logging that a document's file is read: by the agency that issued it, or again by one that took it (第十七条)."""

from __future__ import annotations

import datetime as dt
import uuid

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import Ended, access_log
from sharing.edocuments.files import whole_file
from sharing.edocuments.rows import covers, persons_of
from sharing.edocuments.ways import KIND, OWN, TAKE
from sharing.log_writing import begin_reading
from sharing.models import EDocument, EDocumentDelivery
from sharing.rights import Access, scope_of
from sharing.services.locking import GONE
from sharing.tracing.writing import Named


def log_own_reading(*, document: EDocument, by: User, at: dt.datetime) -> uuid.UUID:
    """Log that the agency reads its own document; then the file may leave."""
    purpose = f"查看本机关签发的电子文书：{document.title}"
    with access_log():
        return _logged(document, by=by, at=at, kind=OWN, purpose=purpose, case_number=document.case_number)


def log_file_reading(*, delivery: EDocumentDelivery, by: User, at: dt.datetime) -> uuid.UUID:
    """Log that the file of a taken document is read again, by the right as it is now; then it may leave.

    Raises what ``scope_of`` raises, LimitReached, and Unavailable where the file is not the one that was issued.
    """
    scope = scope_of(by, delivery.access, at=at)
    if not covers(scope, delivery.document):
        raise NotSeen(GONE)
    whole_file(delivery.document)
    with access_log():
        return logged_delivery(delivery, by=by, at=at, access=scope.access)


def logged_delivery(delivery: EDocumentDelivery, *, by: User, at: dt.datetime, access: Access) -> uuid.UUID:
    """Log a reading of a taken document under its purpose and matter, and the right as it was just asked."""
    return _logged(
        delivery.document,
        by=by,
        at=at,
        kind=TAKE,
        purpose=delivery.purpose,
        case_number=delivery.case_number,
        access=access,
        delivery=delivery.number,
    )


def _logged(
    document: EDocument,
    *,
    by: User,
    at: dt.datetime,
    kind: str,
    purpose: str,
    case_number: str,
    access: Access | None = None,
    delivery: str = "",
) -> uuid.UUID:
    """One reading of one document, begun and ended: a document counts as one row of the day."""
    return begin_reading(
        by=by,
        at=at,
        entry=document.entry,
        touched=Named(kind=kind, numbers=persons_of(document)),
        access=access,
        purpose=purpose,
        case_number=case_number,
        items=document.items,
        version=document.version.number if document.version else None,
        query={"kind": KIND, "document": document.number, "delivery": delivery},
        ended=Ended(rows=1),
    ).reading
