"""What deciding on a calendar and on a rule have in common."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.statute.law import Article
from guiyang_data.statute.workflow import Workflow
from oversight.models import CalendarProposal, RuleProposal
from oversight.rulebook import policies


def decide(
    verb: str,
    proposal: CalendarProposal | RuleProposal,
    workflow: Workflow,
    *,
    by: User,
    at: dt.datetime,
    reasons: str = "",
) -> None:
    """Who may, from which state, and the decision on the row; the caller has it locked."""
    policies.require(by, verb, proposal)
    proposal.status = workflow.target(verb, proposal.status)
    proposal.decided_by, proposal.decided_at, proposal.reasons = by, at, reasons
    proposal.save(update_fields=["status", "decided_by", "decided_at", "reasons"])


def require_reasons(reasons: str, basis: Article) -> str:
    """The reasons of sending back; without them it is not done."""
    if reasons.strip():
        return reasons.strip()
    message = _("请写明退回的理由。没有理由不能办理这一事项。")
    raise RuleBroken(message, basis=basis, fields={"reasons": message})
