"""Finding what a page or a call is about, and what may be done with it; pages and API ask here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.statute.reckoning import FIRST_DAY, LAST_DAY
from oversight.models import CalendarProposal, RuleProposal
from oversight.rulebook.policies import PROPOSAL_POLICY, keeps_calendar
from oversight.rulebook.selectors import calendar_proposals, rule_proposals
from oversight.workflow import CALENDAR_PROPOSALS, RULE_PROPOSALS

KEEPERS_ONLY = _("日历和期限规则由市大数据主管部门管理。到期日可以在「到期日计算」页面查询。")
NO_CALENDAR = _("没有这份录入。请从「放假安排」页面重新打开。")
NO_RULE = _("没有这份录入。请从「期限规则」页面重新打开。")
NO_YEAR = _("日历从 %(first)s 年到 %(last)s 年。")


def require_keeper(user: Principal) -> None:
    """Those of the municipal authority who keep the calendar; for everybody else all this is not there."""
    if not keeps_calendar(user):
        raise NotSeen(str(KEEPERS_ONLY))


def require_year(year: int) -> None:
    """A year that the calendar reaches."""
    if not FIRST_DAY.year <= year < LAST_DAY.year:
        raise NotSeen(str(NO_YEAR) % {"first": FIRST_DAY.year, "last": LAST_DAY.year - 1})


def find_calendar_proposal(user: Principal, pk: int) -> CalendarProposal:
    """The entered arrangement, for those who keep the calendar."""
    require_keeper(user)
    found = calendar_proposals().filter(pk=pk).first()
    if found is None:
        raise NotSeen(str(NO_CALENDAR))
    return found


def find_rule_proposal(user: Principal, pk: int) -> RuleProposal:
    """The entered version of a rule, for those who keep the rules."""
    require_keeper(user)
    found = rule_proposals().filter(pk=pk).first()
    if found is None:
        raise NotSeen(str(NO_RULE))
    return found


def proposal_acts(user: Principal, proposal: CalendarProposal | RuleProposal, base: str = "") -> list[Act]:
    """What ``user`` may do with a proposal now."""
    base = base or proposal.get_absolute_url()
    return acts(
        user,
        proposal,
        status=proposal.status,
        workflow=CALENDAR_PROPOSALS if isinstance(proposal, CalendarProposal) else RULE_PROPOSALS,
        policy=PROPOSAL_POLICY,
        url=lambda verb: f"{base}{verb}/",
    )
