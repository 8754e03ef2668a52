"""Who is shown that a notice was not delivered, and may see to it: those on whose behalf it was said."""

from __future__ import annotations

from django.db.models import QuerySet

from guiyang_data.accounts.policies import Policy, Principal, administers_all, agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.notices.models import Delivery

KEEPERS = tuple(role for role in Role if role not in {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Whoever works on cases, and whoever administers the accounts whose addresses are wrong."""


def _keeps(user: Principal, delivery: Delivery) -> bool:
    agency = delivery.notice.agency_id
    return (agency is not None and agency in agencies_with(user, *KEEPERS)) or administers_all(user)


POLICY = Policy({"send-again": _keeps, "tell-otherwise": _keeps})
may = POLICY.may
require = POLICY.require


def visible_to(user: Principal, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Sendings of one's agency; everybody's for the system administrator of the municipal authority."""
    if administers_all(user):
        return deliveries
    return deliveries.filter(notice__agency__in=agencies_with(user, *KEEPERS))
