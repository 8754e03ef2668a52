"""Handling an open request (第二十一条第一款): one function for each act. Filing is in ``filing``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Principal, acts_for
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.faces.faster import leading_to, with_who_was_faster
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import Telling, tell, tell_all
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import running_clocks
from guiyang_data.texts import sentence
from requests_app import policies
from requests_app.findable import keep_request_findable
from requests_app.models import OpenRequest, Question, RequestTransfer
from requests_app.selectors import agencies_asked
from requests_app.services.parties import LEAST_REASONS, refuse_if
from requests_app.services.telling import letters_to_applicant, tell_applicant, tell_workers
from requests_app.workflow import COMPLAIN, INNER_VERBS, REQUEST, REQUEST_WORKFLOW

HANDLE = "requests_app.handle_request"


def lock_request(request_id: int) -> OpenRequest:
    """The request, locked until the act commits."""
    rows = OpenRequest.objects.select_for_update(of=("self",)).select_related("agency", "applicant")
    return rows.get(pk=request_id)


def next_state(request: OpenRequest, verb: str, by: Principal) -> str:
    """The state that ``verb`` leads to. Where somebody was faster, the refusal says who, when and with what.

    Whoever asked is not told of the inner steps of the agency.
    """
    try:
        return REQUEST_WORKFLOW.target(verb, request.status)
    except WrongState as refusal:
        # what led to the state the case is in; what keeps a state is no answer
        steps = leading_to(REQUEST_WORKFLOW, request.status)
        told = steps if policies.works_on(by, request) else steps - INNER_VERBS
        raise with_who_was_faster(refusal, request, REQUEST_WORKFLOW, told) from refusal


@transaction.atomic
def withdraw_request(*, request_id: int, by: Principal, on: dt.date, at: dt.datetime, reasons: str = "") -> OpenRequest:
    """The applicant withdraws; the clock stops, and who withdrew is recorded. Filing again starts a new clock."""
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "withdraw", request)
    request.status = next_state(request, "withdraw", by)
    request.withdrawn_at = at
    request.save(update_fields=["status", "withdrawn_at"])
    for kind in ("open-reply", "reply-again", "open-fulfilment"):
        clocks.stop(request, kind, on=on, at=at, by=by, cause=Clock.Stop.WITHDRAWN)  # type: ignore[arg-type]
    record(request, "withdraw", by=by, at=at, basis=REQUEST, payload={"has_reasons": bool(reasons.strip())})  # type: ignore[arg-type]
    tell_workers(request, "withdrawn", f"申请人撤回了开放申请：{request.title}", at, body=reasons.strip())
    keep_request_findable(request)
    return request


@transaction.atomic
def transfer(*, request_id: int, by: User, to: Agency, reasons: str, on: dt.date, at: dt.datetime) -> OpenRequest:
    """Hand the request to the agency whose data it is about; the clock goes on, the days of each are kept.

    A request that would bounce back goes to the municipal authority, whose assignment stands.
    """
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "transfer", request)
    request.status = next_state(request, "transfer", by)
    authority = municipal_authority()
    assigned = request.agency_id == authority.pk and acts_for(by, authority)
    refuse_if(_wrong_in_transfer(request, to, authority, reasons, assigned), REQUEST)
    leaving = request.agency
    RequestTransfer.objects.create(
        request=request,
        from_agency=leaving,
        to_agency=to,
        reasons=reasons.strip(),
        assigned=assigned,
        by=by,
        transferred_at=at,
        transferred_on=on,
    )
    _hand_over(request, to, by, on, at)
    payload = {"from": leaving.code, "to": to.code, "assigned": assigned}
    record(request, "transfer", by=by, at=at, basis=REQUEST, payload=payload)
    tell_workers(request, f"transferred:{to.code}", f"转来开放申请：{request.title}", at, body=reasons.strip())
    tell_applicant(
        request,
        f"transferred:{to.code}",
        title=f"您的开放申请 {request.number} 已转给{to.name}",
        body=f"理由：{sentence(reasons)}\n答复期限不变，不重新计算。",
        at=at,
        basis=REQUEST,
    )
    keep_request_findable(request)
    return request


def _hand_over(request: OpenRequest, to: Agency, by: User, on: dt.date, at: dt.datetime) -> None:
    _release_handler(request)
    request.agency, request.handler = to, None
    request.save(update_fields=["status", "agency", "handler"])
    clock = clocks.lock_running(request, "open-reply")
    if clock is not None:
        clocks.hand_on(clock, to=to, on=on, at=at, by=by)


def _wrong_in_transfer(
    request: OpenRequest, to: Agency, authority: Agency, reasons: str, assigned: bool
) -> dict[str, str]:
    if len(reasons.strip()) < LEAST_REASONS:
        return {"reasons": f"请写明为什么由对方答复，至少 {LEAST_REASONS} 个字，申请人能看到。"}
    if request.round > 1:
        return {"to": "复核或者本机关要求重新答复的申请，由原答复机关答复，不能转出。"}
    if not agencies_asked().filter(pk=to.pk).exists() or to.pk == request.agency_id:
        return {"to": "请选择另一个在平台上答复申请的机关。"}
    transfers = list(request.transfers.all())
    if transfers and transfers[-1].assigned:
        return {"to": "这件申请由市大数据主管部门指定本机关答复，不能再转出。"}
    held = {transfer.from_agency_id for transfer in transfers}
    if to.pk in held and not assigned and to.pk != authority.pk:
        return {"to": f"{to.name}已经转出过这件申请，不能转回。请转市大数据主管部门（{authority.name}）指定答复机关。"}
    return {}


@transaction.atomic
def ask_question(*, request_id: int, by: User, text: str, on: dt.date, at: dt.datetime) -> Question:
    """Ask the applicant; the clock goes on, and nobody must answer."""
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "ask-question", request)
    next_state(request, "ask-question", by)
    refuse_if({} if text.strip() else {"text": "请写下要问申请人的内容。"}, REQUEST)
    question = Question.objects.create(request=request, text=text.strip(), asked_by=by, asked_at=at)
    record(request, "ask-question", by=by, at=at, basis=REQUEST, payload={"question": question.pk})
    tell_applicant(
        request,
        f"question:{question.pk}",
        title=f"{request.agency.name}就您的开放申请 {request.number} 询问您",
        body=f"{question.text}\n您可以登录或者凭查询码，在申请的页面上回答；也可以不回答。答复期限照常计算。",
        at=at,
        basis=REQUEST,
    )
    return question


@transaction.atomic
def answer_question(*, question_id: int, by: Principal, text: str, at: dt.datetime) -> Question:
    """The applicant answers a question, once."""
    question = Question.objects.get(pk=question_id)
    request = lock_request(question.request_id)
    question.refresh_from_db()
    policies.REQUEST_POLICY.require(by, "answer-question", request)
    REQUEST_WORKFLOW.target("answer-question", request.status)
    if question.answered_at is not None:
        raise WrongState("这个询问已经回答过。如有补充，请联系答复机关。", basis=REQUEST, verb="answer-question")
    refuse_if({} if text.strip() else {"text": "请写下回答；不想回答可以直接离开，不影响答复。"}, REQUEST)
    question.answer, question.answered_at = text.strip(), at
    question.save(update_fields=["answer", "answered_at"])
    record(request, "answer-question", by=by, at=at, basis=REQUEST, payload={"question": question.pk})  # type: ignore[arg-type]
    tell_workers(request, f"answer:{question.pk}", f"申请人回答了询问：{request.title}", at)
    return question


@transaction.atomic
def assign_handler(*, request_id: int, by: User, handler: User, at: dt.datetime) -> OpenRequest:
    """Give the case to a member of the agency, who may then do what a steward does, on this case alone."""
    request = lock_request(request_id)
    policies.REQUEST_POLICY.require(by, "assign-handler", request)
    request.status = REQUEST_WORKFLOW.target("assign-handler", request.status)
    if not acts_for(handler, request.agency_id):
        message = "经办人应当是本机关的工作人员，请另选。"
        raise RuleBroken(message, basis=REQUEST, fields={"handler": message})
    _release_handler(request)
    assign_perm(HANDLE, handler, request)
    request.handler = handler
    request.save(update_fields=["status", "handler"])
    record(request, "assign-handler", by=by, at=at, basis=REQUEST, payload={"handler": handler.actor_key})
    tell(
        [handler],
        agency=request.agency,
        about=request,
        kind="open-request",
        key=f"{request.number}:handler:{at.isoformat()}",
        title=f"请您经办开放申请：{request.title}",
        path=request.work_path,
        basis=REQUEST,
        at=at,
    )
    return request


def _release_handler(request: OpenRequest) -> None:
    if request.handler is not None:
        remove_perm(HANDLE, request.handler, request)


def tell_applicants_overdue(
    numbers: Iterable[str], at: dt.datetime, *, path_of: Callable[[str], str] = lambda number: ""
) -> int:
    """Tell applicants, once for each due day, that the reply is late and that 第二十九条 is open to them.

    For whoever watches the clocks. ``path_of``: the page on which to complain about the request of a number. Returns
    how many of these requests still wait. As many queries for many as for one.
    """
    found = OpenRequest.objects.select_related("agency", "applicant").filter(number__in=list(numbers))
    waiting = [request for request in found.order_by("pk") if request.is_open]
    running = {(clock.subject, clock.kind): clock for clock in running_clocks(waiting)}
    tell_all(
        [letter for request in waiting for letter in _overdue_letters(request, running, path_of(request.number))], at=at
    )
    return len(waiting)


def _overdue_letters(request: OpenRequest, running: dict[tuple[str, str], Clock], path: str) -> list[Telling]:
    clock = running.get((subject_of(request), request.reply_clock))
    due = clock.due_on.isoformat() if clock else str(request.round)
    return letters_to_applicant(
        request,
        f"overdue:{due}",
        title=f"您的开放申请 {request.number} 已超过答复期限",
        body=f"{request.agency.name}未在期限内答复，平台已自动报告其上级机关和市大数据主管部门。"
        "您可以继续等待答复，也可以依照条例第二十九条投诉举报：打开下面的页面，机关和编号已经填好。",
        basis=COMPLAIN,
        path=path,
    )
