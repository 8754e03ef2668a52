"""Decisions to publish a catalogue (第十一条第三款): listed, proposed, read, reviewed, confirmed, rejected, revoked."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.cases import deciding_authority, decision_acts, find_decision
from catalog.forms.publishing import PublicationForm, SecrecyReviewForm, words_of
from catalog.models import PublicationDecision
from catalog.publishing import CHOOSABLE, CHOOSABLE_OF_ITEMS, agencies_under, entries_of, regions_under
from catalog.views.decided import entries_shown
from catalog.views.shared import SHELL, crumbs, user_of
from catalog.workflow import DECISION_WORKFLOW, REVIEW, DecisionStatus
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import now, today

PER_PAGE = 30
LIST = "/desk/catalog/decisions/"
COLUMNS = [
    {"name": gettext_lazy("编号"), "code": "number"},
    {"name": gettext_lazy("目录"), "code": "title"},
    {"name": gettext_lazy("作出决定的主管部门"), "code": "authority"},
    {"name": gettext_lazy("文件"), "code": "document"},
    {"name": gettext_lazy("状态"), "code": "status"},
    {"name": gettext_lazy("提议时间"), "code": "proposed"},
]
LABELS: dict[str, str] = {
    "propose-publication": "提议公布目录",
    **{verb: transition.past for verb, transition in DECISION_WORKFLOW.transitions.items()},
}


class DecisionListPage(SignedInCasePage):
    """Every decision that a person sees, the newest first; ``status`` stands in the address."""

    template_name = "catalog/decisions.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        policies.require_staff(user)
        status = request.GET.get("status", "")
        decisions = policies.visible_decisions(user, PublicationDecision.objects.all())
        decisions = decisions.filter(status=status) if status in DecisionStatus.values else decisions
        related = decisions.select_related("agency", "region", "authority").order_by("-proposed_at", "-pk")
        page = Paginator(related, PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "columns": COLUMNS,
            "rows": [_row(one) for one in page],
            "status": status,
            "statuses": DecisionStatus.choices,
            "may_propose": policies.proposes_anywhere(user),
            "empty": {
                "title": _("没有公布决定"),
                "text": _(
                    "市级共享目录、开放目录依法公布。其他目录须由主管部门决定、经保密审查，才向社会公布，列在这里。"
                ),
            },
            "crumbs": crumbs((_("目录公布决定"), "")),
        }


def _row(decision: PublicationDecision) -> dict[str, Any]:
    return {
        "number": {"text": decision.number, "url": decision.get_absolute_url()},
        "title": decision.title,
        "authority": decision.authority.short_name,
        "document": decision.document,
        "status": decision.get_status_display(),
        "proposed": zh_datetime(decision.proposed_at),
    }


class ProposePage(SignedInActPage):
    """A catalogue is proposed to be made public."""

    form_class = PublicationForm
    title = gettext_lazy("提议公布目录")
    button = gettext_lazy("提议，转保密审查")
    done = gettext_lazy("已提议。由本部门另一人作保密审查并确认之后公布。")
    consequence = gettext_lazy("这一步不公布任何内容。经保密审查、由提议人以外的第二人确认之后，才向社会公布。")

    def prepare(self, request: HttpRequest) -> None:
        self.authority = deciding_authority(user_of(request))

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"decided_on": today()}

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"regions": regions_under(self.authority), "agencies": agencies_under(self.authority)}

    def perform(self, request: HttpRequest, form: Any) -> str:
        made = services.propose_publication(by=user_of(request), at=now(), **form.given())
        return made.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return SHELL | {
            "lead": self.authority.name,
            "basis": REVIEW.number,
            "cancel_url": LIST,
            "crumbs": crumbs((_("目录公布决定"), LIST), (str(self.title), "")),
        }


class DecisionPage(SignedInCasePage):
    """A decision: what it lets out, the review, what may be done, what happened."""

    template_name = "catalog/decision.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        decision = find_decision(user, kwargs["pk"])
        return SHELL | {
            "decision": decision,
            "facts": _facts(decision),
            "count": entries_of(decision).count(),
            "acts": decision_acts(user, decision),
            "events": timeline(events_of(decision), LABELS),
            "crumbs": crumbs((_("目录公布决定"), LIST), (decision.number, "")),
        }


class DecisionPreviewPage(SignedInCasePage):
    """What a decision would let out, or lets out: what its confidentiality review judges."""

    template_name = "catalog/decision_preview.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        decision = find_decision(user_of(request), kwargs["pk"])
        way = crumbs((_("目录公布决定"), LIST), (decision.number, decision.get_absolute_url()), (_("公布的内容"), ""))
        return SHELL | entries_shown(decision, request) | {"crumbs": way}


def _facts(decision: PublicationDecision) -> list[tuple[Any, Any]]:
    withheld = decision.catalogue == PublicationDecision.Catalogue.RESOURCE
    facts = [
        (_("目录"), decision.title),
        (_("公布的要素"), words_of(decision.elements, CHOOSABLE) or _("只公布资源代码、名称、提供机关和公布日期")),
        (_("公布的信息项要素"), words_of(decision.item_elements, CHOOSABLE_OF_ITEMS) or _("不公布信息项")),
        (_("不予共享的条目"), (_("公布") if decision.includes_withheld else _("不公布")) if withheld else ""),
        (_("文件"), decision.document),
        (_("决定日期"), zh_date(decision.decided_on, with_year=True)),
        (_("公布的理由"), decision.grounds),
        (_("状态"), decision.get_status_display()),
        (_("提议"), f"{decision.proposed_by} · {zh_datetime(decision.proposed_at)}"),
        (_("保密审查"), _said(decision.reviewed_by, decision.reviewed_at)),
        (_("保密审查意见"), decision.review_opinion),
        (_("确认、公布"), _said(decision.confirmed_by, decision.confirmed_at)),
        (_("不予公布或者撤销的理由"), decision.reasons),
    ]
    return [(label, value) for label, value in facts if value]


def _said(who: Any, at: Any) -> str:
    return f"{who} · {zh_datetime(at)}" if who is not None else ""


class DecisionAct(CaseActPage):
    """An act on a decision."""

    policy = policies.POLICY
    workflow = DECISION_WORKFLOW
    case: PublicationDecision

    def find(self, request: HttpRequest) -> PublicationDecision:
        return find_decision(user_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"decision_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = super().context(request)
        way = crumbs((_("目录公布决定"), LIST), (self.case.number, self.case.get_absolute_url()))
        return known | SHELL | {"lead": self.case.title, "facts": _facts(self.case), "crumbs": way}


class PassDecisionReview(DecisionAct):
    """保密审查通过."""

    verb = "pass-decision-review"
    form_class = SecrecyReviewForm
    service = staticmethod(services.pass_decision_review)
    done = gettext_lazy("保密审查已记录，等待确认。")


class ConfirmDecision(DecisionAct):
    """确认决定，公布目录."""

    verb = "confirm-decision"
    service = staticmethod(services.confirm_decision)
    done = gettext_lazy("已公布。")


class RejectDecision(DecisionAct):
    """不予公布."""

    verb = "reject-decision"
    form_class = ReasonForm
    service = staticmethod(services.reject_decision)
    done = gettext_lazy("已记录不予公布的理由。")


class RevokeDecision(DecisionAct):
    """撤销公布决定."""

    verb = "revoke-decision"
    form_class = ReasonForm
    service = staticmethod(services.revoke_decision)
    done = gettext_lazy("已撤销，这份目录不再公布。")
