"""Who sees which catalogue entry, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from catalog.models import (
    CatalogEntry,
    CatalogImport,
    CoCollection,
    ConfidentialityReview,
    EntryRevision,
    EntryUserPermission,
    InformationSystem,
    Interface,
    Load,
    PublicationDecision,
    Pull,
)
from catalog.policies.acting import AUTHORITY, own_agencies, sees_data
from catalog.workflow import CoCollectionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Principal, agencies_below, agencies_with, is_staff_member, is_system
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen


def require_staff(user: Principal) -> None:
    """What only those who work for an agency have; for others it is not there."""
    if not is_staff_member(user):
        raise NotSeen("这里供机关工作人员使用。公开的共享目录和开放目录在「数据」栏目。")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Whose drafts somebody sees: of the whole city, or of some agencies and some entries (ids).

    Whoever works for no agency sees nothing here.
    """

    is_staff: bool = True
    whole: bool = False
    agencies: frozenset[int] = frozenset()
    entries: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return f"{self.is_staff} {self.whole} {sorted(self.agencies)} {sorted(self.entries)}"

    def drafts(self, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
        """Entries of which what is on its way is seen too."""
        return self._of_staff(entries) if self.whole else self._of_staff(entries).filter(self._inside())

    def seen(self, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
        """All that is in force, which all staff see (第十四条), and the drafts."""
        published = Q(in_force__isnull=False)
        return self._of_staff(entries) if self.whole else self._of_staff(entries).filter(published | self._inside())

    def _of_staff(self, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
        return entries if self.is_staff else entries.none()

    def _inside(self) -> Q:
        # named one by one: a question within a condition about two things makes a database read every entry there is
        return Q(provider__in=self.agencies) | Q(pk__in=self.entries)


def sight_of(user: Principal) -> Sight:
    """What ``user`` sees of the catalogue.

    Drafts are seen by the provider, whoever was given the entry or asked to collect for it, its authority, government
    and superiors.
    """
    if not isinstance(user, User) or not is_staff_member(user):
        return Sight(is_staff=False)
    if sees_all(user):
        return Sight(whole=True)
    given = EntryUserPermission.objects.filter(user=user).values_list("content_object", flat=True)
    asked = CoCollection.objects.filter(agency__in=own_agencies(user)).exclude(status=CoCollectionStatus.VOIDED)
    named = given.order_by().union(asked.order_by().values_list("revision__entry", flat=True))
    return Sight(agencies=frozenset(own_agencies(user) | _below(user)), entries=frozenset(named))


def visible_to(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries in force are seen by all staff (第十四条); others by the provider, its authority, government, superiors.

    The public sees the municipal sharing and open catalogues on pages of their own.
    """
    return sight_of(user).seen(entries)


def sees_entry(user: Principal, entry: CatalogEntry) -> bool:
    """Whether ``entry`` is among those ``visible_to`` the user; of what is in force no query tells."""
    if entry.in_force_id is not None:
        return isinstance(user, User) and is_staff_member(user)
    return visible_to(user, CatalogEntry.objects.filter(pk=entry.pk)).exists()


def with_drafts_for(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries of which ``user`` also sees what is on its way."""
    return sight_of(user).drafts(entries)


def _inside_agency(user: User, agency: str) -> Q:
    """Rows whose agency at this lookup is one's own, or one that an authority, government or superior watches over."""
    return Q((f"{agency}__in", own_agencies(user) | _below(user)))


def _below(user: User) -> set[int]:
    """Agencies of the county of an authority or government, and those that a supervisor is set over."""
    overseen = agencies_with(user, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER)
    return agencies_below(superiors=agencies_with(user, Role.SUPERVISOR), counties=overseen)


def sees_all(user: User) -> bool:
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
    return sees_all(user) or (bool(supervising) and authority.exists())


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
    return asked.filter(Q(agency__in=own_agencies(user)) | Q(revision__entry__in=inside.values("pk")))


def asked_of_own(user: Principal, asked: QuerySet[CoCollection]) -> QuerySet[CoCollection]:
    """What the agencies of ``user`` were asked to collect."""
    if not isinstance(user, User) or not is_staff_member(user):
        return asked.none()
    return asked.filter(agency__in=own_agencies(user))


def _stewarded(user: User) -> set[int]:
    own = agencies_with(user, Role.DATA_STEWARD, Role.APPROVER)
    return own | ({user.agency.pk} if is_system(user) and user.agency else set())


def sees_parts(user: User, entry: CatalogEntry) -> bool:
    """Whether ``user`` sees what each collecting agency sent: inside the entry, or as one that collects for it."""
    return sees_data(user, entry) or with_drafts_for(user, CatalogEntry.objects.filter(pk=entry.pk)).exists()


def visible_decisions(user: Principal, decisions: QuerySet[PublicationDecision]) -> QuerySet[PublicationDecision]:
    """Decisions are seen by the officers of the authority and those over it; once public, by whom they concern too."""
    if not isinstance(user, User) or not is_staff_member(user):
        return decisions.none()
    if sees_all(user):
        return decisions
    own = own_agencies(user)
    was_public = Q(agency__in=own, confirmed_at__isnull=False)
    governed = Agency.objects.filter(pk__in=agencies_with(user, Role.GOVERNMENT_APPROVER)).values("region")
    ruled = Q(region__in=governed) | Q(agency__region__in=governed)
    return decisions.filter(Q(authority__in=agencies_with(user, *AUTHORITY)) | was_public | ruled)
