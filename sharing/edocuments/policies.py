"""Who issues, takes, reads and revokes an e-document, and who sees that it is there (第十六条第一款)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Policy, Principal, acts_for, has_role, is_system
from guiyang_data.accounts.roles import Role
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery
from sharing.policies import DECIDERS, seen_between, working_agencies, works_for


def issues_for(user: Principal, agency: Agency | int | None) -> bool:
    """Stewards, approvers and systems of the agency whose data or file it is."""
    return has_role(user, agency, *DECIDERS) or (is_system(user) and acts_for(user, agency))


def _revokes(user: Principal, document: EDocument) -> bool:
    """Taking an effect away is the agency's word: its approver's, or the system's that the agency lets speak."""
    agency = document.issuer_id
    return has_role(user, agency, Role.APPROVER) or (is_system(user) and acts_for(user, agency))


def _takes(user: Principal, document: EDocument) -> bool:
    """Members and systems of any other agency; through which right is asked apart."""
    return bool(working_agencies(user) - {document.issuer_id})


EDOCUMENT_POLICY = Policy(
    {
        "set-document-template": lambda user, entry: issues_for(user, entry.provider_id),
        "end-document-template": lambda user, template: issues_for(user, template.entry.provider_id),
        "issue-document": lambda user, template: issues_for(user, template.entry.provider_id),
        "register-document": lambda user, template: issues_for(user, template.entry.provider_id),
        "read-document": lambda user, document: works_for(user, document.issuer_id),
        "take-document": _takes,
        "revoke-document": _revokes,
        "read-delivery": lambda user, delivery: works_for(user, delivery.agency_id),
    }
)


def visible_documents(user: Principal, documents: QuerySet[EDocument]) -> QuerySet[EDocument]:
    """The agency that issued it, those that took it, and supervision see that a document is there (第四条)."""
    issued = seen_between(user, documents, provider="issuer", requester="issuer")
    taken = EDocumentDelivery.objects.filter(document=OuterRef("pk"), agency__in=working_agencies(user))
    return documents.filter(Q(pk__in=issued.values("pk")) | Exists(taken))


def visible_deliveries(user: Principal, deliveries: QuerySet[EDocumentDelivery]) -> QuerySet[EDocumentDelivery]:
    """Both agencies and supervision see that it was taken."""
    return seen_between(user, deliveries, provider="document__issuer", requester="agency")


def visible_templates(user: Principal, templates: QuerySet[DocumentTemplate]) -> QuerySet[DocumentTemplate]:
    """Templates of the agencies that one issues for."""
    mine = {agency for agency in working_agencies(user) if issues_for(user, agency)}
    return templates.filter(entry__provider__in=mine)


def knows_holder(user: User, document: EDocument) -> bool:
    """Whether ``user`` reads whose it is: in the agency that issued it, or one that took it."""
    mine = working_agencies(user)
    return document.issuer_id in mine or document.deliveries.filter(agency__in=mine).exists()
