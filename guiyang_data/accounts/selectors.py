"""Finding agencies and people."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Case, Prefetch, Q, QuerySet, When

from guiyang_data.accounts.counties import county_of
from guiyang_data.accounts.models import (
    Agency,
    Consent,
    GatewayMessage,
    RoleAssignment,
    ServiceAccount,
    SystemApplication,
    User,
)
from guiyang_data.accounts.policies import holds_anywhere
from guiyang_data.accounts.roles import DECIDERS, Role


def in_order(agencies: QuerySet[Agency]) -> QuerySet[Agency]:
    """Agencies as lists show them: of the city, then of its counties, then below, each by code."""
    level = Case(When(level=Agency.Level.MUNICIPAL, then=0), When(level=Agency.Level.COUNTY, then=1), default=2)
    return agencies.order_by(level, "code")


def municipal_authority() -> Agency:
    """The municipal big-data authority (市大数据主管部门)."""
    return Agency.objects.get(is_authority=True, level=Agency.Level.MUNICIPAL)


def municipal_government() -> Agency:
    """The municipal people's government."""
    return Agency.objects.get(kind=Agency.Kind.GOVERNMENT, level=Agency.Level.MUNICIPAL)


def authority_over(agency: Agency) -> Agency:
    """The authority that reviews an agency's catalogue (第十一条): its county's, or the municipal one.

    Municipal agencies, and counties without an authority of their own, fall to the municipal authority.
    """
    county = county_of(agency)
    found = Agency.objects.filter(is_authority=True, region_id=county, is_active=True).first() if county else None
    return found or municipal_authority()


def government_over(agency: Agency) -> Agency:
    """The government of the same level that approves an agency's catalogue (第十一条第三款)."""
    county = county_of(agency)
    governments = Agency.objects.filter(kind=Agency.Kind.GOVERNMENT, is_active=True)
    found = governments.filter(region_id=county, level=Agency.Level.COUNTY).first() if county else None
    return found or municipal_government()


def superiors_of(agency: Agency) -> list[Agency]:
    """The superior agencies (上级机关), which may be several."""
    return list(agency.superiors.filter(is_active=True).order_by("level", "code"))


def holders(agency: Agency, roles: Iterable[str]) -> QuerySet[User]:
    """Active users who hold one of ``roles`` in ``agency``."""
    assigned = RoleAssignment.objects.filter(agency=agency, role__in=list(roles), ended_on=None)
    return User.objects.filter(is_active=True, pk__in=assigned.values("user")).order_by("pk")


def holders_by_role(agencies: Iterable[int], roles: Iterable[str]) -> dict[tuple[int, str], list[User]]:
    """Active users who hold one of ``roles`` in one of ``agencies`` (ids), by agency and role. One query."""
    assigned = RoleAssignment.objects.filter(agency__in=set(agencies), role__in=set(roles), ended_on=None)
    found: dict[tuple[int, str], list[User]] = {}
    for row in assigned.filter(user__is_active=True).select_related("user").order_by("user_id", "pk"):
        found.setdefault((row.agency_id, row.role), []).append(row.user)
    return found


def agency_by_code(code: str) -> Agency | None:
    """The agency with this unified social credit code."""
    return Agency.objects.filter(code=code).first()


def names_of_actors(keys: Iterable[str]) -> dict[str, str]:
    """What to call the actors of events: agency and role for staff, no name for the public."""
    ids = {int(key.split(":")[1]) for key in keys if key.startswith("user:")}
    names = {"platform": "平台", "public": "社会公众"}
    users = User.objects.filter(pk__in=ids).prefetch_related("roles__agency", "service_account__agency")
    for user in users:
        names[user.actor_key] = _name_of(user)
    return names


def _name_of(user: User) -> str:
    if user.kind == User.Kind.PUBLIC:
        return "社会公众"
    if user.kind == User.Kind.SYSTEM:
        return f"{user.service_account.agency.short_name}·{user.service_account.name}"
    roles = [role for role in user.roles.all() if role.ended_on is None] or list(user.roles.all())
    if not roles:
        return user.display_name or user.username
    return f"{roles[0].agency.short_name}·{Role(roles[0].role).label}"


def agencies_matching(text: str) -> QuerySet[Agency]:
    """Agencies whose name or short name holds ``text``."""
    return Agency.objects.filter(Q(name__contains=text) | Q(short_name__contains=text), is_active=True)


def second_factor_required(user: User) -> bool:
    """Whether the setting asks this user for a second factor: those who decide."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and holds_anywhere(user, *DECIDERS)


def agency_roles(agency: Agency) -> QuerySet[RoleAssignment]:
    """Everyone who holds a role in an agency now."""
    assigned = RoleAssignment.objects.filter(agency=agency, ended_on=None)
    return assigned.select_related("user", "agency").order_by("user__display_name", "user_id", "role")


def systems_of(agency: Agency) -> QuerySet[ServiceAccount]:
    """The service accounts of an agency, each with its credentials in ``every_application``, newest first."""
    applications = SystemApplication.objects.order_by("-created", "-pk")
    return (
        ServiceAccount.objects.filter(agency=agency)
        .select_related("user", "agency")
        .prefetch_related(Prefetch("applications", queryset=applications, to_attr="every_application"))
        .order_by("name")
    )


def credentials_hold(user: User) -> bool:
    """Whether the credentials that a system came with are still good; of a person none are asked."""
    if user.called_with is None:
        return True
    return SystemApplication.objects.filter(pk=user.called_with, revoked_at=None).exists()


def sessions_of(user: User) -> list[UserSession]:
    """A user's own sessions that still stand, newest first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.last_seen_at, reverse=True)


def has_consented(user: User) -> bool:
    """Whether the user agreed to the privacy notice in force."""
    return Consent.objects.filter(user=user, notice_version=settings.PRIVACY_NOTICE_VERSION).exists()


def gateway_messages() -> QuerySet[GatewayMessage]:
    """What the demonstration's gateways sent, newest first."""
    return GatewayMessage.objects.order_by("-id")
