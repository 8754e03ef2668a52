"""Acts of the public on their own request, and objections by anyone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import ActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.codes import new_code
from requests_app.forms.objecting import ObjectionForm, StrangerObjectionForm
from requests_app.forms.public import AnswerForm, WithdrawForm
from requests_app.models import OpenRequest, Question, Reply, ReviewApplication
from requests_app.selectors import delivered_replies, reviews_with_relations, with_relations
from requests_app.views.parts import reply_facts, take_papers
from requests_app.visitors import (
    actor_for,
    count_contact,
    count_filing,
    principal_for,
    remember_code,
    remembered_code,
    review_principal,
)
from requests_app.workflow import REQUEST_WORKFLOW, REVIEW, REVIEW_WORKFLOW


class OwnRequestPage(ActPage):
    """An act on one's own request; for everybody else it is not there."""

    case: OpenRequest

    def prepare(self, request: HttpRequest) -> None:
        number = self.kwargs["number"]
        rows = policies.visible_to(principal_for(request, number), OpenRequest.objects.filter(number=number))
        found = with_relations(rows).first()
        if found is None or not policies.is_applicant(principal_for(request, number), found):
            raise NotSeen(gettext("请先凭查询号和查询码打开这件申请，再办理。"))
        self.case = found

    def principal(self, request: HttpRequest) -> Any:
        """The account, or the holder of the code."""
        return principal_for(request, self.case.number)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": f"{self.case.number} {self.case.title}", "cancel_url": self.case.get_absolute_url()}


class WithdrawPage(OwnRequestPage):
    """Withdraw one's request."""

    form_class = WithdrawForm
    title = _("撤回申请")
    done = _("申请已撤回，期限已停止。")
    dangerous = True
    consequence = _("撤回后本次申请不再答复。以后可以重新申请，期限从那一天另行起算。")

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        if request.method == "GET":
            REQUEST_WORKFLOW.target("withdraw", self.case.status)

    def perform(self, request: HttpRequest, form: Any) -> str:
        reasons = form.cleaned_data["reasons"]
        by = self.principal(request)
        services.withdraw_request(request_id=self.case.pk, by=by, reasons=reasons, on=today(), at=now())
        return self.case.get_absolute_url()


class AnswerPage(OwnRequestPage):
    """Answer a question of the agency."""

    form_class = AnswerForm
    title = _("回答询问")
    button = _("提交回答")
    done = _("已把回答交给答复机关。答复期限照常计算。")
    question: Question

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        found = self.case.questions.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotSeen(gettext("没有这个询问。"))
        self.question = found

    def perform(self, request: HttpRequest, form: Any) -> str:
        text = form.cleaned_data["text"]
        services.answer_question(question_id=self.question.pk, by=self.principal(request), text=text, at=now())
        return self.case.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), "facts": [(_("询问"), self.question.text)]}


class ObjectPage(ActPage):
    """Apply for a review: anyone of the public, on a delivered reply, at any time."""

    title = _("申请复核")
    button = _("提交复核申请")
    template_name = "requests_app/object.html"
    case: OpenRequest
    replies: list[Reply]

    def prepare(self, request: HttpRequest) -> None:
        number = self.kwargs["number"]
        found = with_relations(OpenRequest.objects.filter(number=number)).first()
        if found is None:
            raise NotSeen(gettext("没有编号为 %(number)s 的申请。请对照回执检查编号。") % {"number": number})
        self.case = found
        self.replies = list(delivered_replies(found))

    def get_form(self, request: HttpRequest) -> ActForm:
        mine = policies.is_applicant(principal_for(request, self.case.number), self.case)
        self.form_class = ObjectionForm if mine else StrangerObjectionForm
        return super().get_form(request)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"replies": self.replies}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        asked = whole_number(request.GET.get("reply", ""))
        return {"reply_round": asked} if asked in {reply.round for reply in self.replies} else {}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().post(request, **kwargs)
        if isinstance(response, HttpResponseRedirect):
            self._remember(request, response.url)
        return response

    def _remember(self, request: HttpRequest, path: str) -> None:
        """Let a visitor without an account open the review: by the code made when its form was shown."""
        number = path.rstrip("/").split("/")[-2]
        review = ReviewApplication.objects.filter(number=number).first()
        if review is not None and review.code_hash:
            remember_code(request, number, remembered_code(request, self._slot))

    @property
    def _slot(self) -> str:
        return f"objection:{self.kwargs['number']}"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # made before sending, so that a form sent twice shows the same code both times
        remember_code(request, self._slot, new_code())
        return super().get(request, **kwargs)

    def perform(self, request: HttpRequest, form: Any) -> str:
        count_filing(request)
        principal = principal_for(request, self.case.number)
        by = principal if policies.is_applicant(principal, self.case) else actor_for(request)
        if not remembered_code(request, self._slot):
            remember_code(request, self._slot, new_code())
        data = form.cleaned_data
        party = form.party() if isinstance(form, StrangerObjectionForm) else None
        if party is not None:
            count_contact(request.user, party)
        papers = take_papers(data["file"], by=by, at=now(), purpose="objection", token=data["submission"][:60])
        applied = services.apply_review(
            request_id=self.case.pk,
            by=by,  # type: ignore[arg-type]
            parts=form.objected_parts(),
            reasons=data["reasons"],
            reply_round=form.chosen_round(),
            party=party,
            papers=papers,
            code=remembered_code(request, self._slot),
            on=today(),
            at=now(),
        )
        return reverse("requests_app:receipt", args=[applied.review.number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "case": self.case,
            "lead": f"{self.case.number} {self.case.title}",
            "replies": [{"reply": reply, "facts": reply_facts(reply)} for reply in self.replies],
            "basis": REVIEW,
            "cancel_url": self.case.get_absolute_url(),
            "by_authority": any(_is_municipal_authority(reply.agency) for reply in self.replies),
        }


def _is_municipal_authority(agency: Agency) -> bool:
    return agency.is_authority and agency.level == Agency.Level.MUNICIPAL


class WithdrawReviewPage(ActPage):
    """Withdraw one's objection."""

    title = _("撤回复核申请")
    done = _("复核申请已撤回，期限已停止。")
    dangerous = True
    consequence = _("撤回后不再作出复核结果。以后可以重新申请复核。")
    review: ReviewApplication

    def prepare(self, request: HttpRequest) -> None:
        found = reviews_with_relations(ReviewApplication.objects.filter(number=self.kwargs["number"])).first()
        if found is None or not policies.is_objector(review_principal(request, found), found):
            raise NotSeen(gettext("请先凭查询号和查询码打开这件复核，再办理。"))
        self.review = found
        if request.method == "GET":
            REVIEW_WORKFLOW.target("withdraw-review", found.status)

    def perform(self, request: HttpRequest, form: Any) -> str:
        by = review_principal(request, self.review)
        services.withdraw_review(review_id=self.review.pk, by=by, on=today(), at=now())
        return self.review.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.review.number, "cancel_url": self.review.get_absolute_url()}
