"""The calendar: years with their state, one year drawn, entering an arrangement, deciding on one."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.months import year_grid
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.arrangements import kind_of
from guiyang_data.statute.counting import FIXED_HOLIDAYS
from guiyang_data.statute.reckoning import FIRST_DAY, LAST_DAY
from guiyang_data.statute.selectors import calendar_years
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.models import CalendarProposal
from oversight.rulebook.forms import CalendarForm
from oversight.rulebook.policies import PROPOSAL_POLICY
from oversight.rulebook.selectors import (
    calendar_end,
    calendar_proposals,
    is_loaded,
    loaded_calendar,
    preview_calendar,
    running_recounts,
)
from oversight.rulebook.views.parts import (
    LABELS,
    MOVE_COLUMNS,
    SHELL,
    decision_facts,
    move_rows,
    proposal_acts,
    recount_text,
    require_keeper,
    tabs,
)
from oversight.services.rulebook.calendar import days_of
from oversight.tasks import queue_recount
from oversight.workflow import CALENDAR_PROPOSALS, ProposalStatus

SHOWN_DECIDED = 20


class Years(SignedInCasePage):
    """Which years' notices are loaded, what waits for a second person, and whether the calendar ends soon."""

    template_name = "oversight/rulebook/calendar.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        require_keeper(request)
        on = today()
        years = list(calendar_years())
        proposals = list(calendar_proposals()[:SHOWN_DECIDED])
        return {
            **SHELL,
            "tabs": tabs(),
            "end": calendar_end(on),
            "next_year": max([on.year, *(year.year for year in years)]) + 1,
            "years": years,
            "waiting": [one for one in proposals if one.status == ProposalStatus.PROPOSED],
            "decided": [one for one in proposals if one.status != ProposalStatus.PROPOSED],
            "recounts": [(job.proposal, recount_text(job)) for job in running_recounts()],
        }


class Year(SignedInCasePage):
    """One year drawn, from its notice or, before that, from the fixed holidays alone."""

    template_name = "oversight/rulebook/year.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        require_keeper(request)
        year = kwargs["year"]
        if not FIRST_DAY.year <= year < LAST_DAY.year:
            raise NotSeen(
                gettext("日历从 %(first)s 年到 %(last)s 年。") % {"first": FIRST_DAY.year, "last": LAST_DAY.year - 1}
            )
        row = calendar_years().filter(year=year).first()
        return {
            **SHELL,
            "year": year,
            "row": row,
            "months": year_grid(year, loaded_calendar(year)),
            "proposals": list(calendar_proposals().filter(year=year)),
        }


class Propose(SignedInActPage):
    """录入放假安排."""

    template_name = "oversight/rulebook/propose_calendar.html"
    form_class = CalendarForm
    title = _("录入放假安排")
    button = _("核对并提交核定")
    done = _("已录入，等待另一个人核定。")
    consequence = _("提交后先看预览；另一个人核定之后才生效，您也可以自己退回。")

    def prepare(self, request: HttpRequest) -> None:
        require_keeper(request)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        scope = request.GET.get("scope", "")
        return {"scope": scope if scope in CalendarProposal.Scope.values else CalendarProposal.Scope.YEAR}

    def perform(self, request: HttpRequest, form: Any) -> str:
        values = form.cleaned_data
        return services.propose_calendar(
            text=values["text"],
            scope=values["scope"],
            year=values["year"],
            document_number=values["document_number"],
            issued_on=values["issued_on"],
            by=cast(User, request.user),
            on=today(),
            at=now(),
        ).get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**SHELL, "basis": FIXED_HOLIDAYS, "cancel_url": reverse("oversight:calendar")}


def find_proposal(request: HttpRequest, pk: int) -> CalendarProposal:
    """The proposal, for those who keep the calendar."""
    require_keeper(request)
    found = calendar_proposals().filter(pk=pk).first()
    if found is None:
        raise NotSeen(gettext("没有这份录入。请从「放假安排」页面重新打开。"))
    return found


class ProposalPage(SignedInCasePage):
    """What an arrangement changes: its days drawn, the difference, and the running clocks that move."""

    template_name = "oversight/rulebook/calendar_proposal.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        proposal = find_proposal(request, kwargs["pk"])
        days = days_of(proposal)
        preview = preview_calendar(proposal.year, days)
        waits = proposal.status == ProposalStatus.PROPOSED
        notes = (
            {change.day: gettext("变更") for change in preview.changes} if waits and is_loaded(proposal.year) else {}
        )
        return {
            **SHELL,
            "proposal": proposal,
            "waits": waits,
            "preview": preview,
            "facts": [
                (_("年份"), f"{proposal.year} 年，{proposal.get_scope_display()}"),
                (_("文号"), proposal.document_number),
                (_("印发日期"), zh_date(proposal.issued_on, with_year=True)),
                *decision_facts(proposal),
            ],
            "months": year_grid(proposal.year, preview.calendar, notes=notes),
            "listed": [(day, kind_of(day, preview.calendar)) for day in days],
            "columns": MOVE_COLUMNS,
            "rows": move_rows(preview.outlook.first),
            "acts": proposal_acts(request, proposal, CALENDAR_PROPOSALS),
            "events": timeline(events_of(proposal), LABELS),
        }


class _ProposalAct(SignedInActPage):
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.proposal = find_proposal(request, self.kwargs["pk"])
        if request.method == "GET":
            PROPOSAL_POLICY.require(request.user, self.verb, self.proposal)
            CALENDAR_PROPOSALS.target(self.verb, self.proposal.status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **SHELL,
            "lead": self.proposal.cause,
            "basis": FIXED_HOLIDAYS,
            "facts": decision_facts(self.proposal),
            "cancel_url": self.proposal.get_absolute_url(),
        }


class Confirm(_ProposalAct):
    """核定放假安排."""

    verb = "confirm"
    title = _("核定放假安排")
    button = _("核定")
    done = _("已核定，立即生效。受影响的期限正在重新计算。")
    consequence = CALENDAR_PROPOSALS["confirm"].consequence

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.confirm_calendar(
            proposal_id=self.proposal.pk, by=cast(User, request.user), on=today(), at=now()
        )
        queue_recount()
        return done.get_absolute_url()


class Reject(_ProposalAct):
    """退回放假安排."""

    verb = "reject"
    form_class = ReasonForm
    title = _("退回放假安排")
    button = _("退回")
    done = _("已退回，日历没有改变。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        return services.reject_calendar(
            proposal_id=self.proposal.pk,
            by=cast(User, request.user),
            reasons=form.cleaned_data["reasons"],
            at=now(),
        ).get_absolute_url()
