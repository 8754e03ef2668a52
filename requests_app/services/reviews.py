"""Reviews by the municipal authority (第二十一条第二款): one function for each act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import PLATFORM, Actor, record, subject_of
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.texts import legible
from requests_app import policies
from requests_app.codes import code_hash, new_code
from requests_app.models import OpenRequest, Reply, ReviewApplication, ReviewStatement
from requests_app.selectors import decided_on_same_reply, delivered_replies
from requests_app.services.parties import LEAST_REASONS, Party, account_of, give_papers, refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.services.requests import lock_request
from requests_app.services.telling import tell_objector
from requests_app.workflow import COMPLAIN, REVIEW, REVIEW_WORKFLOW, ReviewStatus


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A review applied for, and its secret code; empty where the request's own code opens it."""

    review: ReviewApplication
    code: str


def lock_review(review_id: int) -> ReviewApplication:
    """The review, locked until the act commits."""
    rows = ReviewApplication.objects.select_for_update(of=("self",))
    return rows.select_related("reply__request__agency", "reply__agency", "objector").get(pk=review_id)


@transaction.atomic
def apply_review(
    *,
    request_id: int,
    by: Actor,
    parts: str,
    reasons: str,
    on: dt.date,
    at: dt.datetime,
    party: Party | None = None,
    papers: Iterable[Attachment] = (),
    code: str = "",
    reply_round: int | None = None,
) -> Applied:
    """Object to a delivered reply: anyone of the public, at any time (第二十一条第二款).

    ``reply_round``: which reply of the request, an earlier one as well; None is the newest. Without a delivered reply
    there is nothing to review: ``RuleBroken`` that points to 第二十九条.
    """
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "apply-review", request)  # type: ignore[arg-type]
    reply = _disputed(request, reply_round)
    by_applicant = policies.is_applicant(by, request)  # type: ignore[arg-type]
    party, parts, reasons = party or Party(), legible(parts), legible(reasons)
    refuse_if(_wrong_in_objection(parts, reasons) | party.check(), REVIEW)
    number = next_number("FH", on.year)
    code = "" if by_applicant else code or new_code()
    review = ReviewApplication.objects.create(
        number=number,
        code_hash=code_hash(number, code) if code else "",
        reply=reply,
        objector=account_of(by),  # type: ignore[arg-type]
        by_applicant=by_applicant,
        parts=parts,
        reasons=reasons,
        submitted_at=at,
        submitted_on=on,
        **(_contact_of(request) if by_applicant else party.stored()),
    )
    give_papers(papers, review)
    clock = _start(review, "review-acceptance", on=on, at=at, by=by)
    payload = {"request": request.number, "round": reply.round, "by_applicant": by_applicant}
    record(review, "apply-review", by=by, at=at, basis=REVIEW, payload=payload)
    _tell_of_application(review, clock.due_on, at)
    return Applied(review=review, code=code)


def _disputed(request: OpenRequest, reply_round: int | None) -> Reply:
    """The reply that is objected to; refused where it was not delivered."""
    delivered = delivered_replies(request)
    newest = delivered.first()
    if newest is None:
        raise RuleBroken(
            f"{request.agency.name}还没有答复，暂时没有可以复核的内容。超过期限仍未答复的，您可以依照第二十九条投诉举报。",
            basis=COMPLAIN,
        )
    if reply_round is None:
        return newest
    chosen = delivered.filter(round=reply_round).first()
    if chosen is None:
        message = f"没有送达过第 {reply_round} 次答复，请选择已经送达的一次。"
        raise RuleBroken(message, basis=REVIEW, fields={"reply_round": message})
    return chosen


def other_way(review: ReviewApplication) -> str:
    """Where the municipal authority itself replied: who decides then, and that 第二十九条 is open too."""
    if review.reply.agency_id != municipal_authority().pk:
        return ""
    return "这份答复由市大数据主管部门作出，复核由没有参与答复的人员办理；您也可以依照第二十九条投诉举报。"


def _tell_of_application(review: ReviewApplication, due_on: dt.date, at: dt.datetime) -> None:
    _tell_reviewers(review, "applied", f"收到复核申请：{review.reply.request.title}", at)
    tell_objector(
        review,
        "applied",
        title=f"已收到您的复核申请 {review.number}",
        body=f"市大数据主管部门最迟 {show(due_on)}决定是否受理；到时没有决定的，视为受理。"
        f"自受理之日起 10 日内反馈结果。{other_way(review)}",
        at=at,
        basis=REVIEW,
    )


def _wrong_in_objection(parts: str, reasons: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not parts.strip():
        wrong["parts"] = "请写明对答复的哪一部分有异议，例如「实时余位不开放」，或者「全部」。"
    if len(reasons.strip()) < LEAST_REASONS:
        wrong["reasons"] = f"请写明异议的理由，至少 {LEAST_REASONS} 个字。"
    return numbers_told({"parts": parts, "reasons": reasons}) | wrong


def _contact_of(request: OpenRequest) -> dict[str, object]:
    return {
        "kind": request.kind,
        "name_encrypted": request.name_encrypted,
        "show_name": request.show_name,
        "mail_encrypted": request.mail_encrypted,
        "phone_encrypted": request.phone_encrypted,
    }


def _start(review: ReviewApplication, kind: str, *, on: dt.date, at: dt.datetime, by: Actor) -> Clock:
    reply = review.reply
    return clocks.start(
        kind,
        review,
        on=on,
        at=at,
        by=by,
        owed_by=municipal_authority(),
        number=review.number,
        title=f"复核：{reply.get_outcome_display()}「{reply.request.title}」",
        path=review.work_path,
    )


def _tell_reviewers(review: ReviewApplication, occasion: str, title: str, at: dt.datetime) -> None:
    tell_agency(
        municipal_authority(),
        [Role.REVIEWER],
        key=f"{review.number}:{occasion}",
        about=review,
        kind="review",
        title=title,
        path=review.work_path,
        basis=REVIEW,
        at=at,
    )


def tell_replier(review: ReviewApplication, occasion: str, title: str, body: str, at: dt.datetime) -> None:
    tell_agency(
        review.reply.agency,
        policies.WORKERS,
        key=f"{review.number}:{occasion}",
        about=review,
        kind="review",
        title=title,
        body=body,
        path=review.work_path,
        basis=REVIEW,
        at=at,
    )


def require_outsider(review: ReviewApplication, by: User, verb: str) -> None:
    """Nobody who took part in the reply decides on it."""
    if policies.took_part(by, review.reply):
        raise NotAllowed(
            "您参与过这份答复的起草或者审批，复核应当由未参与的人员办理。",
            basis=REVIEW,
            subject=subject_of(review),
            verb=verb,
        )
    policies.REVIEW_POLICY.require(by, verb, review)


@transaction.atomic
def accept_review(*, review_id: int, by: User, on: dt.date, at: dt.datetime) -> ReviewApplication:
    """Accept; the ten days for the result run from acceptance.

    Where five working days had already passed in silence, acceptance is the fifth of them, whoever notices it first.
    """
    review = lock_review(review_id)
    require_outsider(review, by, "accept")
    waiting = clocks.lock_running(review, "review-acceptance")
    day = min(on, waiting.due_on) if waiting else on
    return _accept(review, "accept", by=by, accepted_by=by, day=day, at=at)


def _accept(
    review: ReviewApplication, verb: str, *, by: Actor, accepted_by: User | None, day: dt.date, at: dt.datetime
) -> ReviewApplication:
    review.status = REVIEW_WORKFLOW.target(verb, review.status)
    review.accepted_at, review.accepted_on, review.accepted_by = at, day, accepted_by
    review.save(update_fields=["status", "accepted_at", "accepted_on", "accepted_by"])
    cause = Clock.Stop.DONE if accepted_by else Clock.Stop.SUPERSEDED
    clocks.stop(review, "review-acceptance", on=day, at=at, by=by, cause=cause)
    clock = _start(review, "review-result", on=day, at=at, by=by)
    record(review, verb, by=by, at=at, basis=REVIEW, payload={"accepted_on": day.isoformat()})
    title = review.reply.request.title
    tell_replier(review, "accepted", f"对答复的复核已受理：{title}", "请提交说明和有关材料。", at)
    tell_objector(
        review,
        "accepted",
        title=f"您的复核申请 {review.number} 已受理",
        body=f"受理之日为 {show(day)}，最迟 {show(clock.due_on)} 24:00 前反馈复核结果。",
        at=at,
        basis=REVIEW,
    )
    return review


@transaction.atomic
def accept_by_silence(*, review_id: int, on: dt.date, at: dt.datetime) -> bool:
    """Accept a review nobody decided on within five working days, as of the fifth. Returns whether it did."""
    return _settle_silence(lock_review(review_id), on=on, at=at)


def _settle_silence(review: ReviewApplication, *, on: dt.date, at: dt.datetime) -> bool:
    waiting = clocks.lock_running(review, "review-acceptance")
    if review.status != ReviewStatus.SUBMITTED or waiting is None or waiting.due_on >= on:
        return False
    _accept(review, "accept-by-silence", by=PLATFORM, accepted_by=None, day=waiting.due_on, at=at)
    _tell_reviewers(review, "silence", f"复核申请已视为受理：{review.reply.request.title}", at)
    return True


@transaction.atomic
def decline_review(
    *, review_id: int, by: User, same_as: ReviewApplication | None, reasons: str, on: dt.date, at: dt.datetime
) -> ReviewApplication:
    """Decline, only because the same objection was already decided, which is named."""
    review = lock_review(review_id)
    require_outsider(review, by, "decline")
    target = REVIEW_WORKFLOW.target("decline", review.status)
    waiting = clocks.lock_running(review, "review-acceptance")
    if waiting is not None and waiting.due_on < on:
        raise RuleBroken("已超过五个工作日，这件复核申请视为受理，不能再不予受理。请作出复核结果。", basis=REVIEW)
    wrong = numbers_told({"reasons": reasons})
    if same_as is None or not decided_on_same_reply(review).filter(pk=same_as.pk).exists():
        wrong["same_as"] = "请选择对同一答复已经作出结果的那一件复核。没有这样的复核，就应当受理。"
    if len(reasons.strip()) < LEAST_REASONS:
        wrong["reasons"] = f"请写明为什么是同一异议，至少 {LEAST_REASONS} 个字。"
    refuse_if(wrong, REVIEW)
    review.status, review.same_as, review.decline_reasons = target, same_as, reasons.strip()
    review.save(update_fields=["status", "same_as", "decline_reasons"])
    clocks.stop(review, "review-acceptance", on=on, at=at, by=by)
    same_number = same_as.number if same_as else ""
    record(review, "decline", by=by, at=at, basis=REVIEW, payload={"same_as": same_number})
    tell_objector(
        review,
        "declined",
        title=f"您的复核申请 {review.number} 不予受理",
        body=f"同一异议已在 {same_number} 作出结果。理由：{review.decline_reasons}",
        at=at,
        basis=REVIEW,
    )
    return review


@transaction.atomic
def submit_statement(
    *, review_id: int, by: User, text: str, on: dt.date, at: dt.datetime, papers: Iterable[Attachment] = ()
) -> ReviewStatement:
    """The replying agency explains itself; the clock goes on."""
    review = lock_review(review_id)
    policies.REVIEW_POLICY.require(by, "submit-statement", review)
    REVIEW_WORKFLOW.target("submit-statement", review.status)
    refuse_if({} if text.strip() else {"text": "请写明说明的内容。"}, REVIEW)
    statement = ReviewStatement.objects.create(
        review=review, agency=review.reply.agency, text=text.strip(), by=by, submitted_at=at
    )
    give_papers(papers, statement)
    record(review, "submit-statement", by=by, at=at, basis=REVIEW, payload={"statement": statement.pk})
    _tell_reviewers(review, f"statement:{statement.pk}", f"答复机关提交了说明：{review.reply.request.title}", at)
    return statement


@transaction.atomic
def withdraw_review(*, review_id: int, by: Principal, on: dt.date, at: dt.datetime) -> ReviewApplication:
    """The objector withdraws; the clock that runs stops."""
    review = lock_review(review_id)
    policies.REVIEW_POLICY.require(by, "withdraw-review", review)
    _settle_silence(review, on=on, at=at)
    review.status = REVIEW_WORKFLOW.target("withdraw-review", review.status)
    review.save(update_fields=["status"])
    for kind in ("review-acceptance", "review-result"):
        clocks.stop(review, kind, on=on, at=at, by=by, cause=Clock.Stop.WITHDRAWN)  # type: ignore[arg-type]
    record(review, "withdraw-review", by=by, at=at, basis=REVIEW)  # type: ignore[arg-type]
    _tell_reviewers(review, "withdrawn", f"复核申请已撤回：{review.reply.request.title}", at)
    return review
