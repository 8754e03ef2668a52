"""Pages of the municipal authority's reviewers, and of the agency whose reply is reviewed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import standing_filters
from guiyang_data.faces.text import zh_datetime
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.forms.staff import ChangeForm, DeclineForm, NewReplyForm, StatementForm, UpholdForm
from requests_app.models import ReviewApplication
from requests_app.selectors import (
    clocks_by_case,
    decided_on_same_reply,
    reviews_with_relations,
)
from requests_app.views.parts import (
    decision_facts,
    faces_of,
    papers_of,
    reply_facts,
    review_timeline,
    take_papers,
)
from requests_app.views.staff import require_staff
from requests_app.workflow import REVIEW, REVIEW_WORKFLOW

PAGE_SIZE = 30
RUNNING = {"submitted", "accepted"}
DECIDING = {"uphold", "change", "require-new-reply"}
HIDDEN = ("accept-by-silence", "withdraw-review")


class ReviewWorkListPage(SignedInCasePage):
    """Reviews this person may see, what is due first on top."""

    template_name = "requests_app/work_list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        state = request.GET.get("state", "")
        rows = policies.visible_reviews(user, ReviewApplication.objects.all())
        counts = counts_by_standing(rows, today())
        shown = by_due_day(reviews_with_relations(rows)).filter(standing_filter(state, today()))
        count = counts.get(state, sum(counts.values()))
        page = page_of(shown, count=count, number=request.GET.get("page"), size=PAGE_SIZE)
        clocks = clocks_by_case(page.object_list)
        return {
            "work_section": "reviews",
            "is_reviews": True,
            "page": page,
            "items": [_item(row, clocks) for row in page.object_list],
            "filters": standing_filters(counts, state),
            "empty": {
                "title": _("没有符合条件的复核") if state else _("还没有复核申请"),
                "text": _("公众对答复有异议时提出的复核申请会按到期日列在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if state else None,
            },
        }


def _item(row: ReviewApplication, clocks: dict[str, Any]) -> dict[str, Any]:
    clock = clocks.get(row.number)
    return {
        "face": face(clock, today()) if clock else None,
        "title": f"{row.reply.get_outcome_display()}「{row.reply.request.title}」",
        "url": row.work_path,
        "detail": f"{row.number} · {row.reply.agency.short_name} · {row.get_status_display()}",
        "article": REVIEW.number,
        "act_label": _("办理") if row.status in RUNNING else _("查看"),
        "act_url": row.work_path,
        "pk": row.pk,
    }


def find_review(request: HttpRequest, number: str) -> ReviewApplication:
    """The review, where this person may see the whole case."""
    user = require_staff(request)
    rows = policies.visible_reviews(user, ReviewApplication.objects.filter(number=number))
    found = reviews_with_relations(rows).first()
    if found is None:
        raise NotSeen(gettext("没有编号为 %(number)s 的复核，或者它与本机关无关。") % {"number": number})
    return found


def staff_acts(user: User, review: ReviewApplication) -> list[Act]:
    """What this person may do now."""
    hidden = list(HIDDEN)
    if not decided_on_same_reply(review).exists():
        hidden.append("decline")  # no decided objection to the same reply: it must be accepted
    return acts(
        user,
        review,
        status=review.status,
        workflow=REVIEW_WORKFLOW,
        policy=policies.REVIEW_POLICY,
        url=lambda verb: reverse(f"requests_app:work-review-{verb}", args=[review.number]),
        hidden=hidden,
    )


class ReviewCasePage(SignedInCasePage):
    """One review: the disputed reply, the objection, the statements, the acts."""

    template_name = "requests_app/work_review.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        review = find_review(request, kwargs["number"])
        top, others = faces_of(review, today())
        reads = policies.REVIEW_POLICY.may(user, "read-papers", review)
        papers = papers_of(review) if reads else []
        offered = staff_acts(user, review)
        return {
            "work_section": "reviews",
            "review": review,
            "face": top,
            "others": others,
            "acts": offered,
            "decides": any(act.verb in DECIDING for act in offered),
            "took_part": review.status in RUNNING
            and policies.decides_reviews(user)
            and policies.took_part(user, review.reply),
            "reply_facts": disputed_facts(review),
            "decision": decision_facts(review) if review.outcome else [],
            "statements": [
                {"statement": statement, "papers": papers_of(statement)}
                for statement in review.statements.select_related("agency")
            ]
            if reads
            else [],
            "papers": papers,
            "reply_papers": papers_of(review.reply) if reads else [],
            "facts": _side_facts(user, review, len(papers)),
            "same_reply": list(decided_on_same_reply(review)),
            "events": review_timeline(review, reader=Reader.OFFICE if reads else Reader.PUBLIC),
            "crumbs": [(_("复核"), reverse("requests_app:work-reviews")), (review.number, "")],
        }


def disputed_facts(review: ReviewApplication) -> list[tuple[Any, ...]]:
    """The reply and what is said against it."""
    facts: list[tuple[Any, ...]] = list(reply_facts(review.reply))
    return [*facts, (_("有异议的部分"), review.parts), (_("异议理由"), review.reasons)]


def _side_facts(user: User, review: ReviewApplication, papers: int) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("申请人"), review.public_name),
        (_("提出"), zh_datetime(review.submitted_at, with_year=True)),
        (_("原申请"), review.reply.request.number),
        (_("状态"), review.get_status_display()),
        (_("材料"), _("%(count)d 份") % {"count": papers}),
    ]
    if policies.REVIEW_POLICY.may(user, "see-contact", review):
        facts[0] = (_("申请人"), f"{review.get_kind_display()} {review.name}".strip())
        facts.insert(1, (_("联系方式"), " ".join(part for part in (review.mail, review.phone) if part)))
    return facts


class ReviewActPage(SignedInActPage):
    """An act on a review, with the dispute above the form."""

    review: ReviewApplication
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.review = find_review(request, self.kwargs["number"])
        policies.REVIEW_POLICY.require(request.user, self.verb, self.review)

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.prepare(request)
        REVIEW_WORKFLOW.target(self.verb, self.review.status)
        return self.page(request, self.get_form(request))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "lead": f"{self.review.number} {self.review.reply.request.title}",
            "face": faces_of(self.review, today())[0],
            "facts": disputed_facts(self.review),
            "basis": REVIEW,
            "cancel_url": self.review.work_path,
            "shell": "staff/base.html",
            "work_section": "reviews",
        }


class AcceptPage(ReviewActPage):
    """Accept."""

    form_class = ActForm
    verb = "accept"
    title = _("受理复核申请")
    button = _("受理")
    done = _("已受理，10 日内反馈结果。已通知答复机关提交说明。")
    consequence = _("自受理之日起 10 日内反馈复核结果，逾期自动报告市人民政府。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.accept_review(review_id=self.review.pk, by=require_staff(request), on=today(), at=now())
        return self.review.work_path


class DeclinePage(ReviewActPage):
    """Decline."""

    form_class = DeclineForm
    verb = "decline"
    title = _("不予受理")
    done = _("已告知申请人不予受理的理由。")
    dangerous = True
    consequence = REVIEW_WORKFLOW["decline"].consequence

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"review": self.review}

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        services.decline_review(
            review_id=self.review.pk,
            by=by,
            same_as=data["same_as"],
            reasons=data["reasons"],
            on=today(),
            at=now(),
        )
        return self.review.work_path


class StatementPage(ReviewActPage):
    """The replying agency's statement."""

    form_class = StatementForm
    verb = "submit-statement"
    title = _("提交说明")
    button = _("提交说明")
    done = _("说明已交给复核人员。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        papers = take_papers(data["file"], by=by, at=now(), purpose="statement", token=data["submission"][:60])
        services.submit_statement(
            review_id=self.review.pk, by=by, text=data["text"], papers=papers, on=today(), at=now()
        )
        return self.review.work_path


class DecisionPage(ReviewActPage):
    """A result; the subclass says which."""

    done = _("复核结果已反馈申请人并公开，期限已停止。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, decision = require_staff(request), form.decision()
        services.decide_review(review_id=self.review.pk, by=by, decision=decision, on=today(), at=now())
        return self.review.work_path


class UpholdPage(DecisionPage):
    """The reply stands."""

    form_class = UpholdForm
    verb = "uphold"
    title = _("维持原答复")
    button = _("反馈结果：维持原答复")
    consequence = _("结果和理由向社会公开，姓名隐去。")


class ChangePage(DecisionPage):
    """The reply is changed."""

    form_class = ChangeForm
    verb = "change"
    title = _("变更原答复")
    button = _("反馈结果：变更原答复")
    consequence = _(
        "变更为应当开放或者列入的，由答复机关落实，落实的服务目标从今天起算。结果和理由向社会公开，姓名隐去。"
    )


class NewReplyPage(DecisionPage):
    """A new reply by a day."""

    form_class = NewReplyForm
    verb = "require-new-reply"
    title = _("要求重新答复")
    button = _("反馈结果：要求重新答复")
    consequence = _("重新答复的期限由结果确定，不是法定期限；新的答复可以再申请复核。结果和理由向社会公开，姓名隐去。")
