"""Who may do what with a catalogue entry and an information system: the predicates of the policy table."""

from __future__ import annotations

from catalog.models import (
    CatalogEntry,
    CoCollection,
    ConfidentialityReview,
    EntryRevision,
    InformationItem,
    InformationSystem,
    Interface,
    PublicationDecision,
    Pull,
)
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Principal,
    acts_for,
    agencies_with,
    has_role,
    is_operator,
    is_staff_member,
    is_system,
)
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over

AUTHORITY = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)

Subject = CatalogEntry | EntryRevision


def entry_of(obj: Subject) -> CatalogEntry:
    """The entry that an act is about, whichever revision it starts from."""
    return obj if isinstance(obj, CatalogEntry) else obj.entry


def same_person(one: User | None, other: Principal) -> bool:
    """Whether two accounts are one person's (who may hold several)."""
    return one is not None and isinstance(other, User) and one.holder_key == other.holder_key


def wrote(user: Principal, revision: EntryRevision) -> bool:
    """Whether the person compiled a revision or changed anything in it."""
    return same_person(revision.compiled_by, user) or (isinstance(user, User) and user.holder_key in revision.writers)


def compiles(user: Principal, obj: Subject) -> bool:
    """Stewards and systems of the provider compile and gather (第十一条、第十二条), and whoever was given the entry."""
    entry = entry_of(obj)
    if compiles_for(user, entry.provider):
        return True
    return isinstance(user, User) and is_staff_member(user) and user.has_perm("catalog.compile_entry", entry)


def compiles_for(user: Principal, agency: Agency) -> bool:
    return has_role(user, agency, Role.DATA_STEWARD) or (is_system(user) and acts_for(user, agency))


def brings_in(user: Principal, agency: Agency) -> bool:
    """Whoever compiles for the agency; and the operator, at its request, whose acts its own system account bears."""
    return is_operator(user) or compiles_for(user, agency)


def moves_catalogues(user: Principal, agency: Agency) -> bool:
    """Resource codes are the portal's to give; only whoever runs it brings in those of the one before."""
    return is_operator(user)


def gathers(user: Principal, obj: Subject) -> bool:
    return is_operator(user) or compiles(user, obj) or collects(user, obj)


def collects(user: Principal, obj: Subject) -> bool:
    """Stewards and systems of an agency that collects items of the entry in force, for just these (第十二条第二款)."""
    return bool(collecting_agencies(user, entry_of(obj)))


def collecting_agencies(user: Principal, entry: CatalogEntry) -> set[int]:
    """The agencies, others than the provider, for which ``user`` collects items of the entry in force."""
    own = compiling(user) if isinstance(user, User) else set()
    if not own or entry.in_force_id is None:
        return set()
    items = InformationItem.objects.filter(revision=entry.in_force_id, collector__in=own)
    return {pk for pk in items.order_by().values_list("collector", flat=True) if pk is not None}


def compiling(user: User) -> set[int]:
    """Agencies for which ``user`` compiles and gathers."""
    own = agencies_with(user, Role.DATA_STEWARD)
    return own | ({user.agency.pk} if is_system(user) and user.agency else set())


def sees_data(user: Principal, obj: Subject) -> bool:
    """Whoever compiles sees all items; a collecting agency the key and its own, see ``seen_as_collector``."""
    return compiles(user, obj) or collects(user, obj)


def seen_as_collector(user: User, entry: CatalogEntry) -> set[int] | None:
    """The agencies as whose collector ``user`` sees rows; None for those of the provider, who see them whole."""
    return None if compiles(user, entry) else collecting_agencies(user, entry)


def purpose_of(user: User, entry: CatalogEntry) -> str:
    """Why an agency reads what it collected, as the log of readings has it."""
    return "提供机关查看本机关数据" if compiles(user, entry) else "采集机关查看本机关采集的数据"


def answers_co_collection(user: Principal, asked: CoCollection) -> bool:
    """The asked agency's own decision, by another person than asked for it (第十二条第二款)."""
    return has_role(user, asked.agency_id, Role.DATA_STEWARD, Role.APPROVER) and not same_person(asked.asked_by, user)


def decides_for_provider(user: Principal, obj: Subject) -> bool:
    """The agency's own decision (第十二条第三款): not a delegate's."""
    return has_role(user, entry_of(obj).provider_id, Role.DATA_STEWARD, Role.APPROVER)


def reviews(user: Principal, revision: EntryRevision) -> bool:
    """Officers of the authority over the provider review, never what they compiled themselves (第十一条第三款)."""
    authority = authority_over(revision.entry.provider)
    return has_role(user, authority, *AUTHORITY) and not wrote(user, revision)


def approves(user: Principal, revision: EntryRevision) -> bool:
    """The government of the same level approves; the reviewer does not approve too (第十一条第三款)."""
    government = government_over(revision.entry.provider)
    if not has_role(user, government, Role.GOVERNMENT_APPROVER):
        return False
    return not (wrote(user, revision) or same_person(revision.reviewed_by, user))


def reviews_or_approves(user: Principal, revision: EntryRevision) -> bool:
    return reviews(user, revision) if revision.status == "in-review" else approves(user, revision)


def declares(user: Principal, obj: Subject) -> bool:
    """Provider and collecting agencies state the event; the authority may start the clock too (第十三条第二款)."""
    return sees_data(user, obj) or oversees(user, obj)


def declares_for_all(user: Principal, entry: CatalogEntry) -> bool:
    """Whether ``user`` states events about any agency's items: for the provider, or for the authority over it."""
    return compiles(user, entry) or oversees(user, entry)


def oversees(user: Principal, obj: Subject) -> bool:
    """The agency's date is not final: the authority over it may correct it (第十三条第二款)."""
    return has_role(user, authority_over(entry_of(obj).provider), *AUTHORITY)


def decides_confidentiality(user: Principal, review: ConfidentialityReview) -> bool:
    """A second person of the provider: neither who asked nor who compiled or changed it."""
    revision = review.revision
    if not isinstance(user, User) or not has_role(user, revision.entry.provider_id, Role.APPROVER):
        return False
    return not (same_person(review.asked_by, user) or wrote(user, revision))


def agency_of(obj: Agency | InformationSystem | Interface) -> Agency:
    """The agency whose system it is."""
    if isinstance(obj, Interface):
        return obj.system.agency
    return obj.agency if isinstance(obj, InformationSystem) else obj


def keeps_systems(user: Principal, obj: Agency | InformationSystem | Interface) -> bool:
    """Stewards, administrators and systems of the agency keep its register of systems (第十条)."""
    agency = agency_of(obj)
    return has_role(user, agency, Role.DATA_STEWARD, Role.SYSTEM_ADMIN) or (is_system(user) and acts_for(user, agency))


def checks(user: Principal, obj: Interface) -> bool:
    """Whoever keeps it, and the authority over the agency."""
    return keeps_systems(user, obj) or has_role(user, authority_over(agency_of(obj)), *AUTHORITY)


def pulls(user: Principal, obj: CatalogEntry | Pull) -> bool:
    """Who gathers for the entry and keeps the systems of the agency that sends has rows pulled from them."""
    if isinstance(obj, Pull):
        return obj.interface.system.agency_id in pulling_agencies(user, obj.entry)
    return bool(pulling_agencies(user, obj))


def pulling_agencies(user: Principal, entry: CatalogEntry) -> set[int]:
    """The agencies, the provider or such as collect with it, from whose systems ``user`` may have rows pulled."""
    own = {entry.provider_id} if compiles(user, entry) and keeps_systems(user, entry.provider) else set()
    return own | collecting_agencies(user, entry)


BY_ANOTHER = frozenset({"pass-decision-review", "confirm-decision"})
"""What only another person than proposed a publication does."""


def proposes_publication(user: Principal, authority: Agency) -> bool:
    """Officers of the authority that the catalogue belongs to (第十一条第三款)."""
    return has_role(user, authority, *AUTHORITY)


def proposes_anywhere(user: Principal) -> bool:
    """Whether ``user`` is an officer of an authority."""
    return bool(agencies_with(user, *AUTHORITY))


def decides_publication(user: Principal, decision: PublicationDecision) -> bool:
    """Officers of the authority that decides."""
    return has_role(user, decision.authority_id, *AUTHORITY)


def confirms_publication(user: Principal, decision: PublicationDecision) -> bool:
    """Another officer than proposed it reviews it for secrets, and confirms."""
    return decides_publication(user, decision) and not same_person(decision.proposed_by, user)


def never(user: Principal, obj: Subject) -> bool:
    return False


def own_agencies(user: User) -> set[int]:
    """Agencies in which ``user`` holds any role, or whose account it is."""
    return agencies_with(user) | ({user.agency.pk} if user.agency else set())
