"""Who sees which catalogue entry and which information system, and who may do what with it."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from catalog.models import (
    CatalogEntry,
    CatalogImport,
    CoCollection,
    ConfidentialityReview,
    EntryRevision,
    EntryUserPermission,
    InformationItem,
    InformationSystem,
    Interface,
    Load,
    Pull,
)
from catalog.workflow import CoCollectionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Policy,
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
from guiyang_data.errors import NotSeen

AUTHORITY = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)

Subject = CatalogEntry | EntryRevision


def entry_of(obj: Subject) -> CatalogEntry:
    """The entry that an act is about, whichever revision it starts from."""
    return obj if isinstance(obj, CatalogEntry) else obj.entry


def same_person(one: User | None, other: Principal) -> bool:
    """Whether two accounts are one person's (who may hold several)."""
    return one is not None and isinstance(other, User) and one.holder_key == other.holder_key


def compiles(user: Principal, obj: Subject) -> bool:
    """Stewards and systems of the provider compile and gather (第十一条、第十二条), and whoever was given the entry."""
    entry = entry_of(obj)
    if _compiles_for(user, entry.provider):
        return True
    return isinstance(user, User) and is_staff_member(user) and user.has_perm("catalog.compile_entry", entry)


def _compiles_for(user: Principal, agency: Agency) -> bool:
    return has_role(user, agency, Role.DATA_STEWARD) or (is_system(user) and acts_for(user, agency))


def _brings_in(user: Principal, agency: Agency) -> bool:
    """Whoever compiles for the agency; and the operator, at its request, whose acts its own system account bears."""
    return is_operator(user) or _compiles_for(user, agency)


def _moves_catalogues(user: Principal, agency: Agency) -> bool:
    """Resource codes are the portal's to give; only whoever runs it brings in those of the one before."""
    return is_operator(user)


def _gathers(user: Principal, obj: Subject) -> bool:
    return is_operator(user) or compiles(user, obj) or collects(user, obj)


def collects(user: Principal, obj: Subject) -> bool:
    """Stewards and systems of an agency that collects items of the entry in force, for just these (第十二条第二款)."""
    return bool(collecting_agencies(user, entry_of(obj)))


def collecting_agencies(user: Principal, entry: CatalogEntry) -> set[int]:
    """The agencies, others than the provider, for which ``user`` collects items of the entry in force."""
    own = _compiling(user) if isinstance(user, User) else set()
    if not own or entry.in_force_id is None:
        return set()
    items = InformationItem.objects.filter(revision=entry.in_force_id, collector__in=own)
    return {pk for pk in items.order_by().values_list("collector", flat=True) if pk is not None}


def _compiling(user: User) -> set[int]:
    """Agencies for which ``user`` compiles and gathers."""
    own = agencies_with(user, Role.DATA_STEWARD)
    return own | ({user.agency.pk} if is_system(user) and user.agency else set())


def _sees_data(user: Principal, obj: Subject) -> bool:
    """Whoever compiles sees all items; a collecting agency the key and its own, see ``seen_as_collector``."""
    return compiles(user, obj) or collects(user, obj)


def sees_parts(user: User, entry: CatalogEntry) -> bool:
    """Whether ``user`` sees what each collecting agency sent: inside the entry, or as one that collects for it."""
    return _sees_data(user, entry) or with_drafts_for(user, CatalogEntry.objects.filter(pk=entry.pk)).exists()


def seen_as_collector(user: User, entry: CatalogEntry) -> set[int] | None:
    """The agencies as whose collector ``user`` sees rows; None for those of the provider, who see them whole."""
    return None if compiles(user, entry) else collecting_agencies(user, entry)


def purpose_of(user: User, entry: CatalogEntry) -> str:
    """Why an agency reads what it collected, as the log of readings has it."""
    return "提供机关查看本机关数据" if compiles(user, entry) else "采集机关查看本机关采集的数据"


def answers_co_collection(user: Principal, asked: CoCollection) -> bool:
    """The asked agency's own decision, by another person than asked for it (第十二条第二款)."""
    return has_role(user, asked.agency_id, Role.DATA_STEWARD, Role.APPROVER) and not same_person(asked.asked_by, user)


def _decides_for_provider(user: Principal, obj: Subject) -> bool:
    """The agency's own decision (第十二条第三款): not a delegate's."""
    return has_role(user, entry_of(obj).provider_id, Role.DATA_STEWARD, Role.APPROVER)


def reviews(user: Principal, revision: EntryRevision) -> bool:
    """Officers of the authority over the provider review, never what they compiled themselves (第十一条第三款)."""
    authority = authority_over(revision.entry.provider)
    return has_role(user, authority, *AUTHORITY) and not same_person(revision.compiled_by, user)


def approves(user: Principal, revision: EntryRevision) -> bool:
    """The government of the same level approves; the reviewer does not approve too (第十一条第三款)."""
    government = government_over(revision.entry.provider)
    if not has_role(user, government, Role.GOVERNMENT_APPROVER):
        return False
    return not (same_person(revision.compiled_by, user) or same_person(revision.reviewed_by, user))


def _reviews_or_approves(user: Principal, revision: EntryRevision) -> bool:
    return reviews(user, revision) if revision.status == "in-review" else approves(user, revision)


def _declares(user: Principal, obj: Subject) -> bool:
    """Provider and collecting agencies state the event; the authority may start the clock too (第十三条第二款)."""
    return _sees_data(user, obj) or _oversees(user, obj)


def declares_for_all(user: Principal, entry: CatalogEntry) -> bool:
    """Whether ``user`` states events about any agency's items: for the provider, or for the authority over it."""
    return compiles(user, entry) or _oversees(user, entry)


def _oversees(user: Principal, obj: Subject) -> bool:
    """The agency's date is not final: the authority over it may correct it (第十三条第二款)."""
    return has_role(user, authority_over(entry_of(obj).provider), *AUTHORITY)


def decides_confidentiality(user: Principal, review: ConfidentialityReview) -> bool:
    """A second person of the provider: neither who asked nor who compiled."""
    revision = review.revision
    if not isinstance(user, User) or not has_role(user, revision.entry.provider_id, Role.APPROVER):
        return False
    return not (same_person(review.asked_by, user) or same_person(revision.compiled_by, user))


def agency_of(obj: Agency | InformationSystem | Interface) -> Agency:
    """The agency whose system it is."""
    if isinstance(obj, Interface):
        return obj.system.agency
    return obj.agency if isinstance(obj, InformationSystem) else obj


def keeps_systems(user: Principal, obj: Agency | InformationSystem | Interface) -> bool:
    """Stewards, administrators and systems of the agency keep its register of systems (第十条)."""
    agency = agency_of(obj)
    return has_role(user, agency, Role.DATA_STEWARD, Role.SYSTEM_ADMIN) or (is_system(user) and acts_for(user, agency))


def _checks(user: Principal, obj: Interface) -> bool:
    """Whoever keeps it, and the authority over the agency."""
    return keeps_systems(user, obj) or has_role(user, authority_over(agency_of(obj)), *AUTHORITY)


def _pulls(user: Principal, obj: CatalogEntry | Pull) -> bool:
    """Who gathers for the entry and keeps the systems of the agency that sends has rows pulled from them."""
    if isinstance(obj, Pull):
        return obj.interface.system.agency_id in pulling_agencies(user, obj.entry)
    return bool(pulling_agencies(user, obj))


def pulling_agencies(user: Principal, entry: CatalogEntry) -> set[int]:
    """The agencies, the provider or such as collect with it, from whose systems ``user`` may have rows pulled."""
    own = {entry.provider_id} if compiles(user, entry) and keeps_systems(user, entry.provider) else set()
    return own | collecting_agencies(user, entry)


def _never(user: Principal, obj: Subject) -> bool:
    return False


POLICY = Policy(
    {
        "compile": _compiles_for,
        "edit": compiles,
        "submit": compiles,
        "drop": compiles,
        "revise": compiles,
        "gather": _gathers,
        "see-data": _sees_data,
        "ask-co-collection": compiles,
        "confirm-co-collection": answers_co_collection,
        "decline-co-collection": answers_co_collection,
        "void-co-collection": _never,
        "restore-data": compiles,
        "adjust": _declares,
        "correct-event-day": _oversees,
        "withdraw": _decides_for_provider,
        "delegate": _decides_for_provider,
        "supersede": _never,
        "pass-review": reviews,
        "approve": approves,
        "send-back": _reviews_or_approves,
        "ask-confidentiality": compiles,
        "pass-confidentiality": decides_confidentiality,
        "refuse-confidentiality": decides_confidentiality,
        "void-confidentiality": _never,
        "import": _brings_in,
        "keep-codes": _moves_catalogues,
        "register-system": keeps_systems,
        "change-system": keeps_systems,
        "put-in-use": keeps_systems,
        "stop-system": keeps_systems,
        "resume-system": keeps_systems,
        "add-interface": keeps_systems,
        "change-interface": keeps_systems,
        "replace-document": keeps_systems,
        "pause-checking": keeps_systems,
        "resume-checking": keeps_systems,
        "check-now": _checks,
        "end-interface": keeps_systems,
        "add-pull": _pulls,
        "change-pull": _pulls,
        "try-pull": _pulls,
        "run-pull": _pulls,
        "pause-pull": _pulls,
        "resume-pull": _pulls,
        "end-pull": _pulls,
    }
)
may = POLICY.may
require = POLICY.require


def require_staff(user: Principal) -> None:
    """What only those who work for an agency have; for others it is not there."""
    if not is_staff_member(user):
        raise NotSeen("这里供机关工作人员使用。公开的共享目录和开放目录在「数据」栏目。")


def visible_to(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries in force are seen by all staff (第十四条); others by the provider, its authority, government, superiors.

    The public sees the municipal sharing and open catalogues on pages of their own.
    """
    if not isinstance(user, User) or not is_staff_member(user):
        return entries.none()
    return entries if _sees_all(user) else entries.filter(Q(in_force__isnull=False) | _inside(user))


def with_drafts_for(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries of which ``user`` also sees what is on its way."""
    if not isinstance(user, User) or not is_staff_member(user):
        return entries.none()
    return entries if _sees_all(user) else entries.filter(_inside(user))


def _inside(user: User) -> Q:
    """The provider, whoever was given the entry or asked to collect for it, its authority, government, superiors."""
    given = EntryUserPermission.objects.filter(user=user).values("content_object")
    asked = CoCollection.objects.filter(agency__in=_own_agencies(user)).exclude(status=CoCollectionStatus.VOIDED)
    return _inside_agency(user, "provider") | Q(pk__in=given) | Q(pk__in=asked.values("revision__entry"))


def _own_agencies(user: User) -> set[int]:
    return agencies_with(user) | ({user.agency.pk} if user.agency else set())


def _inside_agency(user: User, agency: str) -> Q:
    """Rows whose agency at this lookup is one's own, or one that an authority, government or superior watches over."""
    own = _own_agencies(user)
    below = Agency.objects.filter(superiors__in=agencies_with(user, Role.SUPERVISOR))
    inside = Q((f"{agency}__in", own)) | Q((f"{agency}__in", below.values("pk")))
    overseen = agencies_with(user, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER)
    for region in Agency.objects.filter(pk__in=overseen).values_list("region_id", flat=True):
        inside |= Q((f"{agency}__region__code__startswith", region[:6]))
    return inside


def _sees_all(user: User) -> bool:
    """The municipal authority and government supervise the whole city; that gives no rows (第四条)."""
    if agencies_with(user, Role.MUNICIPAL_AUTHORITY):
        return True
    governments = agencies_with(user, Role.GOVERNMENT_APPROVER)
    municipal = Agency.objects.filter(pk__in=governments, level=Agency.Level.MUNICIPAL)
    return bool(governments) and municipal.exists()


def visible_systems(user: Principal, systems: QuerySet[InformationSystem]) -> QuerySet[InformationSystem]:
    """Systems are seen inside their agency, and by the authority, the government and the superiors over it (第十条).

    Their addresses and levels of protection are nobody else's business.
    """
    if not isinstance(user, User) or not is_staff_member(user):
        return systems.none()
    return systems if oversees_all_systems(user) else systems.filter(_inside_agency(user, "agency"))


def oversees_all_systems(user: User) -> bool:
    """The municipal government, and whoever handles or supervises for the municipal authority (第四条)."""
    supervising = agencies_with(user, Role.SUPERVISOR)
    authority = Agency.objects.filter(pk__in=supervising, is_authority=True, level=Agency.Level.MUNICIPAL)
    return _sees_all(user) or (bool(supervising) and authority.exists())


def visible_interfaces(user: Principal, interfaces: QuerySet[Interface]) -> QuerySet[Interface]:
    """Interfaces of the systems one sees."""
    return interfaces.filter(system__in=visible_systems(user, InformationSystem.objects.all()).values("pk"))


def visible_revisions(user: Principal, entry: CatalogEntry) -> QuerySet[EntryRevision]:
    """All revisions for those inside; the others see what is or was in force."""
    if with_drafts_for(user, CatalogEntry.objects.filter(pk=entry.pk)).exists():
        return entry.revisions.all()
    return entry.revisions.filter(in_force_on__isnull=False)


def visible_loads(user: Principal, loads: QuerySet[Load]) -> QuerySet[Load]:
    """What was gathered, how and with which bad rows: the business of the agency that sent it (第十二条第三款).

    That is the provider and its delegates, or another agency that collects for the entry.
    """
    if not isinstance(user, User) or not is_staff_member(user):
        return loads.none()
    given = EntryUserPermission.objects.filter(user=user).values("content_object")
    own = _stewarded(user)
    provided = Q(entry__provider__in=own) | Q(entry__in=given)
    return loads.filter(Q(collector=None) & provided | Q(collector__in=own))


def visible_pulls(user: Principal, pulls: QuerySet[Pull]) -> QuerySet[Pull]:
    """Pulls are the business of those whose loads they make."""
    if not isinstance(user, User) or not is_staff_member(user):
        return pulls.none()
    given = EntryUserPermission.objects.filter(user=user).values("content_object")
    own, provided = _stewarded(user), Q(interface__system__agency=F("entry__provider"))
    return pulls.filter(Q(interface__system__agency__in=own) | provided & Q(entry__in=given))


def visible_imports(user: Principal, imports: QuerySet[CatalogImport]) -> QuerySet[CatalogImport]:
    """Imports into an agency's own catalogue."""
    if not isinstance(user, User) or not is_staff_member(user):
        return imports.none()
    return imports.filter(provider__in=_stewarded(user))


def visible_reviews(user: Principal, waiting: QuerySet[ConfidentialityReview]) -> QuerySet[ConfidentialityReview]:
    """Confidentiality reviews are seen inside the provider."""
    if not isinstance(user, User) or not is_staff_member(user):
        return waiting.none()
    given = EntryUserPermission.objects.filter(user=user).values("content_object")
    return waiting.filter(Q(revision__entry__provider__in=agencies_with(user)) | Q(revision__entry__in=given))


def visible_co_collections(user: Principal, asked: QuerySet[CoCollection]) -> QuerySet[CoCollection]:
    """What an agency was asked to collect is seen by it, and by whoever sees the drafts of the entry."""
    if not isinstance(user, User) or not is_staff_member(user):
        return asked.none()
    inside = with_drafts_for(user, CatalogEntry.objects.all())
    return asked.filter(Q(agency__in=_own_agencies(user)) | Q(revision__entry__in=inside.values("pk")))


def asked_of_own(user: Principal, asked: QuerySet[CoCollection]) -> QuerySet[CoCollection]:
    """What the agencies of ``user`` were asked to collect."""
    if not isinstance(user, User) or not is_staff_member(user):
        return asked.none()
    return asked.filter(agency__in=_own_agencies(user))


def _stewarded(user: User) -> set[int]:
    own = agencies_with(user, Role.DATA_STEWARD, Role.APPROVER)
    return own | ({user.agency.pk} if is_system(user) and user.agency else set())
