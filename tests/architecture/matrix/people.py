"""Who asks: one principal for every column of the tables."""

from __future__ import annotations

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from tests.factories.accounts import City, bearer, citizen, make_agency, staff, system

COLUMNS = (
    "anonymous",
    "citizen",
    "applicant",
    "plain",
    "steward",
    "approver",
    "requester",
    "stranger",
    "municipal",
    "county",
    "government",
    "coordinator",
    "reviewer",
    "supervisor",
    "system-admin",
    "security-admin",
    "audit-admin",
    "service",
    "scopeless",
)
"""The order of the letters in a row.

``citizen`` is not the ``applicant`` of the case. ``plain`` is staff without any role. ``steward``, ``approver``, the
three administrators and both services belong to the providing agency; ``requester`` to the agency that asks it for
data; ``stranger`` is a steward of an agency without any part in it; ``county`` is an officer of a county's authority,
the provider being a municipal department; ``service`` holds a token with every scope, ``scopeless`` one with none.
"""
SERVICES = ("service", "scopeless")


def people_of(town: City) -> dict[str, User]:
    """An account for every column but the anonymous one; services have their principal here and sign in nowhere."""
    elsewhere: Agency = make_agency("贵阳市民政局", superiors=(town.government,), short_name="市民政局")
    authority, provider = town.authority, town.provider
    machine = system(provider, "公交调度系统")
    return {
        "citizen": citizen(),
        "applicant": citizen(),
        "plain": staff(provider),
        "steward": staff(provider, Role.DATA_STEWARD),
        "approver": staff(provider, Role.APPROVER),
        "requester": staff(town.requester, Role.DATA_STEWARD),
        "stranger": staff(elsewhere, Role.DATA_STEWARD),
        "municipal": staff(authority, Role.MUNICIPAL_AUTHORITY),
        "county": staff(town.county_authority, Role.COUNTY_AUTHORITY),
        "government": staff(town.government, Role.GOVERNMENT_APPROVER),
        "coordinator": staff(authority, Role.COORDINATOR),
        "reviewer": staff(authority, Role.REVIEWER),
        "supervisor": staff(authority, Role.SUPERVISOR),
        "system-admin": staff(provider, Role.SYSTEM_ADMIN),
        "security-admin": staff(provider, Role.SECURITY_ADMIN),
        "audit-admin": staff(provider, Role.AUDIT_ADMIN),
        "service": machine.user,
        "scopeless": machine.user,
    }


def tokens_of(people: dict[str, User]) -> dict[str, dict[str, str]]:
    """The header that makes a call the service's: with every scope, and with one that opens nothing."""
    account = people["service"].service_account
    return {"service": bearer(account), "scopeless": bearer(account, "nothing")}
