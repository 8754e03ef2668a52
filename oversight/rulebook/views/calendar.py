"""The calendar: years with their state, one year drawn, entering an arrangement, deciding on one."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.months import year_grid
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.arrangements import kind_of
from guiyang_data.statute.counting import FIXED_HOLIDAYS
from guiyang_data.statute.selectors import calendar_years
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.models import CalendarProposal
from oversight.rulebook.cases import find_calendar_proposal, proposal_acts, require_keeper, require_year
from oversight.rulebook.forms import CalendarForm
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
    ProposalAct,
    decision_facts,
    move_rows,
    recount_text,
    tabs,
)
from oversight.services.rulebook.calendar import days_of
from oversight.workflow import CALENDAR_PROPOSALS, ProposalStatus

SHOWN_DECIDED = 20


class Years(SignedInCasePage):
    """Which years' notices are loaded, what waits for a second person, and whether the calendar ends soon."""

    template_name = "oversight/rulebook/calendar.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        require_keeper(request.user)
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
        require_keeper(request.user)
        year = kwargs["year"]
        require_year(year)
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
        require_keeper(request.user)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        scope = request.GET.get("scope", "")
        return {"scope": scope if scope in CalendarProposal.Scope.values else CalendarProposal.Scope.YEAR}

    def perform(self, request: HttpRequest, form: Any) -> str:
        by = cast(User, request.user)
        return services.propose_calendar(**form.given(), by=by, on=today(), at=now()).get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**SHELL, "basis": FIXED_HOLIDAYS, "cancel_url": reverse("oversight:calendar")}


class ProposalPage(SignedInCasePage):
    """What an arrangement changes: its days drawn, the difference, and the running clocks that move."""

    template_name = "oversight/rulebook/calendar_proposal.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        proposal = find_calendar_proposal(request.user, kwargs["pk"])
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
            "acts": proposal_acts(request.user, proposal),
            "events": timeline(events_of(proposal), LABELS),
        }


class _CalendarAct(ProposalAct):
    workflow = CALENDAR_PROPOSALS
    case: CalendarProposal

    def find(self, request: HttpRequest) -> CalendarProposal:
        return find_calendar_proposal(request.user, self.kwargs["pk"])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {**SHELL, "lead": self.case.cause, "facts": decision_facts(self.case)}


class Confirm(_CalendarAct):
    """核定放假安排."""

    verb = "confirm"
    service = staticmethod(services.confirm_calendar)
    takes_day = True
    title = _("核定放假安排")
    done = _("已核定，立即生效。受影响的期限正在重新计算。")


class Reject(_CalendarAct):
    """退回放假安排."""

    verb = "reject"
    service = staticmethod(services.reject_calendar)
    form_class = ReasonForm
    title = _("退回放假安排")
    done = _("已退回，日历没有改变。")
