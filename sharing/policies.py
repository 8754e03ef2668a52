"""Who sees which case of sharing and who may do what with it (第四条、第十五条、第十七条)."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from catalog.models import CatalogEntry
from catalog.policies import same_person
from guiyang_data.accounts.counties import county_at
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Policy,
    Principal,
    acts_for,
    agencies_with,
    has_role,
    holds_anywhere,
    is_operator,
    is_staff_member,
    is_system,
)
from guiyang_data.accounts.roles import ADMINISTRATORS, Role
from guiyang_data.accounts.selectors import municipal_authority, municipal_government
from sharing.models import (
    ChangeSubscription,
    Coordination,
    Deferral,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    Taking,
    UsageFlag,
)
from sharing.workflow import FlagStatus

Case = TypeVar("Case", bound=Model)

DECIDERS = (Role.DATA_STEWARD, Role.APPROVER)
READERS = tuple(role for role in Role if role not in ADMINISTRATORS)
"""Whoever runs, guards or audits the system reads no rows by that role."""
OVERSEERS = (Role.MUNICIPAL_AUTHORITY, Role.COORDINATOR, Role.SUPERVISOR)


# --- whose part somebody takes -----------------------------------------------------------------------


def works_for(user: Principal, agency: Agency | int | None) -> bool:
    """Whether ``user`` serves the agency's duties: by a role that is no administrator's, or as its system."""
    if is_system(user):
        return acts_for(user, agency)
    return has_role(user, agency, *READERS)


def decides_for(user: Principal, agency: Agency | int | None) -> bool:
    """Stewards, approvers and systems act for their agency towards others."""
    return has_role(user, agency, *DECIDERS) or (is_system(user) and acts_for(user, agency))


def delivers_for(user: Principal, agency: Agency | int | None) -> bool:
    """A reply is the agency's word: its approver gives it, or the system the agency lets answer."""
    return has_role(user, agency, Role.APPROVER) or (is_system(user) and acts_for(user, agency))


def working_agencies(user: Principal) -> set[int]:
    """Ids of the agencies that ``user`` works for."""
    if is_system(user) and isinstance(user, User):
        return {user.agency.pk} if user.agency else set()
    return agencies_with(user, *READERS)


# --- acts on an application --------------------------------------------------------------------------


def _replies(user: Principal, application: SharingApplication) -> bool:
    """Whoever submitted it, for whichever agency, does not answer it; nor under another account (ours)."""
    return delivers_for(user, application.provider_id) and not same_person(application.submitted_by, user)


def _reads_papers(user: Principal, application: SharingApplication) -> bool:
    """Both agencies, and who coordinates or decides a coordination of it."""
    if works_for(user, application.provider_id) or works_for(user, application.requester_id):
        return True
    settles = has_role(user, municipal_authority(), Role.COORDINATOR) or _decides_deadlock(user, None)
    return settles and application.coordinations.exists()


def _requests_coordination(user: Principal, application: SharingApplication) -> bool:
    return decides_for(user, application.requester_id)


APPLICATION_POLICY = Policy(
    {
        "apply": decides_for,
        "withdraw": lambda user, application: decides_for(user, application.requester_id),
        "resubmit": lambda user, application: decides_for(user, application.requester_id),
        "read-papers": _reads_papers,
        "draft-reply": lambda user, application: decides_for(user, application.provider_id),
        "agree": _replies,
        "agree-in-part": _replies,
        "refuse": _replies,
        "grant-on-opinion": _replies,
        "request-coordination": _requests_coordination,
    }
)


# --- acts on a grant, a taking and their rows --------------------------------------------------------


def _governs_right(user: Principal, access: SharingGrant | Taking) -> bool:
    """The provider's own decision (第十二条第三款)."""
    return has_role(user, access.entry.provider_id, *DECIDERS)


def _suspends_flagged(user: Principal, grant: SharingGrant) -> bool:
    """The municipal authority stops unusual use that was flagged and not decided yet (第十七条)."""
    flags = UsageFlag.objects.filter(grant=grant, status=FlagStatus.OPEN)
    return _oversees_use(user, grant) and flags.exists()


def _oversees_use(user: Principal, access: SharingGrant | Taking) -> bool:
    """Officers of the municipal authority, over every use but the authority's own."""
    mine = agencies_with(user, *OVERSEERS) - {access.reader.pk}
    return bool(mine) and municipal_authority().pk in mine


def _decides_flag(user: Principal, flag: UsageFlag) -> bool:
    return _governs_right(user, flag.access) or _oversees_use(user, flag.access)


def _ends_grant(user: Principal, grant: SharingGrant) -> bool:
    """The provider ends it, the grantee gives it up, the portal ends it with its entry."""
    return is_operator(user) or _governs_right(user, grant) or has_role(user, grant.grantee_id, *DECIDERS)


def _keeps_back(user: Principal, access: SharingGrant | Taking) -> bool:
    """Either agency's deciders: whose investigation it is may be the provider's or the requester's."""
    return _governs_right(user, access) or has_role(user, access.reader, *DECIDERS)


def _reads_by_grant(user: Principal, grant: SharingGrant) -> bool:
    """Members and systems of the grantee; where the grant names a system, no other system."""
    if not works_for(user, grant.grantee_id):
        return False
    if is_system(user) and isinstance(user, User) and grant.system is not None:
        return grant.system.user_id == user.pk
    return True


GRANT_POLICY = Policy(
    {
        "grant-standing": lambda user, entry: has_role(user, entry.provider_id, *DECIDERS),
        "suspend": lambda user, grant: _governs_right(user, grant) or _suspends_flagged(user, grant),
        "resume": _governs_right,
        "permit-verification": _governs_right,
        "propose-deferral": _keeps_back,
        "change": _governs_right,
        "end": _ends_grant,
        "supply": lambda user, grant: is_operator(user),
        "read": _reads_by_grant,
        "see-access": lambda user, grant: _sees_log(user, grant.entry.provider_id) or _sees_log(user, grant.grantee_id),
    }
)


LISTING_POLICY = Policy(
    {
        "reserve-from-lists": lambda user, entry: has_role(user, entry.provider_id, Role.APPROVER),
        "release-to-lists": lambda user, entry: has_role(user, entry.provider_id, Role.APPROVER),
    }
)
"""Whether the public lists tell of an entry is its provider's to answer for."""

STANDING_POLICY = Policy(
    {
        "change": lambda user, standing: has_role(user, standing.entry.provider_id, *DECIDERS),
        "suspend": lambda user, standing: has_role(user, standing.entry.provider_id, *DECIDERS),
        "resume": lambda user, standing: has_role(user, standing.entry.provider_id, *DECIDERS),
        "end": lambda user, standing: is_operator(user) or has_role(user, standing.entry.provider_id, *DECIDERS),
    }
)
"""Acts on an authorisation for a kind of agency. Who is covered gives up its own grant."""


def _sees_log(user: Principal, agency: Agency | int | None) -> bool:
    return has_role(user, agency, *DECIDERS, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


FLAG_POLICY = Policy(
    {
        "explain-flag": _decides_flag,
        "suspend-on-flag": lambda user, flag: flag.grant is not None and _decides_flag(user, flag),
        "question-on-flag": lambda user, flag: flag.taking is not None and _decides_flag(user, flag),
    }
)
"""A grant is suspended; what every agency may have is not, so that its use is put to the agency instead."""

WATCH_POLICY = Policy(
    {"set-watch-rule": lambda user, rule: has_role(user, municipal_authority(), Role.MUNICIPAL_AUTHORITY)}
)


def log_agencies(user: Principal) -> set[int]:
    """Ids of the agencies whose log of readings ``user`` sees."""
    return agencies_with(user, *DECIDERS, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


TAKING_POLICY = Policy(
    {
        "declare-taking": works_for,
        "read": lambda user, taking: works_for(user, taking.agency_id),
        "propose-deferral": _keeps_back,
        "see-access": lambda user, entry: _sees_log(user, entry.provider_id),
    }
)


def _subscribes(user: Principal, access: SharingGrant | Taking) -> bool:
    """Stewards, approvers and systems subscribe for their agency, where they may read themselves."""
    if isinstance(access, SharingGrant):
        return decides_for(user, access.grantee_id) and _reads_by_grant(user, access)
    return decides_for(user, access.agency_id)


SUBSCRIPTION_POLICY = Policy(
    {
        "subscribe": _subscribes,
        "unsubscribe": lambda user, subscription: decides_for(user, subscription.agency_id),
        "end-subscription": lambda user, subscription: is_operator(user),
        "see-deliveries": lambda user, subscription: works_for(user, subscription.agency_id),
    }
)


DEFERRAL_POLICY = Policy(
    {
        "confirm-deferral": lambda user, deferral: has_role(user, deferral.agency_id, Role.APPROVER),
        "decline-deferral": lambda user, deferral: has_role(user, deferral.agency_id, Role.APPROVER),
        "lift-deferral": lambda user, deferral: (
            has_role(user, deferral.agency_id, *DECIDERS) or has_role(user, municipal_authority(), Role.SUPERVISOR)
        ),
    }
)


def _at_a_counter(user: Principal, obj: Any = None) -> bool:
    """Officers of the authorities, municipal and county, sit at the counters where people prove who they are."""
    return holds_anywhere(user, Role.MUNICIPAL_AUTHORITY, Role.COUNTY_AUTHORITY)


PROOF_POLICY = Policy({"prove-at-counter": _at_a_counter})


# --- acts on a coordination --------------------------------------------------------------------------


def _coordinates(user: Principal, coordination: Coordination) -> bool:
    """Coordinators of the municipal authority who did not take part in the reply (第十五条第三款)."""
    if not has_role(user, municipal_authority(), Role.COORDINATOR):
        return False
    application = coordination.application
    took_part = (application.replied_by, application.drafted_by, application.submitted_by, coordination.requested_by)
    return not any(same_person(one, user) for one in took_part)


def _states(user: Principal, coordination: Coordination) -> bool:
    application = coordination.application
    return decides_for(user, application.requester_id) or decides_for(user, application.provider_id)


def _decides_deadlock(user: Principal, coordination: Coordination | None) -> bool:
    return has_role(user, municipal_government(), Role.GOVERNMENT_APPROVER)


def _never(user: Principal, obj: Any) -> bool:
    """Done only as part of another act."""
    return False


COORDINATION_POLICY = Policy(
    {
        "submit-statement": _states,
        "conclude-provide": _coordinates,
        "conclude-keep": _coordinates,
        "escalate": _coordinates,
        "decide-provide": _decides_deadlock,
        "decide-keep": _decides_deadlock,
        "carry-out": _never,
        "resolve": _never,
        "withdraw-coordination": lambda user, coordination: _requests_coordination(user, coordination.application),
    }
)


# --- what is visible ---------------------------------------------------------------------------------


def visible_applications(user: Principal, applications: QuerySet[SharingApplication]) -> QuerySet[SharingApplication]:
    """Both agencies, the municipal authority and government, their counties and superiors see a case (第四条)."""
    return seen_between(user, applications, provider="provider", requester="requester")


def visible_coordinations(user: Principal, coordinations: QuerySet[Coordination]) -> QuerySet[Coordination]:
    """As the application that it is about."""
    return seen_between(user, coordinations, provider="application__provider", requester="application__requester")


def visible_grants(user: Principal, grants: QuerySet[SharingGrant]) -> QuerySet[SharingGrant]:
    """Supervision sees that a grant is there; it gives no right to rows (第四条)."""
    return seen_between(user, grants, provider="entry__provider", requester="grantee")


def visible_flags(user: Principal, flags: QuerySet[UsageFlag]) -> QuerySet[UsageFlag]:
    """The provider and supervision; the agency that is flagged once it is called on to mend its use (第十七条)."""
    called_on = Q(status=FlagStatus.QUESTIONED, taking__agency__in=working_agencies(user))
    given = seen_between(user, CatalogEntry.objects.all(), provider="provider", requester="provider").values("pk")
    return flags.filter(Q(grant__entry__in=given) | Q(taking__entry__in=given) | called_on)


def visible_standings(user: Principal, standings: QuerySet[StandingAuthorisation]) -> QuerySet[StandingAuthorisation]:
    """An authorisation is seen by the provider, by those it covers or covered, and by supervision."""
    covered = visible_grants(user, SharingGrant.objects.exclude(standing=None)).values("standing")
    return standings.filter(Q(pk__in=covered) | Q(entry__provider__in=working_agencies(user)))


def visible_takings(user: Principal, takings: QuerySet[Taking]) -> QuerySet[Taking]:
    """Takings are seen in the agency that declared them, by the provider, and by supervision."""
    return seen_between(user, takings, provider="entry__provider", requester="agency")


def visible_subscriptions(user: Principal, rows: QuerySet[ChangeSubscription]) -> QuerySet[ChangeSubscription]:
    """As the taking or the grant that it rests on."""
    return seen_between(user, rows, provider="entry__provider", requester="agency")


def visible_deferrals(user: Principal, deferrals: QuerySet[Deferral]) -> QuerySet[Deferral]:
    """Who sees the log of either agency, and who supervises the whole city; never those concerned."""
    if not isinstance(user, User) or not is_staff_member(user):
        return deferrals.none()
    if sees_every_case(user):
        return deferrals
    mine = log_agencies(user)
    of_grants = Q(grant__grantee__in=mine) | Q(grant__entry__provider__in=mine)
    return deferrals.filter(of_grants | Q(taking__agency__in=mine) | Q(taking__entry__provider__in=mine))


def seen_between(user: Principal, rows: QuerySet[Case], *, provider: str, requester: str) -> QuerySet[Case]:
    """Both sides see a case, and whoever supervises one of them (第四条)."""
    if not isinstance(user, User) or not is_staff_member(user):
        return rows.none()
    if is_system(user):
        # it holds no role: its own agency's cases, asked at every call and hence without further questions
        mine = user.agency.pk if user.agency else None
        return rows.filter(Q(**{provider: mine}) | Q(**{requester: mine}))
    if sees_every_case(user):
        return rows
    own = agencies_with(user) | ({user.agency.pk} if user.agency else set())
    below = Agency.objects.filter(superiors__in=agencies_with(user, Role.SUPERVISOR)).values("pk")
    seen = Q(**{f"{provider}__in": own}) | Q(**{f"{requester}__in": own})
    seen |= Q(**{f"{provider}__in": below}) | Q(**{f"{requester}__in": below})
    overseen = agencies_with(user, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER)
    for region in Agency.objects.filter(pk__in=overseen).values_list("region_id", flat=True):
        seen |= Q(**{f"{provider}__region__code__startswith": county_at(region)})
    return rows.filter(seen)


def sees_every_case(user: User) -> bool:
    """The municipal authority and the municipal government supervise the whole city (第四条)."""
    over = agencies_with(user, *OVERSEERS, Role.GOVERNMENT_APPROVER)
    municipal = Agency.objects.filter(level=Agency.Level.MUNICIPAL, pk__in=over)
    return bool(over) and municipal.filter(Q(is_authority=True) | Q(kind=Agency.Kind.GOVERNMENT)).exists()


def takes_for(user: Principal, entry: CatalogEntry) -> Agency | None:
    """The agency for which ``user`` may take or apply for the entry; None where there is none but the provider."""
    mine = working_agencies(user) - {entry.provider_id}
    if not mine or not isinstance(user, User):
        return None
    if user.agency is not None and user.agency.pk in mine:
        return user.agency
    return Agency.objects.filter(pk__in=mine).order_by("pk").first()
