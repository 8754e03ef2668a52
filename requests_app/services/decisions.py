"""The result of a review (第二十一条第二款) and what it does to the request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from requests_app.findable import keep_request_findable, keep_review_findable
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.selectors import delivered_replies
from requests_app.services.parties import LEAST_REASONS, refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.services.replies import set_fulfilment
from requests_app.services.requests import lock_request
from requests_app.services.reviews import lock_review, other_way, require_outsider, tell_replier
from requests_app.services.telling import tell_applicant, tell_objector
from requests_app.workflow import REQUEST_WORKFLOW, REVIEW, REVIEW_WORKFLOW

_Outcome = ReviewApplication.Outcome


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A result: ``changed_to`` for a change, ``new_reply_due_on`` where a new reply is required."""

    outcome: str
    reasons: str
    changed_to: str = ""
    new_reply_due_on: dt.date | None = None

    def check(self, on: dt.date) -> dict[str, str]:
        """What is missing, by field name."""
        if self.outcome not in _Outcome.values:
            return {"outcome": "请选择维持、变更或者要求重新答复。"}
        wrong: dict[str, str] = {}
        if len(self.reasons.strip()) < LEAST_REASONS:
            wrong["reasons"] = f"复核结果应当写明理由，至少 {LEAST_REASONS} 个字，结果向社会公开。"
        if self.outcome == _Outcome.CHANGE and self.changed_to not in ReviewApplication.ChangedTo.values:
            wrong["changed_to"] = "请选择变更为什么。"
        if self.outcome == _Outcome.NEW_REPLY and (self.new_reply_due_on is None or self.new_reply_due_on <= on):
            wrong["new_reply_due_on"] = "请写明重新答复的期限，应当在今天之后。"
        return numbers_told({"reasons": self.reasons}) | wrong


@transaction.atomic
def decide_review(*, review_id: int, by: User, decision: Decision, on: dt.date, at: dt.datetime) -> ReviewApplication:
    """Feed back the result: uphold, change, or require a new reply by a day set in the result. The clock stops.

    A change binds the provider, whose fulfilment target starts; the new reply's day is not statutory, and the new
    reply can be reviewed again. Published with names hidden.
    """
    review = lock_review(review_id)
    require_outsider(review, by, decision.outcome if decision.outcome in _Outcome.values else "uphold")
    refuse_if(decision.check(on), REVIEW)
    review.status = REVIEW_WORKFLOW.target(decision.outcome, review.status)
    _store(review, decision, by, on, at)
    clocks.stop(review, "review-result", on=on, at=at, by=by)
    payload = {"outcome": review.outcome, "changed_to": review.changed_to}
    record(review, decision.outcome, by=by, at=at, basis=REVIEW, payload=payload)
    request = lock_request(review.reply.request_id)
    if review.outcome != _Outcome.UPHOLD:
        _carry_into(request, review, by=by, on=on, at=at)
    _tell_all(request, review, at)
    keep_review_findable(review)
    return review


def _store(review: ReviewApplication, decision: Decision, by: User, on: dt.date, at: dt.datetime) -> None:
    review.outcome, review.decision_reasons = decision.outcome, decision.reasons.strip()
    review.changed_to = decision.changed_to if decision.outcome == _Outcome.CHANGE else ""
    review.new_reply_due_on = decision.new_reply_due_on if decision.outcome == _Outcome.NEW_REPLY else None
    review.decided_by, review.decided_at, review.decided_on = by, at, on
    fields = "status outcome decision_reasons changed_to new_reply_due_on decided_by decided_at decided_on"
    review.save(update_fields=fields.split())


def _carry_into(request: OpenRequest, review: ReviewApplication, *, by: User, on: dt.date, at: dt.datetime) -> None:
    if request.is_open:
        if review.outcome == _Outcome.NEW_REPLY:
            return  # a new reply is already owed, on the day set before
        raise RuleBroken(
            "这件申请正在重新答复，不能同时变更原答复。请选择维持原答复或者要求重新答复；对新的答复可以再申请复核。",
            basis=REVIEW,
            fields={"outcome": "这件申请正在重新答复，请选择维持或者要求重新答复。"},
        )
    if review.outcome == _Outcome.CHANGE and _is_replaced(review, request):
        raise RuleBroken(
            "这次答复之后已经重新答复，原答复不再生效，不能变更。请选择维持原答复，或者要求重新答复。",
            basis=REVIEW,
            fields={"outcome": "这次答复已被后来的答复取代，请选择维持或者要求重新答复。"},
        )
    verb = _request_verb(review)
    request.status = REQUEST_WORKFLOW.target(verb, request.status)
    if verb == "order-new-reply":
        request.round += 1
    request.fulfilled_on = None
    request.save(update_fields=["status", "round", "fulfilled_on"])
    if verb == "order-new-reply":
        clocks.start(
            "reply-again",
            request,
            on=on,
            at=at,
            by=by,
            owed_by=request.agency,
            number=request.number,
            title=f"重新答复：{request.title}",
            path=request.work_path,
            due_on=review.new_reply_due_on,
        )
    set_fulfilment(request, on=on, at=at, by=by)
    record(request, verb, by=by, at=at, basis=REVIEW, payload={"review": review.number, "round": request.round})
    keep_request_findable(request)


def _is_replaced(review: ReviewApplication, request: OpenRequest) -> bool:
    newest = delivered_replies(request).first()
    return newest is not None and newest.pk != review.reply_id


def _request_verb(review: ReviewApplication) -> str:
    if review.outcome == _Outcome.NEW_REPLY:
        return "order-new-reply"
    return "order-refusal" if review.changed_to == ReviewApplication.ChangedTo.WITHHOLD else "order-agreement"


def _tell_all(request: OpenRequest, review: ReviewApplication, at: dt.datetime) -> None:
    result = review.get_outcome_display()
    if review.changed_to:
        result = f"{result}：{review.get_changed_to_display()}"
    if review.new_reply_due_on:
        result = f"{result}，期限 {show(review.new_reply_due_on)}"
    body = f"结果：{result}。理由：{review.decision_reasons}"
    if review.new_reply_due_on:
        body += "\n重新答复的期限由复核结果确定，不是法定期限；对新的答复可以再申请复核。"
    way = other_way(review)
    tell_objector(
        review,
        "decided",
        title=f"您的复核申请 {review.number} 已有结果",
        body=f"{body}\n{way}" if way else body,
        at=at,
        basis=REVIEW,
    )
    if not review.by_applicant:
        tell_applicant(
            request,
            f"review:{review.number}",
            title=f"您的开放申请 {request.number} 经复核：{review.get_outcome_display()}",
            body=body,
            at=at,
            basis=REVIEW,
        )
    tell_replier(review, "decided", f"复核结果：{request.title}", body, at)
