"""What the authority, the superiors and the public look at."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import CasePage, SignedInCasePage
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.faces.timeline import Reader, timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from oversight import policies, statistics
from oversight.cases import (
    article_of,
    escalation_acts,
    find_escalation,
    find_finding,
    find_order,
    finding_acts,
    note_on_target,
    order_acts,
)
from oversight.models import Escalation, Finding, RectificationOrder
from oversight.rulebook.policies import keeps_calendar
from oversight.rulebook.selectors import calendar_end, waiting_count
from oversight.selectors import (
    escalations_in_sight,
    findings_in_sight,
    hands,
    last_sweep_at,
    late_cases,
    orders_in_sight,
    overview,
    supervised_name,
)
from oversight.workflow import ESCALATIONS, FINDINGS, ORDERS, RECOMMENDATIONS, FindingStatus, OrderStatus

PAGE_SIZE = 20
CASE_LABELS = {
    "clock.start": "开始计算期限",
    "clock.overdue": "逾期",
    "clock.stop": "期限停止",
    "clock.recompute": "重新计算到期日",
    "clock.withdraw-rung": "到期日已变更，撤销逾期记录",
    "clock.hand-on": "转交办理",
}
ESCALATION_LABELS = {verb: each.past for verb, each in ESCALATIONS.transitions.items()} | {"escalate": "逾期上报"}
FINDING_LABELS = {verb: each.past for verb, each in FINDINGS.transitions.items()} | {
    "draft": "草拟违规情形认定",
    "due-day-moved": "到期日已变更，所依据的逾期不再成立，请复查",
}
ORDER_LABELS = {verb: each.past for verb, each in ORDERS.transitions.items()} | {"order": "责令限期改正，通报批评"}
DISCIPLINE_LABELS = {verb: each.past for verb, each in RECOMMENDATIONS.transitions.items()} | {
    "draft-discipline": "逾期未改正，草拟处分建议"
}


def _tabs() -> list[dict[str, Any]]:
    pages = [
        (_("逾期与按时"), "oversight:board"),
        (_("逾期上报"), "oversight:escalations"),
        (_("违规情形认定"), "oversight:findings"),
        (_("责令改正"), "oversight:orders"),
    ]
    return [{"key": reverse(name), "label": label, "url": reverse(name)} for label, name in pages]


class Board(SignedInCasePage):
    """The authority's board: what is late now, who, since when; then how often periods were kept."""

    template_name = "oversight/board.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user, on = request.user, today()
        if policies.sight(user).is_blind:
            raise NotSeen(str(_("监督页面供大数据主管部门、上级机关和监察机关使用。您要办的事项在「我要办的」。")))
        clocks = policies.visible_clocks(user, statistics.all_clocks())
        return {
            "work_section": "oversight",
            "title": supervised_name(user),
            "tabs": _tabs(),
            "swept": last_sweep_at(),
            "now": now(),
            "overview": overview(user, on),
            "replies": statistics.kept(clocks, statistics.REPLIES, year=on.year, on=on),
            "catalogue": statistics.kept(clocks, statistics.CATALOGUE, year=on.year, on=on),
            "cases": late_cases(user, on),
            "tiles": statistics.county_tiles(year=on.year, on=on) if policies.sight(user).everywhere else [],
            "keeps_calendar": keeps_calendar(user),
            "calendar_end": calendar_end(on) if keeps_calendar(user) else None,
            "proposals": waiting_count() if keeps_calendar(user) else 0,
            "drafts": findings_in_sight(user).filter(status=FindingStatus.DRAFT).count(),
            "reports": orders_in_sight(user).filter(status=OrderStatus.REPORTED).count(),
        }


class _List(SignedInCasePage):
    """A page of rows with a filter by state."""

    template_name = "oversight/list.html"
    title: Any = ""
    states: list[tuple[str, Any]] = []
    columns: list[Any] = []
    empty_text: Any = ""

    def rows_in_sight(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def row(self, obj: Any) -> list[Any]:
        raise NotImplementedError

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        if not is_staff_member(request.user):
            raise NotSeen(str(_("监督页面供机关工作人员使用。按时情况可以在「公示」中查看。")))
        state = request.GET.get("state", "")
        found = self.rows_in_sight(request)
        if state in dict(self.states):
            found = found.filter(status=state)
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        choices = [("", _("全部")), *self.states]
        return {
            "work_section": "oversight",
            "title": self.title,
            "tabs": _tabs(),
            "filters": [
                {"label": label, "url": f"?state={code}" if code else "?", "current": code == state, "count": None}
                for code, label in choices
            ],
            "columns": [{"name": name, "code": str(place)} for place, name in enumerate(self.columns)],
            "rows": [self.row(obj) for obj in page.object_list],
            "page": page,
            "empty": {"title": _("没有事项"), "text": self.empty_text, "action": None},
        }


class Escalations(_List):
    """Everything that was brought before somebody in sight, dealt with or not."""

    title = _("逾期上报")
    states = ESCALATIONS.states.items()  # type: ignore[assignment]
    columns = [_("逾期"), _("事项"), _("在谁手里"), _("报送"), _("依据"), _("状态")]
    empty_text = _("期限届满仍未办结的事项会自动报到这里，直到处理完毕。")

    def rows_in_sight(self, request: HttpRequest) -> Any:
        return escalations_in_sight(request.user)

    def row(self, obj: Escalation) -> list[Any]:
        return [
            f"{obj.days_late(today())} 天",
            {"text": obj.clock.title, "url": obj.get_absolute_url()},
            hands(obj.clock, today()),
            obj.to_agency.short_name,
            obj.clock.rule.article,
            obj.get_status_display(),
        ]


class Findings(_List):
    """Findings in sight."""

    title = _("违规情形认定")
    states = FINDINGS.states.items()  # type: ignore[assignment]
    columns = [_("机关"), _("情形"), _("事项"), _("草拟"), _("状态")]
    empty_text = _("法定期限逾期，或者应当及时办理的事项到期仍未办理的，这里会草拟第三十条的违规情形，由工作人员认定。")

    def rows_in_sight(self, request: HttpRequest) -> Any:
        return findings_in_sight(request.user)

    def row(self, obj: Finding) -> list[Any]:
        return [
            obj.agency.short_name,
            {"text": article_of(obj), "url": obj.get_absolute_url()},
            obj.title,
            zh_date(obj.drafted_at, with_year=True),
            obj.get_status_display(),
        ]


class Orders(_List):
    """Orders in sight."""

    title = _("责令改正")
    states = ORDERS.states.items()  # type: ignore[assignment]
    columns = [_("编号"), _("被责令机关"), _("责令机关"), _("事项"), _("改正期限"), _("状态")]
    empty_text = _("认定违规情形之后，上级机关或者监察机关责令改正的事项会列在这里。")

    def rows_in_sight(self, request: HttpRequest) -> Any:
        return orders_in_sight(request.user)

    def row(self, obj: RectificationOrder) -> list[Any]:
        return [
            {"text": obj.number, "url": obj.get_absolute_url()},
            obj.agency.short_name,
            obj.ordered_by_agency.short_name,
            obj.finding.title,
            zh_date(obj.due_on, with_year=True),
            obj.get_status_display(),
        ]


class EscalationPage(SignedInCasePage):
    """One overdue case: facts and clock on top, acts beside, what happened below."""

    template_name = "oversight/escalation.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        escalation = find_escalation(request.user, kwargs["pk"])
        clock, on = escalation.clock, today()
        ran_out = events_of(clock.subject).filter(verb="clock.overdue")
        events = sorted([*events_of(escalation, clock), *ran_out], key=lambda event: (event.at, event.pk))
        findings = findings_in_sight(request.user).filter(clock=clock)
        return {
            "work_section": "oversight",
            "escalation": escalation,
            "clock": clock,
            "face": face(clock, on),
            "acts": escalation_acts(request.user, escalation),
            "facts": [
                (_("事项"), clock.title),
                (_("编号"), clock.number),
                (_("承办机关"), clock.owed_by.name),
                (_("在谁手里"), hands(clock, on)),
                (_("依据"), str(clock.rule.basis)),
                (_("起算"), zh_date(clock.started_on, with_year=True)),
                (_("到期"), zh_date(clock.due_on, with_year=True) + (str(_("（暂定）")) if clock.provisional else "")),
                (_("逾期"), f"{escalation.days_late(on)} 天" + ("" if clock.is_running else str(_("，已办结")))),
                (_("报送"), escalation.to_agency.name),
                (_("状态"), escalation.get_status_display()),
                *([(_("处理结果"), escalation.conclusion)] if escalation.conclusion else []),
            ],
            "holdings": _holdings(escalation, on),
            "urgings": escalation.urgings.select_related("by"),
            "findings": [(article_of(one), one.get_status_display(), one.get_absolute_url()) for one in findings],
            "events": timeline(events, ESCALATION_LABELS | CASE_LABELS),
        }


def _holdings(escalation: Escalation, on: Any) -> list[dict[str, Any]]:
    end = escalation.clock.stopped_on or on
    return [
        {"agency": held.agency.name, "since": held.since_on, "days": ((held.until_on or end) - held.since_on).days}
        for held in escalation.clock.holdings.all()
    ]


class FindingPage(SignedInCasePage):
    """One finding: which item, against whom, on what it rests."""

    template_name = "oversight/finding.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        finding = find_finding(request.user, kwargs["pk"])
        clock, on = finding.clock, today()
        order = RectificationOrder.objects.filter(finding=finding).first()
        return {
            "work_section": "oversight",
            "finding": finding,
            "clock": clock,
            "face": face(clock, on) if clock else None,
            "acts": finding_acts(request.user, finding),
            "note": note_on_target(finding),
            "hint": "" if finding_acts(request.user, finding) else _whose(finding),
            "facts": [
                (_("机关"), finding.agency.name),
                (_("情形"), f"{article_of(finding)}：{finding.get_item_display()}"),
                (_("事项"), finding.title),
                (_("编号"), finding.number),
                *(_period(clock) if clock else _investigation(finding, request.user)),
                (_("状态"), finding.get_status_display()),
                *([(_("认定意见"), finding.note)] if finding.note else []),
                *([(_("认定时间"), zh_datetime(finding.decided_at, with_year=True))] if finding.decided_at else []),
            ],
            "order": order,
            "events": timeline(events_of(finding), FINDING_LABELS),
        }


def _period(clock: Clock) -> list[tuple[Any, Any]]:
    provisional = str(_("（暂定）")) if clock.provisional else ""
    return [
        (_("依据的期限"), str(clock.rule.basis)),
        (_("到期"), zh_date(clock.due_on, with_year=True) + provisional),
    ]


def _investigation(finding: Finding, user: Any) -> list[tuple[Any, Any]]:
    """What the receiver of a complaint found out; the agency concerned reads its finding, not the complaint."""
    receipt = finding.receipt
    facts: list[tuple[Any, Any]] = [(_("调查机关"), receipt.receiver_name)]
    if receipt.outcome:
        facts.append((_("调查结论"), receipt.get_outcome_display()))
    if receipt.result and finding.agency_id not in policies.agencies_with(user):
        facts.append((_("处理结果"), receipt.result))
    return facts


def _whose(finding: Finding) -> str:
    if finding.status == FindingStatus.CONFIRMED:
        return str(_("责令限期改正由其上级机关或者监察机关作出（第三十条）。"))
    return ""


class OrderPage(SignedInCasePage):
    """One order to correct: its text, its day, its circular, what was reported."""

    template_name = "oversight/order.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        order = find_order(request.user, kwargs["number"])
        clock = clocks_of(order).first()
        # whether anyone is to be disciplined is weighed out of sight of the agency concerned
        concerned = order.agency_id in policies.agencies_with(request.user)
        return {
            "work_section": "oversight",
            "order": order,
            "recommendation": None if concerned else getattr(order, "recommendation", None),
            "face": face(clock, today()) if clock else None,
            "acts": order_acts(request.user, order),
            "facts": [
                (_("被责令机关"), order.agency.name),
                (_("责令机关"), order.ordered_by_agency.name),
                (_("违规情形"), f"{article_of(order.finding)}：{order.finding.get_item_display()}"),
                (_("事项"), order.finding.title),
                (_("责令之日"), zh_date(order.ordered_on, with_year=True)),
                (_("改正期限"), f"{zh_date(order.due_on, with_year=True)} 24:00 前"),
                (_("状态"), order.get_status_display()),
            ],
            "events": timeline(
                events_of(order),
                ORDER_LABELS | DISCIPLINE_LABELS,
                reader=Reader.PARTY if concerned else Reader.OFFICE,
                inner=DISCIPLINE_LABELS,
            ),
        }


class Publicity(CasePage):
    """For everyone: how often each agency kept the periods of the regulation, with the numbers of cases."""

    template_name = "oversight/publicity.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        on = today()
        years = statistics.years_with_cases(on)
        asked = request.GET.get("year", "")
        year = next((one for one in years if str(one) == asked), on.year)
        clocks = statistics.all_clocks()
        totals = [
            {"label": label, "kept": statistics.kept(clocks, [kind], year=year, on=on)}
            for kind, label in statistics.PUBLISHED
        ]
        return {
            "year": year,
            "filters": [{"label": f"{one} 年", "url": f"?year={one}", "current": one == year} for one in years],
            "totals": totals,
            "labels": [label for _kind, label in statistics.PUBLISHED],
            "rows": statistics.by_agency(year=year, on=on),
            "tiles": statistics.county_tiles(year=year, on=on),
            "now": now(),
        }
