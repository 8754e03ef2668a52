"""Pages that carry out one act each."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from oversight import policies, services
from oversight.cases import NOT_STATUTORY, article_of, find_escalation, find_finding, find_order
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


class _EscalationAct(SignedInActPage):
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.escalation = find_escalation(request.user, self.kwargs["pk"])
        policies.require(request.user, self.verb, self.escalation)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = self.escalation.clock
        return {
            "work_section": "oversight",
            "cancel_url": self.escalation.get_absolute_url(),
            "face": face(clock, today()),
            "facts": [
                (_("事项"), clock.title),
                (_("编号"), clock.number),
                (_("承办机关"), clock.owed_by.name),
                (_("逾期"), f"{self.escalation.days_late(today())} 天"),
            ],
        }


class Urge(_EscalationAct):
    """督办."""

    verb = "urge"
    form_class = UrgeForm
    title = _("督办")
    button = _("发出督办")
    done = _("督办已发出，承办机关已收到通知。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.urge(
            escalation_id=self.escalation.pk,
            by=cast(User, request.user),
            words=form.cleaned_data["words"],
            at=now(),
        )
        return done.get_absolute_url()


class Conclude(_EscalationAct):
    """记录处理结果."""

    verb = "conclude"
    form_class = ConcludeForm
    title = _("记录处理结果")
    done = _("处理结果已记录。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.conclude(
            escalation_id=self.escalation.pk,
            by=cast(User, request.user),
            conclusion=form.cleaned_data["conclusion"],
            at=now(),
        )
        return done.get_absolute_url()


class FindIgnored(_EscalationAct):
    """草拟第三十条第（八）项认定."""

    verb = "find-ignored"
    title = _("草拟第三十条第（八）项认定")
    button = _("草拟认定")
    done = _("认定已草拟，由您或者其他有权的人认定或者不予认定。")
    consequence = NOT_STATUTORY

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.find_ignored(
            escalation_id=self.escalation.pk, by=cast(User, request.user), on=today(), at=now()
        )
        return done.get_absolute_url()


class _FindingAct(SignedInActPage):
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.finding = find_finding(request.user, self.kwargs["pk"])
        policies.require(request.user, self.verb, self.finding)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = self.finding.clock
        return {
            "lead": NOT_STATUTORY if clock and not clock.statutory else "",
            "work_section": "oversight",
            "cancel_url": self.finding.get_absolute_url(),
            "face": face(clock, today()) if clock else None,
            "facts": [
                (_("机关"), self.finding.agency.name),
                (_("情形"), f"{article_of(self.finding)}：{self.finding.get_item_display()}"),
                (_("事项"), f"{self.finding.title}（{self.finding.number}）"),
            ],
        }


class Confirm(_FindingAct):
    """认定."""

    verb = "confirm"
    form_class = ConfirmForm
    title = _("认定违规情形")
    button = _("认定")
    done = _("已认定，有关机关已收到通知。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.confirm_finding(
            finding_id=self.finding.pk,
            by=cast(User, request.user),
            note=form.cleaned_data["note"],
            on=today(),
            at=now(),
        )
        return done.get_absolute_url()


class Dismiss(_FindingAct):
    """不予认定."""

    verb = "dismiss"
    form_class = RefusalForm
    title = _("不予认定")
    done = _("已记录不予认定的理由。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.dismiss_finding(
            finding_id=self.finding.pk,
            by=cast(User, request.user),
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return done.get_absolute_url()


class Order(_FindingAct):
    """责令限期改正，通报批评."""

    verb = "order"
    form_class = OrderForm
    title = _("责令限期改正，通报批评")
    button = _("责令改正并通报")
    done = _("已责令限期改正，期限开始计算。")
    consequence = _("责令后开始计算改正期限；逾期不改正的，将草拟处分建议。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.order_rectification(
            finding_id=self.finding.pk,
            by=cast(User, request.user),
            on=today(),
            at=now(),
            due_on=form.cleaned_data["due_on"],
            text=form.cleaned_data["text"],
            circular=form.cleaned_data["circular"],
        )
        return done.get_absolute_url()


class _OrderAct(SignedInActPage):
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.order = find_order(request.user, self.kwargs["number"])
        policies.require(request.user, self.verb, self.subject())

    def subject(self) -> Any:
        """What the policy is asked about."""
        return self.order

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "work_section": "oversight",
            "cancel_url": self.order.get_absolute_url(),
            "facts": [
                (_("编号"), self.order.number),
                (_("被责令机关"), self.order.agency.name),
                (_("改正要求"), self.order.text),
                *([(_("改正情况"), self.order.report)] if self.order.report else []),
            ],
        }


class Report(_OrderAct):
    """报告改正情况."""

    verb = "report"
    form_class = ReportForm
    title = _("报告改正情况")
    done = _("改正情况已报告，责令机关已收到通知。")
    consequence = _("责令机关认可后，期限以今天为准停止；未获认可的，期限照常计算。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.report_rectification(
            number=self.order.number,
            by=cast(User, request.user),
            on=today(),
            at=now(),
            report=form.cleaned_data["report"],
        )
        return done.get_absolute_url()


class Accept(_OrderAct):
    """认可改正."""

    verb = "accept"
    form_class = AcceptForm
    title = _("认可改正")
    done = _("已认可改正，期限已停止。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.accept_rectification(
            number=self.order.number,
            by=cast(User, request.user),
            at=now(),
            answer=form.cleaned_data["answer"],
        )
        return done.get_absolute_url()


class Reject(_OrderAct):
    """不认可，继续改正."""

    verb = "reject"
    form_class = RefusalForm
    title = _("不认可，继续改正")
    done = _("已告知被责令机关继续改正。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.reject_rectification(
            number=self.order.number,
            by=cast(User, request.user),
            on=today(),
            at=now(),
            reasons=form.cleaned_data["reasons"],
        )
        return done.get_absolute_url()


class _DisciplineAct(_OrderAct):
    def subject(self) -> Any:
        recommendation = getattr(self.order, "recommendation", None)
        if recommendation is None:
            raise NotSeen(gettext("这份责令改正没有待决定的处分建议。请返回责令改正页面。"))
        return recommendation


class Recommend(_DisciplineAct):
    """提出处分建议."""

    verb = "recommend-discipline"
    form_class = RecommendForm
    title = _("提出处分建议")
    done = _("处分建议已记录。")
    consequence = _("建议提出后不能撤回，由有处分权限的机关依法处理。")
    dangerous = True

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.recommend_discipline(
            number=self.order.number,
            by=cast(User, request.user),
            at=now(),
            text=form.cleaned_data["text"],
        )
        return self.order.get_absolute_url()


class Drop(_DisciplineAct):
    """不提出处分建议."""

    verb = "drop-discipline"
    form_class = RefusalForm
    title = _("不提出处分建议")
    done = _("已记录理由。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.drop_discipline(
            number=self.order.number,
            by=cast(User, request.user),
            at=now(),
            reasons=form.cleaned_data["reasons"],
        )
        return self.order.get_absolute_url()
