"""Who takes the whole ledger along: the municipal authority's auditor or officer, with a second person (ours)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Policy, Principal, agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.services import subject_of
from oversight.models import LedgerExport

KEEPERS = (Role.AUDIT_ADMIN, Role.MUNICIPAL_AUTHORITY, Role.SUPERVISOR)
"""Those of the municipal authority who see such exports, and of whom one asks and another releases."""


def keeps_exports(user: Principal, obj: object = None) -> bool:
    """Whether ``user`` is one of them."""
    mine = agencies_with(user, *KEEPERS)
    return bool(mine) and Agency.objects.filter(pk__in=mine, is_authority=True, level=Agency.Level.MUNICIPAL).exists()


def _releases(user: Principal, export: LedgerExport) -> bool:
    """A second person: neither who asked nor another account of the same person."""
    if not isinstance(user, User) or not keeps_exports(user):
        return False
    first = export.proposed_by
    return first is None or first.holder_key != user.holder_key


class TwoPersons(Policy):
    """Who asked for an export and would release it alone is told why not."""

    def require(self, user: Principal, verb: str, obj: Any = None) -> None:
        if verb == "release-export" and keeps_exports(user) and not self.may(user, verb, obj):
            message = _("这份导出是您自己申请的，应当由另一个人核定。请交由本局其他经办人、监督员或者审计管理员办理。")
            raise NotAllowed(message, subject=subject_of(obj), verb=verb)
        super().require(user, verb, obj)


EXPORT_POLICY = TwoPersons(
    {
        "ask-export": keeps_exports,
        "release-export": _releases,
        "refuse-export": keeps_exports,
        "take-export": keeps_exports,
    }
)
