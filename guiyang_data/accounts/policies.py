"""Who holds which role where. Every app's policies are built from these predicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from guiyang_data.accounts.counties import county_at
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.services import PLATFORM, NamedActor, subject_of

Principal = User | AnonymousUser | NamedActor
Rule = Callable[[Principal, Any], bool]


def held(user: Principal) -> frozenset[tuple[int, str]]:
    """``(agency id, role)`` of every role in force; read once for each user object."""
    if not isinstance(user, User) or not user.is_active or user.kind != User.Kind.STAFF:
        return frozenset()  # roles are given to staff alone
    cached = user.__dict__.get("_held_roles")
    if cached is None:
        roles = user.roles_in_force()
        user.__dict__["_held_roles"] = cached = frozenset((role.agency_id, role.role) for role in roles)
    return cached


def has_role(user: Principal, agency: Agency | int | None, *roles: Role) -> bool:
    """Whether ``user`` holds one of ``roles`` in ``agency``."""
    agency_id = agency.pk if isinstance(agency, Agency) else agency
    return any((agency_id, role.value) in held(user) for role in roles)


def agencies_with(user: Principal, *roles: Role) -> set[int]:
    """Ids of the agencies in which ``user`` holds one of ``roles`` (any role where none is named)."""
    wanted = {role.value for role in roles}
    return {agency for agency, role in held(user) if not wanted or role in wanted}


def holds_anywhere(user: Principal, *roles: Role) -> bool:
    """Whether ``user`` holds one of ``roles`` in any agency."""
    return bool(agencies_with(user, *roles))


def is_staff_member(user: Principal) -> bool:
    """Whether ``user`` acts for an agency."""
    return bool(held(user)) or is_system(user)


def is_system(user: Principal) -> bool:
    """Whether ``user`` is the service account of an information system."""
    return isinstance(user, User) and user.kind == User.Kind.SYSTEM and user.is_active


def acts_for(user: Principal, agency: Agency | int | None) -> bool:
    """Whether ``user`` is a member or a system of ``agency``."""
    agency_id = agency.pk if isinstance(agency, Agency) else agency
    if isinstance(user, User) and is_system(user):
        return user.agency is not None and user.agency.pk == agency_id
    return agency_id in agencies_with(user)


def subject_text(obj: models.Model | str | None) -> str:
    """The ledger's name of the object, or empty."""
    return subject_of(obj) if obj is not None else ""


class Policy:
    """The table of one app: verb -> who may. ``may`` draws the buttons, ``require`` guards the service."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = dict(rules)

    def may(self, user: Principal, verb: str, obj: Any = None) -> bool:
        """Whether ``user`` may do ``verb`` on ``obj``."""
        return self.rules[verb](user, obj)

    def require(self, user: Principal, verb: str, obj: Any = None) -> None:
        """Raise ``NotAllowed`` (403) unless ``user`` may do ``verb`` on ``obj``."""
        if not self.may(user, verb, obj):
            raise NotAllowed(
                "您没有办理这一事项的权限。如需办理，请联系本机关的系统管理员开通相应角色。",
                subject=subject_text(obj if isinstance(obj, models.Model) else None),
                verb=verb,
            )

    def verbs(self) -> Iterable[str]:
        """Every verb of the table."""
        return self.rules.keys()


def is_operator(user: Principal) -> bool:
    """Whether the act comes from the command line of the installation, which no page and no API can speak for."""
    return user is PLATFORM


def administers(user: Principal, agency: Agency | None) -> bool:
    """Whether ``user`` is a system administrator of ``agency`` (or the installation's operator)."""
    return is_operator(user) or has_role(user, agency, Role.SYSTEM_ADMIN)


def administers_all(user: Principal, obj: Any = None) -> bool:
    """Whether ``user`` is a system administrator of the municipal authority (or the installation's operator)."""
    return _of_municipal_authority(user, Role.SYSTEM_ADMIN)


def keeps_agencies(user: Principal, obj: Any = None) -> bool:
    """Whether ``user`` keeps the list of those whom the regulation binds.

    System administrators and officers of the municipal authority do, and the installation's operator.
    """
    return _of_municipal_authority(user, Role.SYSTEM_ADMIN, Role.MUNICIPAL_AUTHORITY)


def _of_municipal_authority(user: Principal, *roles: Role) -> bool:
    if is_operator(user):
        return True
    mine = agencies_with(user, *roles)
    # every page asks: for all but a few the answer needs no query
    return bool(mine) and Agency.objects.filter(pk__in=mine, is_authority=True, level=Agency.Level.MUNICIPAL).exists()


def _ends_agency(user: Principal, agency: Agency) -> bool:
    """Nobody ends the agency that they act for."""
    return keeps_agencies(user) and not acts_for(user, agency)


def _administers_people_of(user: Principal, agency: Agency) -> bool:
    return administers(user, agency) or administers_all(user)


def _administers_system(user: Principal, account: ServiceAccount) -> bool:
    return administers(user, account.agency)


POLICY = Policy(
    {
        "create-agency": administers_all,
        "end-agency": _ends_agency,
        "revive-agency": keeps_agencies,
        "open-staff-account": _administers_people_of,
        "assign-role": _administers_people_of,
        "end-role": lambda user, assignment: _administers_people_of(user, assignment.agency),
        "create-service-account": administers,
        "issue-credentials": _administers_system,
        "revoke-credentials": lambda user, application: _administers_system(user, application.service_account),
    }
)
"""Who administers accounts. What everybody does for themselves (identity, telephone, sessions) needs no rule."""

may = POLICY.may
require = POLICY.require


def agencies_below(*, superiors: set[int], counties: set[int]) -> set[int]:
    """Ids of the agencies that ``superiors`` are set over, and of all in the counties of ``counties`` (第四条)."""
    if not superiors | counties:
        return set()
    below = models.Q(superiors__in=superiors)
    for region in Agency.objects.filter(pk__in=counties).values_list("region_id", flat=True):
        below |= models.Q(region__code__startswith=county_at(region))
    return set(Agency.objects.filter(below).values_list("pk", flat=True))


def visible_agencies(user: Principal, agencies: models.QuerySet[Agency]) -> models.QuerySet[Agency]:
    """The agencies whose people and systems ``user`` administers."""
    if administers_all(user):
        return agencies
    return agencies.filter(pk__in=agencies_with(user, Role.SYSTEM_ADMIN))


def visible_systems(user: Principal, systems: models.QuerySet[ServiceAccount]) -> models.QuerySet[ServiceAccount]:
    """The service accounts whose credentials ``user`` may issue and revoke."""
    if is_operator(user):
        return systems
    return systems.filter(agency__in=agencies_with(user, Role.SYSTEM_ADMIN))
