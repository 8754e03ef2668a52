"""Who keeps the calendar and the rules: the municipal authority, one proposes, a second confirms (ours)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Policy, Principal, agencies_with, is_operator
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.services import subject_of
from oversight.models import CalendarProposal, RuleProposal

KEEPERS = (Role.MUNICIPAL_AUTHORITY, Role.SUPERVISOR)
"""Those of the municipal authority who propose and decide."""


def keeps_calendar(user: Principal, obj: object = None) -> bool:
    """Whether ``user`` keeps calendar and rules for the municipal authority."""
    mine = agencies_with(user, *KEEPERS)
    if not mine:
        return False
    return Agency.objects.filter(pk__in=mine, is_authority=True, level=Agency.Level.MUNICIPAL).exists()


def _proposes(user: Principal, obj: object = None) -> bool:
    """A keeper, or the operator at the installation's shell, whose proposal a keeper confirms."""
    return is_operator(user) or keeps_calendar(user)


def _confirms(user: Principal, proposal: CalendarProposal | RuleProposal) -> bool:
    """A second person: neither the proposer nor another account of the same person."""
    if not isinstance(user, User) or not keeps_calendar(user):
        return False
    first = proposal.proposed_by
    return first is None or first.holder_key != user.holder_key


class TwoPersons(Policy):
    """A keeper who may decide, but not on what they entered themselves, is told so."""

    def require(self, user: Principal, verb: str, obj: Any = None) -> None:
        if verb == "confirm" and keeps_calendar(user) and not self.may(user, verb, obj):
            message = _("这份录入是您自己提交的，应当由另一个人核定。请交由本局其他经办人或者监督员办理。")
            raise NotAllowed(message, subject=subject_of(obj), verb=verb)
        super().require(user, verb, obj)


PROPOSAL_POLICY = TwoPersons({"propose": _proposes, "confirm": _confirms, "reject": keeps_calendar})
require = PROPOSAL_POLICY.require
may = PROPOSAL_POLICY.may
