"""Coordinations: the list, the case, and one page for each act on it (第十五条第三款)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, F, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import today
from sharing import services
from sharing.actions import application_acts, coordination_acts
from sharing.forms import OpinionForm, ProvideOpinionForm, ReasonsForm, StatementForm
from sharing.forms.coordinating import CUT_NAMES
from sharing.found import find_coordination
from sharing.models import Coordination
from sharing.policies import COORDINATION_POLICY, sees_every_case, visible_coordinations
from sharing.selectors import clocks_by_subject, coordinations_with_parties
from sharing.views.applications import application_facts, case_timeline, reply_facts
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, item_names, link, named, staff_of, tabs
from sharing.workflow import COORDINATE, COORDINATION_IN_HAND, COORDINATION_WORKFLOW


class CoordinationsPage(SignedInCasePage):
    """Coordinations one may see: those in hand by their due day, then the others, the newest first."""

    template_name = "sharing/coordinations.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        rows = visible_coordinations(user, coordinations_with_parties(Coordination.objects.all()))
        waiting = Case(When(status__in=COORDINATION_IN_HAND, then=F("requested_at")))
        rows = rows.order_by(waiting.asc(nulls_last=True), "-requested_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        clocks = clocks_by_subject(page.object_list)
        items = [_work_item(row, clocks.get(subject_of(row))) for row in page.object_list]
        return SHELL | {
            "page": page,
            "items": items,
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "coordinations",
            "empty": {
                "title": _("这里还没有协调"),
                "text": _("共享申请不同意，或者逾期没有答复的，需求机关可以在申请页面提请市大数据主管部门协调。"),
            },
        }


def _work_item(row: Coordination, clock: Any) -> dict[str, Any]:
    application = row.application
    parties = f"{application.requester.short_name} — {application.provider.short_name}"
    return {
        "face": face(clock, today()) if clock else None,
        "title": application.title,
        "url": row.get_absolute_url(),
        "detail": f"{row.number} · {parties} · {row.get_status_display()}",
        "article": COORDINATE.number,
        "act_label": _("查看"),
        "pk": row.pk,
    }


class CoordinationPage(SignedInCasePage):
    """The case: what was asked and refused, both statements, the opinion."""

    template_name = "sharing/coordination.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        case = find_coordination(user, kwargs["number"])
        application = case.application
        names = item_names(application.entry)
        onward = [act for act in application_acts(user, application, on=today()) if act.verb == "grant-on-opinion"]
        return SHELL | {
            "case": case,
            "application": application,
            "faces": [face(clock, today()) for clock in clocks_of(case)],
            "facts": _facts(case),
            "asked": application_facts(application, names),
            "reply": reply_facts(application, names),
            "opinion": _opinion(case, names),
            "acts": [*onward, *coordination_acts(user, case)],
            "events": case_timeline([application, case], reader=Reader.PARTY),
            "crumbs": crumbs((_("协调"), f"{HOME}coordinations/"), (case.number, "")),
        }


def _facts(case: Coordination) -> list[tuple[Any, ...]]:
    application = case.application
    return [
        (_("共享申请"), link(application.get_absolute_url(), f"{application.number} {application.title}")),
        (_("需求机关"), application.requester.name),
        (_("提供机关"), application.provider.name),
        (_("缘由"), case.get_cause_display()),
        (_("确需使用的理由"), case.reasons),
        (_("提请日期"), zh_date(case.requested_on, with_year=True)),
    ]


def _opinion(case: Coordination, names: dict[str, str]) -> list[tuple[Any, ...]]:
    if not case.opinion:
        return []
    whose = _("市人民政府") if case.decided_by_government else _("市大数据主管部门")
    facts: list[tuple[Any, ...]] = [(_("作出"), whose), (_("意见"), case.get_opinion_display())]
    if case.opinion_items:
        facts.append((_("应当提供的信息项"), named(case.opinion_items, names)))
    if case.opinion_keeps:
        facts.append((_("可以保留的限定"), "、".join(str(CUT_NAMES[cut]) for cut in case.opinion_keeps)))
    facts.append((_("内容"), case.opinion_text))
    if case.hearing:
        facts.append((_("听取提供机关意见"), case.hearing))
    return [*facts, (_("日期"), zh_date(case.concluded_at, with_year=True) if case.concluded_at else "")]


class CoordinationActPage(CaseActPage):
    """An act on a coordination."""

    policy = COORDINATION_POLICY
    workflow = COORDINATION_WORKFLOW
    case: Coordination

    def find(self, request: HttpRequest) -> Coordination:
        return find_coordination(staff_of(request), self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"coordination_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        case, words = self.case, super().context(request)
        clock = next((one for one in clocks_of(case) if one.is_running), None)
        names = item_names(case.application.entry)
        return (
            SHELL
            | words
            | {
                "lead": f"{case.application.title} · {case.number}",
                "face": face(clock, today()) if clock else None,
                "facts": [*_facts(case), *reply_facts(case.application, names)],
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((case.number, case.get_absolute_url()), (words["title"], "")),
            }
        )


class StatementPage(CoordinationActPage):
    """State one's view."""

    verb = "submit-statement"
    service = staticmethod(services.submit_statement)
    form_class = StatementForm
    done = gettext_lazy("意见陈述已提交。")


class KeepPage(CoordinationActPage):
    """The opinion that the data need not be provided."""

    verb = "conclude-keep"
    service: Callable[..., Any] = staticmethod(services.conclude_coordination)
    form_class: type[Any] = OpinionForm
    done = gettext_lazy("协调意见已送达双方。")

    def named(self) -> dict[str, Any]:
        return super().named() | {"opinion": self.verb.partition("-")[2]}

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"case": self.case, "hears": self.verb.startswith("conclude")}


class ProvidePage(KeepPage):
    """The opinion that the data shall be provided."""

    verb = "conclude-provide"
    form_class = ProvideOpinionForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"items": self.case.application.items}


class DecideKeepPage(KeepPage):
    """The government decides that the data need not be provided."""

    verb = "decide-keep"
    service = staticmethod(services.decide_deadlock)
    done = gettext_lazy("决定已送达双方。")


class DecideProvidePage(ProvidePage):
    """The government decides that the data shall be provided."""

    verb = "decide-provide"
    service = staticmethod(services.decide_deadlock)
    done = gettext_lazy("决定已送达双方。")


class EscalatePage(CoordinationActPage):
    """Take the deadlock to the municipal government."""

    verb = "escalate"
    service = staticmethod(services.escalate_deadlock)
    form_class = ReasonsForm
    done = gettext_lazy("已报请市人民政府决定。")


class WithdrawCoordinationPage(CoordinationActPage):
    """Take the request for coordination back."""

    verb = "withdraw-coordination"
    service = staticmethod(services.withdraw_coordination)
    done = gettext_lazy("协调请求已撤回。")
