"""Pages that carry out one act each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import CaseActPage
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight import policies, services
from oversight.cases import (
    NOT_STATUTORY,
    article_of,
    find_escalation,
    find_finding,
    find_order,
    note_on_target,
)
from oversight.forms import (
    AcceptForm,
    ConcludeForm,
    ConfirmForm,
    OrderForm,
    RecommendForm,
    RefusalForm,
    ReportForm,
    UrgeForm,
)
from oversight.models import Escalation, Finding, RectificationOrder


class _EscalationAct(CaseActPage):
    policy = policies.POLICY
    case: Escalation

    def find(self, request: HttpRequest) -> Escalation:
        return find_escalation(request.user, self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"escalation_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = self.case.clock
        return super().context(request) | {
            "work_section": "oversight",
            "face": face(clock, today()),
            "facts": [
                (_("事项"), clock.title),
                (_("编号"), clock.number),
                (_("承办机关"), clock.owed_by.name),
                (_("逾期"), f"{self.case.days_late(today())} 天"),
            ],
        }


class Urge(_EscalationAct):
    """督办."""

    verb = "urge"
    service = staticmethod(services.urge)
    form_class = UrgeForm
    title = _("督办")
    button = _("发出督办")
    done = _("督办已发出，承办机关已收到通知。")


class Conclude(_EscalationAct):
    """记录处理结果."""

    verb = "conclude"
    service = staticmethod(services.conclude)
    form_class = ConcludeForm
    title = _("记录处理结果")
    done = _("处理结果已记录。")


class FindIgnored(_EscalationAct):
    """草拟第三十条第（八）项认定."""

    verb = "find-ignored"
    service = staticmethod(services.find_ignored)
    takes_day = True
    title = _("草拟第三十条第（八）项认定")
    button = _("草拟认定")
    done = _("认定已草拟，由您或者其他有权的人认定或者不予认定。")
    consequence = NOT_STATUTORY

    def next_page(self, done: Finding) -> str:
        return done.get_absolute_url()


class _FindingAct(CaseActPage):
    policy = policies.POLICY
    case: Finding

    def find(self, request: HttpRequest) -> Finding:
        return find_finding(request.user, self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"finding_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = self.case.clock
        return super().context(request) | {
            "lead": note_on_target(self.case),
            "work_section": "oversight",
            "face": face(clock, today()) if clock else None,
            "facts": [
                (_("机关"), self.case.agency.name),
                (_("情形"), f"{article_of(self.case)}：{self.case.get_item_display()}"),
                (_("事项"), f"{self.case.title}（{self.case.number}）"),
            ],
        }


class Confirm(_FindingAct):
    """认定."""

    verb = "confirm"
    service = staticmethod(services.confirm_finding)
    takes_day = True
    form_class = ConfirmForm
    title = _("认定违规情形")
    button = _("认定")
    done = _("已认定，有关机关已收到通知。")


class Dismiss(_FindingAct):
    """不予认定."""

    verb = "dismiss"
    service = staticmethod(services.dismiss_finding)
    form_class = RefusalForm
    title = _("不予认定")
    done = _("已记录不予认定的理由。")


class Order(_FindingAct):
    """责令限期改正，通报批评."""

    verb = "order"
    service = staticmethod(services.order_rectification)
    takes_day = True
    form_class = OrderForm
    title = _("责令限期改正，通报批评")
    button = _("责令改正并通报")
    done = _("已责令限期改正，期限开始计算。")
    consequence = _("责令后开始计算改正期限；逾期不改正的，将草拟处分建议。")

    def next_page(self, done: RectificationOrder) -> str:
        return done.get_absolute_url()


class _OrderAct(CaseActPage):
    policy = policies.POLICY
    case: RectificationOrder

    def find(self, request: HttpRequest) -> RectificationOrder:
        return find_order(request.user, self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"number": self.case.number}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {
            "work_section": "oversight",
            "facts": [
                (_("编号"), self.case.number),
                (_("被责令机关"), self.case.agency.name),
                (_("改正要求"), self.case.text),
                *([(_("改正情况"), self.case.report)] if self.case.report else []),
            ],
        }


class Report(_OrderAct):
    """报告改正情况."""

    verb = "report"
    service = staticmethod(services.report_rectification)
    takes_day = True
    form_class = ReportForm
    title = _("报告改正情况")
    done = _("改正情况已报告，责令机关已收到通知。")
    consequence = _("责令机关认可后，期限以今天为准停止；未获认可的，期限照常计算。")


class Accept(_OrderAct):
    """认可改正."""

    verb = "accept"
    service = staticmethod(services.accept_rectification)
    form_class = AcceptForm
    title = _("认可改正")
    done = _("已认可改正，期限已停止。")


class Reject(_OrderAct):
    """不认可，继续改正."""

    verb = "reject"
    service = staticmethod(services.reject_rectification)
    takes_day = True
    form_class = RefusalForm
    title = _("不认可，继续改正")
    done = _("已告知被责令机关继续改正。")


class _DisciplineAct(_OrderAct):
    def subject(self) -> Any:
        recommendation = getattr(self.case, "recommendation", None)
        if recommendation is None:
            raise NotSeen(gettext("这份责令改正没有待决定的处分建议。请返回责令改正页面。"))
        return recommendation


class Recommend(_DisciplineAct):
    """提出处分建议."""

    verb = "recommend-discipline"
    service = staticmethod(services.recommend_discipline)
    form_class = RecommendForm
    title = _("提出处分建议")
    done = _("处分建议已记录。")
    consequence = _("建议提出后不能撤回，由有处分权限的机关依法处理。")
    dangerous = True


class Drop(_DisciplineAct):
    """不提出处分建议."""

    verb = "drop-discipline"
    service = staticmethod(services.drop_discipline)
    form_class = RefusalForm
    title = _("不提出处分建议")
    done = _("已记录理由。")
