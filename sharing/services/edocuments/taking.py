"""Taking a document through a grant or a declared duty: what the law's effect rests on, so all of it is on record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import record, subject_of
from sharing.edocuments.files import whole_file
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.rows import covers
from sharing.edocuments.signing import sign_record
from sharing.edocuments.workflow import AS_THE_ORIGINAL, EDOCUMENT_WORKFLOW
from sharing.models import EDocument, EDocumentDelivery, SharingGrant, Taking
from sharing.rights import Access, Scope, scope_of
from sharing.services.checks import broken, require_valid_fields
from sharing.services.edocuments.reading import logged_delivery
from sharing.services.locking import GONE
from sharing.workflow import OWN_DUTIES

PREFIX = "QY"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """For what a document is taken. Without a ``purpose`` that of the right stands."""

    case_number: str
    purpose: str = ""


@transaction.atomic
def take_document(*, document_id: int, by: User, at: dt.datetime, access: Access, matter: Matter) -> EDocumentDelivery:
    """Take a document through a right that shows all it says, for a matter (第十六条第一款、第十七条).

    Raises NotSeen where the right does not cover it, NotAllowed where the right is not in force, WrongState where the
    document was revoked or has run out, LimitReached, RuleBroken without the matter.
    """
    document = lock_document(document_id)
    EDOCUMENT_POLICY.require(by, "take-document", document)
    scope = scope_of(by, access, at=at)
    if not covers(scope, document):
        raise NotSeen(GONE)
    EDOCUMENT_WORKFLOW.target("take-document", document.status)
    if document.has_run_out(day_of(at)):
        raise WrongState("这份电子文书的有效期已过，不能取用。请联系签发机关。", basis=AS_THE_ORIGINAL)
    if not matter.case_number.strip():
        raise broken(OWN_DUTIES, {"case_number": "请填写办理的事项或者办件编号，写入取用记录。"})
    whole_file(document)
    return _delivered(document, scope, matter, by=by, at=at)


def _delivered(document: EDocument, scope: Scope, matter: Matter, *, by: User, at: dt.datetime) -> EDocumentDelivery:
    access = scope.access
    delivery = EDocumentDelivery(
        number=next_number(PREFIX, day_of(at).year),
        document=document,
        agency=access.grantee if isinstance(access, SharingGrant) else access.agency,
        grant=access if isinstance(access, SharingGrant) else None,
        taking=access if isinstance(access, Taking) else None,
        purpose=(matter.purpose.strip() or access.purpose)[:500],
        case_number=matter.case_number.strip(),
        taken_by=by,
        taken_on=day_of(at),
        taken_at=at,
    )
    require_valid_fields(delivery, ["case_number", "purpose"], OWN_DUTIES)
    delivery.reading = logged_delivery(delivery, by=by, at=at, access=access)
    sign_record(delivery)
    delivery.save(force_insert=True)
    payload = {
        "delivery": delivery.number,
        "agency": delivery.agency.code,
        "through": subject_of(access),
        "reading": str(delivery.reading),
    }
    record(document, "take-document", by=by, at=at, basis=AS_THE_ORIGINAL, payload=payload)
    return delivery


def lock_document(pk: int) -> EDocument:
    """The document, locked until the transaction ends."""
    rows = EDocument.objects.select_for_update(of=("self",))
    found = rows.select_related("entry", "issuer", "version", "file").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found
