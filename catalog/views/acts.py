"""The acts on a revision and on an entry, each on its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog import policies, services
from catalog.forms import DelegateForm, OpinionForm, ReviewOpinionForm, SendBackForm
from catalog.models import ConfidentialityReview, EntryRevision, InformationItem
from catalog.selectors import open_revision
from catalog.views.shared import SHELL, EntryActPage, crumbs, exposed_in_words, find_revision, user_of
from catalog.workflow import CONFIDENTIALITY_WORKFLOW, WORKFLOW
from guiyang_data.errors import NotSeen, WrongState
from guiyang_data.faces.acts import acts
from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today


class RevisionActPage(EntryActPage):
    """An act on one revision."""

    def find(self, request: HttpRequest) -> None:
        self.revision = find_revision(user_of(request), self.entry, self.kwargs["number"])

    def subject(self) -> EntryRevision:
        return self.revision

    def check(self) -> None:
        WORKFLOW.target(self.verb, self.revision.status)

    def heading(self) -> str:
        name = f"{self.revision.title} · 第{self.revision.number}版"
        return f"{name} · {self.entry.resource_code} · {self.entry.provider.short_name}"

    def back(self) -> str:
        return self.revision.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        transition = WORKFLOW[self.verb]
        known = super().context(request)
        running = clocks_of(self.revision).filter(stopped_on=None).first()
        return known | {
            "basis": transition.basis.number,
            "consequence": self.consequence or transition.consequence,
            "dangerous": transition.dangerous,
            "face": face(running, today()) if running else None,
        }

    def arguments(self, form: ActForm) -> dict[str, Any]:
        """What the form gives to the service."""
        return {}

    def act(self, **arguments: Any) -> Any:
        """The service."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        self.act(revision_id=self.revision.pk, by=user_of(request), at=now(), **self.arguments(form))
        return self.revision.get_absolute_url()


class SubmitPage(RevisionActPage):
    """The agency submits."""

    verb = "submit"
    title = WORKFLOW["submit"].label
    done = _("目录已提交审核，大数据主管部门已收到提醒。")
    consequence = _("提交后在审核、审定结束之前不能修改；被退回的可以修改后重新提交。")

    def act(self, **arguments: Any) -> None:
        services.submit(**arguments)


class AskConfidentialityPage(RevisionActPage):
    """A second person is asked for the confidentiality review."""

    verb = "ask-confidentiality"
    title = WORKFLOW["ask-confidentiality"].label
    done = _("已提请保密审查，本机关审批人已收到提醒。")
    consequence = _("由提请人、编制人以外的审批人作出结论。之后信息项或者共享、开放的内容有变动的，须重新审查。")

    def act(self, **arguments: Any) -> None:
        services.ask_confidentiality_review(**arguments, scope=ConfidentialityReview.Scope.SHARING)


class PassReviewPage(RevisionActPage):
    """The authority passes the review."""

    form_class = OpinionForm
    verb = "pass-review"
    title = WORKFLOW["pass-review"].label
    done = _("审核已通过，已报同级人民政府审定。")

    def arguments(self, form: ActForm) -> dict[str, Any]:
        return {"opinion": form.cleaned_data["opinion"]}

    def act(self, **arguments: Any) -> None:
        services.pass_review(**arguments)


class ApprovePage(RevisionActPage):
    """The government approves."""

    form_class = OpinionForm
    verb = "approve"
    title = WORKFLOW["approve"].label
    done = _("目录已审定公布，自今日起生效。")
    consequence = _("公布后即为现行目录，取代此前的版本；市级目录同时列入向社会公布的共享目录、开放目录。")

    def arguments(self, form: ActForm) -> dict[str, Any]:
        return {"opinion": form.cleaned_data["opinion"]}

    def act(self, **arguments: Any) -> None:
        services.approve(**arguments)


class SendBackPage(RevisionActPage):
    """The authority or the government sends back."""

    form_class = SendBackForm
    template_name = "catalog/send_back.html"
    verb = "send-back"
    title = WORKFLOW["send-back"].label
    done = _("目录已退回，编制机关已收到理由。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revision": self.revision}

    def arguments(self, form: ActForm) -> dict[str, Any]:
        return form.given()

    def act(self, **arguments: Any) -> None:
        services.send_back(**arguments)


class DropPage(RevisionActPage):
    """The agency gives a draft up."""

    verb = "drop"
    title = WORKFLOW["drop"].label
    done = _("草稿已放弃。")

    def act(self, **arguments: Any) -> None:
        services.drop(**arguments)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        super().perform(request, form)
        return self.entry.get_absolute_url()


class ForcePage(EntryActPage):
    """An act on an entry whose catalogue is in force."""

    def check(self) -> None:
        if self.entry.in_force is None:
            raise WrongState(
                "这一条目没有已公布的目录，不能办理这一事项。请打开草稿继续办理。", basis=WORKFLOW[self.verb].basis
            )

    def context(self, request: HttpRequest) -> dict[str, Any]:
        transition = WORKFLOW[self.verb]
        return super().context(request) | {
            "basis": transition.basis.number,
            "dangerous": transition.dangerous,
            "consequence": self.consequence or transition.consequence,
        }


class RevisePage(ForcePage):
    """A new revision is begun."""

    verb = "revise"
    title = WORKFLOW["revise"].label
    button = _("开始修订")
    done = _("已开始修订。公布之前，现行目录照常有效。")
    consequence = _("以现行目录为底稿另起一份修订稿，须重新审核、审定后公布。")

    def check(self) -> None:
        super().check()
        under_way = open_revision(self.entry)
        if under_way is not None:
            raise WrongState("这一条目已有一份正在办理的修订稿，请打开那一份继续办理。", basis=WORKFLOW["revise"].basis)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        draft = services.revise(entry_id=self.entry.pk, by=user_of(request), at=now())
        return f"{draft.get_absolute_url()}edit/"


class WithdrawPage(ForcePage):
    """An entry is withdrawn."""

    form_class = ReasonForm
    verb = "withdraw"
    title = WORKFLOW["withdraw"].label
    done = _("目录条目已撤销。")

    def check(self) -> None:
        super().check()
        services.require_nothing_under_way(self.entry)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        entry = services.withdraw(
            entry_id=self.entry.pk, by=user_of(request), at=now(), reasons=form.cleaned_data["reasons"]
        )
        return entry.get_absolute_url()


class DelegatePage(EntryActPage):
    """Somebody else is let compile and gather for one entry."""

    form_class = DelegateForm
    verb = "delegate"
    title = WORKFLOW["delegate"].label
    button = _("委托")
    done = _("已委托。受托人可以修改、提交这一条目并汇聚数据，管理权仍属本机关。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entry": self.entry}

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        services.delegate_entry(entry_id=self.entry.pk, to=form.cleaned_data["to"], by=user_of(request), at=now())
        return self.entry.get_absolute_url()


def find_review(user: Any, pk: int) -> ConfidentialityReview:
    """A visible confidentiality review, or ``NotSeen``."""
    reviews = ConfidentialityReview.objects.select_related(
        "revision__entry__provider", "revision__compiled_by", "revision__category", "asked_by", "decided_by"
    )
    found = policies.visible_reviews(user, reviews).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这份保密审查，或者您不能查看。请返回待办重新选择。")
    return found


class ConfidentialityPage(SignedInCasePage):
    """A confidentiality review: what is judged, and the two ways to decide."""

    template_name = "catalog/confidentiality.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        review = find_review(user_of(request), kwargs["pk"])
        revision = review.revision
        clock = clocks_of(review).first()
        return SHELL | {
            "review": review,
            "revision": revision,
            "entry": revision.entry,
            "items": revision.items.all(),
            "face": face(clock, today()) if clock else None,
            "is_current": review.substance == revision.substance,
            "exposed": exposed_in_words(revision),
            "facts": _review_facts(review),
            "acts": acts(
                user_of(request),
                review,
                status=review.outcome,
                workflow=CONFIDENTIALITY_WORKFLOW,
                policy=policies.POLICY,
                url=lambda verb: f"{review.get_absolute_url()}{verb.removesuffix('-confidentiality')}/",
                hidden={"void-confidentiality"},
            ),
            "crumbs": crumbs((revision.title, revision.get_absolute_url()), (str(_("保密审查")), "")),
        }


def _review_facts(review: ConfidentialityReview) -> list[tuple[str, Any]]:
    revision = review.revision
    return [
        ("审查范围", f"向其他机关{review.get_scope_display()}" if review.scope == "sharing" else "向社会开放"),
        ("资源名称", revision.title),
        ("资源摘要", revision.abstract),
        ("共享类型", revision.get_sharing_type_display()),
        *([("共享条件", revision.sharing_condition)] if revision.sharing_condition else []),
        ("向社会开放", "是" if revision.is_open else "否"),
        ("最高分级", InformationItem.Grade(revision.grade).label),
        ("结论", review.get_outcome_display()),
        *([("审查意见", review.opinion)] if review.opinion else []),
    ]


class DecideConfidentialityPage(SignedInActPage):
    """A confidentiality review is decided by a second person."""

    passed = True
    form_class: type[ActForm] = OpinionForm
    title = CONFIDENTIALITY_WORKFLOW["pass-confidentiality"].label
    done = _("结论已记录，提请人已收到。")

    @property
    def verb(self) -> str:
        """What is done."""
        return "pass-confidentiality" if self.passed else "refuse-confidentiality"

    def prepare(self, request: HttpRequest) -> None:
        self.review = find_review(user_of(request), self.kwargs["pk"])
        policies.require(user_of(request), self.verb, self.review)
        if request.method == "GET":
            CONFIDENTIALITY_WORKFLOW.target(self.verb, self.review.outcome)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        review = services.decide_confidentiality_review(
            review_id=self.review.pk,
            passed=self.passed,
            by=user_of(request),
            at=now(),
            opinion=form.cleaned_data["opinion"],
        )
        return review.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        transition = CONFIDENTIALITY_WORKFLOW[self.verb]
        back = self.review.get_absolute_url()
        return SHELL | {
            "lead": self.review.revision.title,
            "facts": _review_facts(self.review),
            "basis": transition.basis.number,
            "consequence": transition.consequence,
            "dangerous": transition.dangerous,
            "cancel_url": back,
            "crumbs": crumbs((str(_("保密审查")), back), (str(self.title), "")),
        }


class RefuseConfidentialityPage(DecideConfidentialityPage):
    """It may not be shared, with reasons."""

    passed = False
    form_class = ReviewOpinionForm
    title = CONFIDENTIALITY_WORKFLOW["refuse-confidentiality"].label
