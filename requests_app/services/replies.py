"""Replying to an open request (第二十一条第一款): drafted by one person, approved and delivered by a second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import copy
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, record, subject_of
from guiyang_data.notices.services import tell, tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.texts import sentence
from requests_app import policies
from requests_app.findable import keep_request_findable
from requests_app.models import OpenRequest, Reply, ReplyBatch
from requests_app.selectors import draft_of
from requests_app.services.papers import require_checked
from requests_app.services.parties import LEAST_REASONS, give_papers, refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.services.reply_text import ReplyText, is_open, referred, require_treatment_said, treatment_question
from requests_app.services.requests import lock_request, next_state
from requests_app.services.telling import tell_applicant
from requests_app.workflow import REQUEST, REQUEST_WORKFLOW

_NEXT = "您对答复有异议的，可以向市大数据主管部门申请复核，没有时间限制。"


@transaction.atomic
def draft_reply(
    *,
    request_id: int,
    by: User,
    text: ReplyText,
    on: dt.date,
    at: dt.datetime,
    entry: CatalogEntry | None = None,
    papers: Iterable[Attachment] = (),
) -> Reply:
    """Draft the reply of this round and pass it to a second person. Nothing is delivered yet, the clock goes on.

    ``entry``: the catalogue entry the data is or will be under; whether it is listed or opened is watched there.
    """
    request = lock_request(request_id)
    reply = put_draft(request, by=by, text=text, at=at, entry=entry)
    give_papers(papers, reply)
    _tell_approvers(request, at)
    return reply


def put_draft(
    request: OpenRequest,
    *,
    by: User,
    text: ReplyText,
    at: dt.datetime,
    entry: CatalogEntry | None = None,
    batch: ReplyBatch | None = None,
) -> Reply:
    """Draft the reply of a locked request, alone or as one of a batch. Files and telling are the caller's."""
    policies.REQUEST_POLICY.require(by, "draft-reply", request)
    target = next_state(request, "draft-reply", by)
    wrong = text.check()
    if entry is not None and entry.provider_id != request.agency_id:
        wrong["entry"] = "请选择本机关的目录条目。"
    refuse_if(wrong, text.basis(wrong))
    taken = referred(text, request)
    refuse_if({"answered_by": taken.wrong} if taken.wrong else taken.text.wrong_for(request, at), REQUEST)
    text = taken.text
    before = draft_of(request)
    reply, _new = Reply.objects.update_or_create(
        request=request,
        round=request.round,
        defaults={
            **text.stored(),
            "agency": request.agency,
            "batch": batch,
            "refers_to": taken.reply,
            "drafted_by": by,
            "drafted_at": at,
            "returned_by": None,
            "return_reasons": "",
        },
    )
    if before is not None and before.batch is not None and batch is None:
        copy(list(attachments.of(subject_of(before.batch))), subject_of(reply))
    request.status = target
    request.entry = entry or request.entry
    request.save(update_fields=["status", "entry"])
    payload = {"round": request.round, "outcome": text.outcome} | ({"batch": batch.pk} if batch else {})
    if taken.reply is not None:
        payload["refers_to"] = taken.reply.request.number
    record(request, "draft-reply", by=by, at=at, basis=REQUEST, payload=payload)
    return reply


def _tell_approvers(request: OpenRequest, at: dt.datetime) -> None:
    tell_agency(
        request.agency,
        ["approver"],
        key=f"{request.number}:draft:{request.round}:{at.isoformat()}",
        about=request,
        kind="open-request",
        title=f"请审批开放申请的答复：{request.title}",
        path=request.work_path,
        basis=REQUEST,
        at=at,
    )


@transaction.atomic
def return_draft(*, request_id: int, by: User, reasons: str, on: dt.date, at: dt.datetime) -> Reply:
    """Send a draft back with reasons (or take back one's own); the clock goes on."""
    request = lock_request(request_id)
    reply = put_back(request, by=by, reasons=reasons, at=at)
    tell(
        [reply.drafted_by],
        agency=request.agency,
        about=request,
        kind="open-request",
        key=f"{request.number}:returned:{request.round}:{at.isoformat()}",
        title=f"答复草稿被退回：{request.title}",
        body=reply.return_reasons,
        path=request.work_path,
        basis=REQUEST,
        at=at,
    )
    return reply


def put_back(request: OpenRequest, *, by: User, reasons: str, at: dt.datetime) -> Reply:
    """Send the draft of a locked request back. Telling is the caller's."""
    policies.REQUEST_POLICY.require(by, "return-draft", request)
    request.status = next_state(request, "return-draft", by)
    refuse_if({} if reasons.strip() else {"reasons": "请写明退回的理由，方便起草人修改。"}, REQUEST)
    reply = _draft(request)
    reply.returned_by, reply.return_reasons = by, reasons.strip()
    reply.save(update_fields=["returned_by", "return_reasons"])
    request.save(update_fields=["status"])
    record(request, "return-draft", by=by, at=at, basis=REQUEST, payload={"round": request.round})
    return reply


@transaction.atomic
def deliver_reply(*, request_id: int, by: User, on: dt.date, at: dt.datetime) -> Reply:
    """A second person approves the draft and delivers it: the clock stops, the applicant is told of the way on.

    A reply after the due day is accepted and marked late. Papers leave once what was found in them is cleared; a draft
    that does not say why treating the data would not do goes back.
    An agreement starts the target for listing or opening.
    """
    request = lock_request(request_id)
    verb = delivering_verb(request)
    if isinstance(by, User):
        _require_second_person(request, by, verb)
    policies.REQUEST_POLICY.require(by, verb, request)
    request.status = next_state(request, verb, by)
    reply = _draft(request)
    require_treatment_said(reply)
    require_checked(reply)
    if reply.dataset is not None and not is_open(reply.dataset):
        raise RuleBroken("答复所指的数据集已经不开放了，请退回修改。草稿没有改动。", basis=REQUEST)
    stopped = clocks.stop(request, request.reply_clock, on=on, at=at, by=by)
    reply.approved_by, reply.delivered_at, reply.delivered_on = by, at, on
    reply.due_on = stopped.due_on if stopped else None
    reply.save(update_fields=["approved_by", "delivered_at", "delivered_on", "due_on"])
    request.save(update_fields=["status"])
    set_fulfilment(request, on=on, at=at, by=by)
    payload = {"round": reply.round, "outcome": reply.outcome, "ground": reply.ground, "late_days": reply.late_days}
    record(request, verb, by=by, at=at, basis=REQUEST, payload=payload)
    tell_applicant(
        request,
        f"reply:{reply.round}",
        title=f"您的开放申请 {request.number} 已答复：{reply.get_outcome_display()}",
        body=_summary(reply),
        at=at,
        basis=REQUEST,
    )
    keep_request_findable(request)
    return reply


def delivering_verb(request: OpenRequest) -> str:
    """Which of the three ways to reply the reply of this round has chosen."""
    # where it was delivered already, or there is none, the workflow refuses with the words of the state
    reply = draft_of(request) or request.replies.filter(round=request.round).first()
    return str(reply.outcome) if reply else "agree"


def _require_second_person(request: OpenRequest, by: User, verb: str) -> None:
    reply = draft_of(request)
    if reply is not None and reply.drafted_by.holder_key == by.holder_key:
        raise NotAllowed(
            "这份答复由您起草，应当由另一位审批人批准送达。草稿没有改动。",
            basis=REQUEST,
            subject=subject_of(request),
            verb=verb,
        )


def _draft(request: OpenRequest) -> Reply:
    reply = draft_of(request)
    if reply is None:
        raise WrongState("还没有答复草稿，请先起草答复。", basis=REQUEST, verb="draft-reply")
    return reply


def _summary(reply: Reply) -> str:
    """What the applicant is told; a reply that refers to another quotes it whole."""
    if reply.refers_to is None:
        return f"{_said(reply)}\n{_NEXT}"
    first = reply.refers_to
    return f"{reply.reasons}\n以 {first.request.number} 已作出的答复答复您：\n{_said(first)}\n{_NEXT}"


def _said(reply: Reply) -> str:
    """A reply in lines, whole: whoever reads it in a mail need not open the page."""
    to = reply.get_agreed_to_display()
    if reply.outcome == Reply.Outcome.AGREE:
        agreed = f"{reply.agency.name}同意{to}。落实以后会通知您在哪里可以看到。"
        return "\n".join(part for part in (agreed, reply.reasons) if part)
    searched = f"{show(reply.searched_on)}，{reply.searched_where}" if reply.searched_on else ""
    facts = {
        "答复机关": reply.agency.name,
        f"同意的部分（{to}）": reply.agreed_part,
        "不同意的情形": str(reply.get_ground_display()),
        "检索": searched,
        "属于哪个机关": reply.holder.name if reply.holder else "",
        "已开放的数据集": _address(reply.dataset.get_absolute_url()) if reply.dataset else "",
        "依据或者证明": reply.ground_basis,
        "理由": reply.reasons,
        treatment_question(reply.ground): reply.why_still_closed,
    }
    return "\n".join(f"{label}：{words}" for label, words in facts.items() if words)


def set_fulfilment(request: OpenRequest, *, on: dt.date, at: dt.datetime, by: Actor) -> None:
    """Run the target for listing or opening exactly while the request stands agreed."""
    running = clocks.lock_running(request, "open-fulfilment")
    if request.is_agreed and running is None:
        clocks.start(
            "open-fulfilment",
            request,
            on=on,
            at=at,
            by=by,
            owed_by=request.agency,
            number=request.number,
            title=f"开放落实：{request.title}",
            path=request.work_path,
        )
    if not request.is_agreed and running is not None:
        clocks.stop(request, "open-fulfilment", on=on, at=at, by=by, cause=Clock.Stop.SUPERSEDED)


@transaction.atomic
def fulfil(
    *, request_id: int, by: Principal, on: dt.date, at: dt.datetime, link: str = "", note: str = ""
) -> OpenRequest:
    """Record that what was agreed is really listed or open; the target's clock stops, the applicant is told where."""
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "fulfil", request)
    request.status = REQUEST_WORKFLOW.target("fulfil", request.status)
    refuse_if(_wrong_link(link.strip(), note), REQUEST)
    request.fulfilled_on = on
    request.fulfilment_link, request.fulfilment_note = link.strip(), note.strip()
    request.save(update_fields=["status", "fulfilled_on", "fulfilment_link", "fulfilment_note"])
    clocks.stop(request, "open-fulfilment", on=on, at=at, by=by)  # type: ignore[arg-type]
    record(request, "fulfil", by=by, at=at, basis=REQUEST, payload={"link": request.fulfilment_link})  # type: ignore[arg-type]
    tell_applicant(
        request,
        f"fulfilled:{request.round}",
        title=f"您的开放申请 {request.number} 已落实",
        body="\n".join(part for part in (request.fulfilment_note, _where(request.fulfilment_link)) if part),
        at=at,
        basis=REQUEST,
    )
    keep_request_findable(request)
    return request


def _where(link: str) -> str:
    return f"在这里可以看到：{_address(link)}" if link else ""


def _address(link: str) -> str:
    """A page of the portal as a mail can lead to it."""
    return f"{settings.PUBLIC_ADDRESS}{link}" if link.startswith("/") else link


def _wrong_link(link: str, note: str) -> dict[str, str]:
    if not link and not note.strip():
        return {"link": "请填写目录或者数据的网址，或者写明在哪里可以看到。"}
    if link and not (link.startswith(("https://", "http://")) or (link.startswith("/") and not link.startswith("//"))):
        return {"link": "网址应当以 https:// 开头，或者是本平台的页面地址（以 / 开头）。"}
    return numbers_told({"note": note})


@transaction.atomic
def reply_anew(*, request_id: int, by: User, reasons: str, on: dt.date, at: dt.datetime) -> OpenRequest:
    """What was agreed cannot be carried out: a new reply with reasons follows, which can be reviewed again.

    The fulfilment target goes on until that reply is delivered, so that nothing rests meanwhile.
    """
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "reply-anew", request)
    request.status = REQUEST_WORKFLOW.target("reply-anew", request.status)
    short = len(reasons.strip()) < LEAST_REASONS
    refuse_if({"reasons": f"请写明为什么不能落实，至少 {LEAST_REASONS} 个字。"} if short else {}, REQUEST)
    request.round += 1
    request.save(update_fields=["status", "round"])
    record(request, "reply-anew", by=by, at=at, basis=REQUEST, payload={"round": request.round})
    tell_applicant(
        request,
        f"anew:{request.round}",
        title=f"您的开放申请 {request.number} 将重新答复",
        body=f"{request.agency.name}说明：{sentence(reasons)}\n重新答复后您可以再次申请复核。",
        at=at,
        basis=REQUEST,
    )
    keep_request_findable(request)
    return request
