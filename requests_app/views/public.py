"""Public pages: one request, published reviews, tracking by code. The list is in ``lists``."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import ByCodePage, CasePage
from guiyang_data.faces.timeline import Reader
from guiyang_data.notices import following
from guiyang_data.timekeeping import today
from requests_app import policies
from requests_app.forms.public import TrackForm
from requests_app.models import Case, OpenRequest, Reply, ReviewApplication
from requests_app.selectors import (
    delivered_replies,
    published_requests,
    published_reviews,
    reviews_with_relations,
    with_relations,
)
from requests_app.views.parts import (
    decision_facts,
    faces_of,
    hands_of_request,
    papers_of,
    reply_facts,
    request_timeline,
    review_timeline,
    shown_together,
)
from requests_app.visitors import open_case, principal_for, remembered_numbers, review_principal
from requests_app.workflow import RequestStatus

PAGE_SIZE = 20


class RequestPage(CasePage):
    """One request: what everyone may read, and for its applicant what is theirs alone."""

    template_name = "requests_app/request.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        number = kwargs["number"]
        found = with_relations(OpenRequest.objects.filter(number=number)).first()
        if found is None:
            raise NotSeen(gettext("没有编号为 %(number)s 的申请。请对照回执检查编号。") % {"number": number})
        principal = principal_for(request, number)
        mine = policies.is_applicant(principal, found)
        face, others = faces_of(found, today())
        questions = list(found.questions.order_by("pk")) if mine else []
        return {
            "case": found,
            "mine": mine,
            "face": face,
            "others": others,
            "facts": _request_facts(found, mine),
            "replies": [_reply(reply, principal) for reply in delivered_replies(found)],
            "reviews": list(_reviews_of(found, principal)),
            "events": request_timeline(found, reader=Reader.PARTY if mine else Reader.PUBLIC),
            "asked": [question for question in questions if question.answered_at is None and found.is_open],
            "questions": [question for question in questions if question.answered_at or not found.is_open],
            "papers": papers_of(found) if mine else [],
            "acts": _own_acts(found, principal) if mine else [],
            "together": shown_together(found),
            "hands": hands_of_request(found, today()),
            "followers": following.followers(found),
            "follows": isinstance(request.user, User) and following.follows(request.user, found),
            "may_follow": not mine and found.status != RequestStatus.WITHDRAWN,
            "overdue": bool(face and face.state == "late" and found.is_open),
            "crumbs": [(_("申请"), reverse("requests_app:list")), (number, "")],
        }

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().get(request, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response


def _request_facts(found: OpenRequest, mine: bool) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("编号"), found.number),
        (_("情形"), Case(found.case).label),
        (_("答复机关"), found.agency.name),
        (_("申请人"), found.public_name),
    ]
    if found.description:
        facts.insert(1, (_("具体说明"), found.description))
    if found.fulfilled_on:
        facts.append((_("落实"), found.fulfilment_note or found.fulfilment_link))
    if mine:
        facts.append((_("用途（只有您和答复机关能看到）"), found.purpose))
    return facts


def _reply(reply: Reply, principal: Principal) -> dict[str, Any]:
    reads = policies.REQUEST_POLICY.may(principal, "read-papers", reply.request)
    return {"reply": reply, "facts": reply_facts(reply), "papers": papers_of(reply) if reads else []}


def _reviews_of(found: OpenRequest, principal: Principal) -> Any:
    """Published results, and one's own objections before they have one."""
    own = policies.visible_reviews(principal, ReviewApplication.objects.filter(reply__request=found))
    seen = published_reviews().filter(reply__request=found) | reviews_with_relations(own)
    return seen.distinct().order_by("submitted_at", "pk")


def _own_acts(found: OpenRequest, principal: Principal) -> list[dict[str, Any]]:
    acts: list[dict[str, Any]] = []
    workflow = policies.REQUEST_POLICY
    if found.is_open and workflow.may(principal, "withdraw", found):
        url = reverse("requests_app:withdraw", args=[found.number])
        acts.append({"label": _("撤回申请"), "url": url, "method": "get"})
    return acts


class TrackPage(ByCodePage):
    """Enter number and code; the case stays open for this visit."""

    form_class = TrackForm
    template_name = "requests_app/track.html"
    title = _("查询办理进展")

    def opened(self, request: HttpRequest, number: str, code: str) -> str:
        holder = open_case(request, number, code)
        name = "review" if holder.number.startswith("FH-") else "request"
        return reverse(f"requests_app:{name}", args=[holder.number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        own: list[Any] = []
        if isinstance(request.user, User) and request.user.kind == User.Kind.PUBLIC:
            own = list(published_requests().filter(applicant=request.user)[:50])
        numbers = remembered_numbers(request)
        own += [row for row in published_requests().filter(number__in=numbers) if row not in own]
        return {"own": own, "crumbs": [(_("申请"), reverse("requests_app:list")), (self.title, "")]}


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Results of reviews, newest first; names hidden (第二十一条第二款)."""
    outcome = request.GET.get("outcome", "")
    rows = published_reviews().order_by("-decided_at", "-pk")
    if outcome in ReviewApplication.Outcome.values:
        rows = rows.filter(outcome=outcome)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "outcome": outcome, "outcomes": ReviewApplication.Outcome.choices}
    return render(request, "requests_app/reviews.html", context)


class ReviewPage(CasePage):
    """One review: its result for everyone, everything for whoever applied for it."""

    template_name = "requests_app/review.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        number = kwargs["number"]
        found = reviews_with_relations(ReviewApplication.objects.filter(number=number)).first()
        principal = review_principal(request, found) if found else request.user
        mine = found is not None and policies.is_objector(principal, found)
        if found is None or not (found.outcome or mine):
            raise NotSeen(
                gettext("没有已公开的复核 %(number)s。您提出的复核，请登录，或者凭查询号和查询码查看。")
                % {"number": number}
            )
        face, _others = faces_of(found, today())
        return {
            "review": found,
            "mine": mine,
            "face": face,
            "reply_facts": reply_facts(found.reply),
            "facts": _review_facts(found),
            "decision": decision_facts(found) if found.outcome else [],
            "statements": list(found.statements.select_related("agency")) if mine else [],
            "papers": papers_of(found) if mine else [],
            "events": review_timeline(found, reader=Reader.PARTY if mine else Reader.PUBLIC),
            "can_withdraw": mine and found.status in {"submitted", "accepted"},
            "crumbs": [(_("复核结果"), reverse("requests_app:reviews")), (number, "")],
        }

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().get(request, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response


def _review_facts(found: ReviewApplication) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("编号"), found.number),
        (_("申请人"), found.public_name),
        (_("有异议的部分"), found.parts),
        (_("异议理由"), found.reasons),
    ]
    if found.decline_reasons:
        same = found.same_as.number if found.same_as else ""
        facts.append((_("不予受理"), _("同一异议见 %(same)s。%(why)s") % {"same": same, "why": found.decline_reasons}))
    return facts
