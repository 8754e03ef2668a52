"""Who keeps an agency's matters, says what supplies a material, and judges (第十六条第二款)."""

from __future__ import annotations

from typing import Any

from catalog.policies import same_person
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Policy,
    Principal,
    acts_for,
    agencies_below,
    agencies_with,
    has_role,
    is_operator,
    is_system,
)
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import municipal_authority, municipal_government
from sharing.materials.workflow import LISTED
from sharing.models import MatterMaterial, ServiceMatter
from sharing.policies import DECIDERS, sees_every_case, working_agencies


def keeps_matters(user: Principal, agency: Agency | int | None) -> bool:
    """Stewards, approvers and systems keep the list of their own agency."""
    return has_role(user, agency, *DECIDERS) or (is_system(user) and acts_for(user, agency))


def is_officer(user: Principal) -> bool:
    """An officer of the municipal authority, which looks after sharing in the whole city (第四条第二款)."""
    return has_role(user, municipal_authority(), Role.MUNICIPAL_AUTHORITY)


def _declares_exception(user: Principal, material: MatterMaterial) -> bool:
    """That a law stands against it is the agency's word: its approver gives it."""
    agency = material.matter.agency_id
    return has_role(user, agency, Role.APPROVER) or (is_system(user) and acts_for(user, agency))


def _judges(user: Principal, material: MatterMaterial) -> bool:
    """The municipal authority judges what agencies say, never its own word: that is for the municipal government."""
    authority = municipal_authority()
    if same_person(material.decided_by, user):
        return False
    if material.matter.agency_id == authority.pk:
        return has_role(user, municipal_government(), Role.GOVERNMENT_APPROVER)
    return has_role(user, authority, Role.MUNICIPAL_AUTHORITY)


def _keeps(user: Principal, material: MatterMaterial) -> bool:
    return keeps_matters(user, material.matter.agency_id)


MATTER_POLICY = Policy(
    {
        "add-matter": keeps_matters,
        "import-matters": keeps_matters,
        "change-matter": lambda user, matter: keeps_matters(user, matter.agency_id),
    }
)

MATERIAL_POLICY = Policy(
    {
        "change-material": _keeps,
        "drop-material": _keeps,
        "ask-again": _keeps,
        "state-reasons": _keeps,
        "record-exception": _declares_exception,
        "accept-reasons": _judges,
        "decline-reasons": _judges,
        "strike-exception": _judges,
    }
)


def _proposes(user: Principal, supply: Any) -> bool:
    """Who provides the data, who asks for the material, and the municipal authority."""
    if has_role(user, supply.entry.provider_id, *DECIDERS) or is_officer(user):
        return True
    mine = agencies_with(user, *DECIDERS) | (working_agencies(user) if is_system(user) else set())
    listed = MatterMaterial.objects.filter(name=supply.name_id, status__in=LISTED, matter__is_active=True)
    return bool(mine) and listed.filter(matter__agency__in=mine).exists()


SUPPLY_POLICY = Policy(
    {
        "propose-supply": _proposes,
        "confirm-supply": lambda user, supply: is_officer(user) and not same_person(supply.proposed_by, user),
        "reject-supply": lambda user, supply: is_officer(user),
        "withdraw-supply": lambda user, supply: is_officer(user),
        "lapse": lambda user, supply: is_operator(user),
    }
)
"""A second person confirms what another proposed: one confirmation binds every agency in the city."""


def agencies_in_sight(user: Principal) -> set[int] | None:
    """Ids of the agencies whose lists one keeps or watches over; None for the whole city (第四条)."""
    if isinstance(user, User) and sees_every_case(user):
        return None
    superiors = agencies_with(user, Role.SUPERVISOR, Role.APPROVER, Role.GOVERNMENT_APPROVER)
    counties = agencies_with(user, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER)
    return working_agencies(user) | agencies_below(superiors=superiors, counties=counties)


def kept_agency(user: Principal) -> Agency | None:
    """The agency whose matters ``user`` keeps; of several their own."""
    mine = working_agencies(user) if is_system(user) else agencies_with(user, *DECIDERS)
    own = getattr(user, "agency", None)
    if own is not None and own.pk in mine:
        return own
    return Agency.objects.filter(pk__in=mine).order_by("pk").first()


def may_change(user: Principal, matter: ServiceMatter) -> bool:
    """Whether the person keeps this matter."""
    return MATTER_POLICY.may(user, "change-matter", matter)
