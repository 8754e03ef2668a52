"""Every act on a request from every state: allowed, refused with nothing changed, and written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile

from guiyang_data.attachments import selectors
from guiyang_data.attachments.models import Attachment, InspectionFinding
from guiyang_data.attachments.services import inspect, take_in
from guiyang_data.errors import WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from requests_app import services
from requests_app.models import OpenRequest, Question, Reply, RequestLink
from requests_app.policies import CodeHolder
from requests_app.services import ReplyText
from requests_app.workflow import OPEN, PAPER_VERBS, REQUEST_WORKFLOW, RequestStatus
from tests.factories.papers import hiding_sheet
from tests.factories.requests import AGREE, IN_PART, REFUSE, Cast, at, cast, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
SHEET = hiding_sheet()
WHY = "经核对，这项数据不由本机关管理。"


@pytest.fixture
def play() -> Cast:
    return cast()


def _applicant(request: OpenRequest) -> CodeHolder:
    return CodeHolder(actor_key="public", number=request.number)


def _draft_row(play: Cast, request: OpenRequest, text: ReplyText) -> None:
    Reply.objects.filter(request=request, delivered_on=None).delete()
    Reply.objects.create(
        request=request,
        round=request.round,
        agency=play.city.provider,
        drafted_by=play.steward,
        drafted_at=NOW,
        **text.stored(),
    )


def _deliver(text: ReplyText) -> Callable[[Cast, OpenRequest], Any]:
    def act(play: Cast, request: OpenRequest) -> Any:
        return services.deliver_reply(request_id=request.pk, by=play.approver, on=ON, at=NOW)

    act.text = text  # type: ignore[attr-defined]
    return act


def _answer(play: Cast, request: OpenRequest) -> Any:
    question = Question.objects.get(request=request)
    return services.answer_question(question_id=question.pk, by=_applicant(request), text="最近三年的。", at=NOW)


def _like(request: OpenRequest) -> OpenRequest:
    return OpenRequest.objects.exclude(pk=request.pk).get()


def _paper(request: OpenRequest) -> Attachment:
    """The paper of the draft; one of nowhere where there is no draft to have it."""
    draft = Reply.objects.filter(request=request, delivered_on=None).first()
    return selectors.of(subject_of(draft)).get() if draft else Attachment(sha256="0" * 64)


def _confirm(play: Cast, request: OpenRequest) -> Any:
    paper = _paper(request)
    findings = [one.pk for one in InspectionFinding.objects.filter(inspection__attachment=paper, code="hidden-sheet")]
    return services.confirm_findings(
        request_id=request.pk, paper_id=paper.pk, by=play.steward, findings=findings, reasons=WHY, at=NOW
    )


def _clean(play: Cast, request: OpenRequest) -> Any:
    paper = _paper(request)
    return services.clean_paper(request_id=request.pk, paper_id=paper.pk, by=play.steward, content=SHEET, at=NOW)


ACTS: dict[str, Callable[[Cast, OpenRequest], Any]] = {
    "draft-reply": lambda p, r: services.draft_reply(request_id=r.pk, by=p.steward, text=REFUSE, on=ON, at=NOW),
    "agree": _deliver(AGREE),
    "agree-in-part": _deliver(IN_PART),
    "refuse": _deliver(REFUSE),
    "inspect-papers": lambda p, r: services.inspect_papers(request_id=r.pk, by=p.steward, at=NOW),
    "confirm-findings": _confirm,
    "clean-paper": _clean,
    "remove-paper": lambda p, r: services.remove_paper(request_id=r.pk, paper_id=_paper(r).pk, by=p.steward, at=NOW),
    "return-draft": lambda p, r: services.return_draft(request_id=r.pk, by=p.approver, reasons=WHY, on=ON, at=NOW),
    "fulfil": lambda p, r: services.fulfil(request_id=r.pk, by=p.steward, link="/data/x/", on=ON, at=NOW),
    "ask-question": lambda p, r: services.ask_question(request_id=r.pk, by=p.steward, text="哪一年？", on=ON, at=NOW),
    "answer-question": _answer,
    "transfer": lambda p, r: services.transfer(
        request_id=r.pk, by=p.steward, to=p.city.health, reasons=WHY, on=ON, at=NOW
    ),
    "assign-handler": lambda p, r: services.assign_handler(request_id=r.pk, by=p.approver, handler=p.steward, at=NOW),
    "link": lambda p, r: services.link_requests(request_id=r.pk, by=p.steward, other=_like(r).number, at=NOW),
    "unlink": lambda p, r: services.unlink_requests(request_id=r.pk, by=p.steward, other=_like(r).number, at=NOW),
    "reply-anew": lambda p, r: services.reply_anew(request_id=r.pk, by=p.steward, reasons=WHY, on=ON, at=NOW),
    "withdraw": lambda p, r: services.withdraw_request(request_id=r.pk, by=_applicant(r), on=ON, at=NOW),
}
CASES = [(verb, status.value) for verb in ACTS for status in RequestStatus]


def _give_paper(request: OpenRequest, *, inspected: bool) -> None:
    subject = subject_of(Reply.objects.get(request=request, delivered_on=None))
    paper = take_in(ContentFile(SHEET, name="名单.xlsx"), subject=subject, by=None, at=NOW)
    if inspected:
        inspect(paper, at=NOW)


def _in_state(play: Cast, verb: str, status: str) -> OpenRequest:
    """A request in ``status`` with everything ``verb`` would need beside the right state."""
    request = waiting(play)
    if verb in {"link", "unlink"}:
        like = waiting(play)
        if verb == "unlink":
            RequestLink.objects.create(first=request, second=like, linked_by=play.steward, linked_at=NOW)
    Question.objects.create(request=request, text="哪一年？", asked_by=play.steward, asked_at=NOW)
    values: dict[str, Any] = {"status": status}
    if status == RequestStatus.WITHDRAWN:
        values["withdrawn_at"] = NOW
    if status == RequestStatus.FULFILLED:
        values["fulfilled_on"] = ON
    OpenRequest.objects.filter(pk=request.pk).update(**values)
    text = getattr(ACTS[verb], "text", REFUSE)
    if status == RequestStatus.IN_APPROVAL or verb in {"agree", "agree-in-part", "refuse"}:
        _draft_row(play, request, text)
    if verb in PAPER_VERBS and status in OPEN:
        _draft_row(play, request, text)
        _give_paper(request, inspected=verb != "inspect-papers")
    request.refresh_from_db()
    return request


@pytest.mark.parametrize(("verb", "status"), CASES)
def test_an_act_is_done_from_its_states_and_refused_from_every_other(play: Cast, verb: str, status: str) -> None:
    # given
    request = _in_state(play, verb, status)
    transition = REQUEST_WORKFLOW[verb]
    before = snapshot()

    # when the state fits
    if status in transition.sources:
        ACTS[verb](play, request)

        # then
        request.refresh_from_db()
        assert request.status == (status if transition.target is None else transition.target)
        event = events_of(request).last()
        assert event is not None
        assert (event.verb, event.refused) == (verb, False)
        assert "第二十一条" in event.basis
        return

    # when it does not
    with pytest.raises(WrongState) as refusal:
        ACTS[verb](play, request)

    # then
    assert refusal.value.status == 409
    assert str(RequestStatus(status).label) in refusal.value.message
    assert snapshot() == before


def test_every_act_of_the_table_is_walked_through() -> None:
    by_review = {"order-agreement", "order-refusal", "order-new-reply"}  # tests of reviews
    assert set(REQUEST_WORKFLOW.transitions) == set(ACTS) | by_review
