"""Whose addresses one sees and keeps: one's own, and as a system administrator those of the agency's systems."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Policy, Principal, administers, agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.notices.models import Receiver


def _owner_or_administrator(user: Principal, receiver: Receiver) -> bool:
    return _is_for(user, receiver.owner)


def _is_for(user: Principal, owner: Any) -> bool:
    if not isinstance(user, User) or not user.is_active:
        return False
    account = getattr(owner, "service_account", None)
    return user.pk == owner.pk or (account is not None and administers(user, account.agency))


POLICY = Policy(
    {
        "register-webhook": _is_for,
        "pause-webhook": _owner_or_administrator,
        "resume-webhook": _owner_or_administrator,
        "renew-webhook-secret": _owner_or_administrator,
        "end-webhook": _owner_or_administrator,
        "test-webhook": _owner_or_administrator,
        "push-again": _owner_or_administrator,
    }
)
may = POLICY.may
require = POLICY.require


def visible_to(user: Principal, receivers: QuerySet[Receiver]) -> QuerySet[Receiver]:
    """The addresses that ``user`` keeps."""
    if not isinstance(user, User):
        return receivers.none()
    administered = agencies_with(user, Role.SYSTEM_ADMIN)
    return receivers.filter(Q(owner=user) | Q(owner__service_account__agency__in=administered))
