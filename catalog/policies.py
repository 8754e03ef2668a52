"""Who sees which catalogue entry, and who may do what with it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry, ConfidentialityReview, EntryRevision
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Policy, Principal, acts_for, has_role, is_staff_member, is_system
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over

AUTHORITY = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)


def _of_provider(user: Principal, revision: EntryRevision) -> bool:
    return compiles(user, revision.entry)


def compiles(user: Principal, entry: CatalogEntry) -> bool:
    """Stewards and systems of the provider compile and gather (第十一条、第十二条), and whoever was given the entry."""
    if has_role(user, entry.provider_id, Role.DATA_STEWARD):
        return True
    if is_system(user):
        return acts_for(user, entry.provider_id)
    return isinstance(user, User) and is_staff_member(user) and user.has_perm("catalog.compile_entry", entry)


def _compiles_for(user: Principal, agency: Agency) -> bool:
    return has_role(user, agency, Role.DATA_STEWARD) or (is_system(user) and acts_for(user, agency))


def _reviews(user: Principal, revision: EntryRevision) -> bool:
    return has_role(user, authority_over(revision.entry.provider), *AUTHORITY)


def _approves(user: Principal, revision: EntryRevision) -> bool:
    return has_role(user, government_over(revision.entry.provider), Role.GOVERNMENT_APPROVER)


def _reviews_or_approves(user: Principal, revision: EntryRevision) -> bool:
    return _reviews(user, revision) if revision.status == "in-review" else _approves(user, revision)


def _decides_confidentiality(user: Principal, review: ConfidentialityReview) -> bool:
    provider = review.revision.entry.provider_id
    return has_role(user, provider, Role.APPROVER) and isinstance(user, User) and user.pk != review.asked_by_id


POLICY = Policy(
    {
        "compile": _compiles_for,
        "edit": _of_provider,
        "submit": _of_provider,
        "drop": _of_provider,
        "revise": compiles,
        "gather": compiles,
        "adjust": compiles,
        "withdraw": _of_provider,
        "pass-review": _reviews,
        "approve": _approves,
        "send-back": _reviews_or_approves,
        "ask-confidentiality": _of_provider,
        "decide-confidentiality": _decides_confidentiality,
    }
)
may = POLICY.may
require = POLICY.require


def visible_to(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries in force are seen by all staff (第十四条); others by the provider, its authority and its government.

    The public sees the municipal sharing and open catalogues on pages of their own.
    """
    if not isinstance(user, User) or not is_staff_member(user):
        return entries.none()
    agency = user.agency
    if agency is None:
        return entries.none()
    seen = Q(in_force__isnull=False) | Q(provider=agency)
    if has_role(user, agency, Role.MUNICIPAL_AUTHORITY) or (
        has_role(user, agency, Role.GOVERNMENT_APPROVER) and agency.level == Agency.Level.MUNICIPAL
    ):
        return entries
    if has_role(user, agency, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER):
        seen |= Q(provider__region_id__startswith=agency.region_id[:6])
    return entries.filter(seen)
