"""Reading e-documents, their deliveries and templates, and the rights through which they may be had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError
from sharing.edocuments.rows import covers
from sharing.edocuments.workflow import DocumentStatus
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery, SharingGrant, Taking
from sharing.policies import working_agencies
from sharing.rights import Access, Scope, scope_of
from sharing.selectors import usable_grants

STANDING_NAMES = [("issued", "有效"), ("expired", "已过有效期"), ("revoked", "已撤销")]
STANDINGS = tuple(name for name, _words in STANDING_NAMES)


def documents_with_parties(documents: QuerySet[EDocument]) -> QuerySet[EDocument]:
    """What lists and pages of documents show besides themselves."""
    return documents.select_related("entry__in_force", "issuer", "version__revision", "file", "template", "issued_by")


def deliveries_with_parties(deliveries: QuerySet[EDocumentDelivery]) -> QuerySet[EDocumentDelivery]:
    """What lists and pages of deliveries show besides themselves."""
    return deliveries.select_related(
        "document__entry__in_force",
        "document__issuer",
        "document__version",
        "document__file",
        "agency",
        "grant__source",
        "taking",
        "taken_by",
    )


def templates_with_entries(templates: QuerySet[DocumentTemplate]) -> QuerySet[DocumentTemplate]:
    """What the list of templates shows besides themselves; those in use first."""
    rows = templates.select_related("entry__in_force", "entry__provider", "entry__current_data")
    return rows.order_by("ended_at", "entry__resource_code", "title", "pk")


def templates_in_use() -> QuerySet[DocumentTemplate]:
    """The kinds of documents that the platform issues now."""
    return DocumentTemplate.objects.filter(ended_at=None)


def standing(documents: QuerySet[EDocument], wanted: str, on: dt.date) -> QuerySet[EDocument]:
    """Those that stand so on a day: ``issued``, ``expired`` or ``revoked``; all for anything else."""
    if wanted == "revoked":
        return documents.filter(status=DocumentStatus.REVOKED)
    run_out = Q(valid_until__lt=on)
    issued = documents.filter(status=DocumentStatus.ISSUED)
    if wanted == "expired":
        return issued.filter(run_out)
    return issued.exclude(run_out) if wanted == "issued" else documents


# --- rights ------------------------------------------------------------------------------------------


def accesses_of(user: User, *, on: dt.date, entry_id: int | None = None) -> list[Access]:
    """Grants in force and declared duties of the agencies that ``user`` works for, on entries that have documents."""
    mine = working_agencies(user)
    having = Exists(EDocument.objects.filter(entry=OuterRef("entry")))
    grants = usable_grants(on=on).filter(having, grantee__in=mine)
    takings = Taking.objects.filter(having, agency__in=mine, entry__in_force__isnull=False)
    if entry_id is not None:
        grants, takings = grants.filter(entry=entry_id), takings.filter(entry=entry_id)
    seen = ("entry__in_force", "entry__provider")
    return [
        *grants.select_related(*seen, "grantee").order_by("-granted_at", "-pk")[:100],
        *takings.select_related(*seen, "agency").order_by("-taken_at", "-pk")[:100],
    ]


def rights_to(user: User, document: EDocument, *, at: dt.datetime) -> list[Access]:
    """The accesses through which ``user`` may take the document now."""
    found = accesses_of(user, on=timezone.localdate(at), entry_id=document.entry_id)
    return [scope.access for scope in _usable(user, found, at) if covers(scope, document)]


def _usable(user: User, accesses: Iterable[Access], at: dt.datetime) -> Iterator[Scope]:
    for access in accesses:
        try:
            yield scope_of(user, access, at=at)
        except DomainError:
            continue  # suspended, frozen or withdrawn: no right now


def access_key(access: Access) -> str:
    """How a form or a call names a right: ``grant-12``, ``taking-3``."""
    return f"{'grant' if isinstance(access, SharingGrant) else 'taking'}-{access.pk}"
