"""Revoking a document: whoever verifies it learns of it at once, and every agency that took it is told."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.ledger.services import record
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.workflow import AS_THE_ORIGINAL, EDOCUMENT_WORKFLOW
from sharing.models import EDocument
from sharing.services.checks import reasons_or_refuse, require_valid_fields
from sharing.services.edocuments.taking import lock_document
from sharing.services.telling import tell


@transaction.atomic
def revoke_document(*, document_id: int, by: User, at: dt.datetime, reasons: str) -> EDocument:
    """Take a document's effect away, with reasons, which its takers read on its page and nobody else.

    They may name a person, so that neither the event nor the notice repeats them.
    """
    document = lock_document(document_id)
    EDOCUMENT_POLICY.require(by, "revoke-document", document)
    document.status = EDOCUMENT_WORKFLOW.target("revoke-document", document.status)
    document.revoked_reasons = reasons_or_refuse(
        reasons, AS_THE_ORIGINAL, "请写明撤销的理由，取用过的机关需要知道缘由。"
    )
    document.revoked_by, document.revoked_on = by, day_of(at)
    require_valid_fields(document, ["revoked_reasons"], AS_THE_ORIGINAL)
    document.save(update_fields=["status", "revoked_reasons", "revoked_by", "revoked_on"])
    payload = {"number": document.number}
    record(document, "revoke-document", by=by, at=at, basis=AS_THE_ORIGINAL, payload=payload)
    title = f"电子文书已撤销：{document.title} {document.number}（{document.issuer.short_name}）"
    body = "此前取用的，不能再作为依据。理由见这份电子文书的页面；已经据此作出决定的，请依法处理。"
    for agency in Agency.objects.filter(edocument_deliveries__document=document).distinct().order_by("pk"):
        tell(agency, document, "revoked", title=title, body=body, at=at, basis=AS_THE_ORIGINAL)
    return document
