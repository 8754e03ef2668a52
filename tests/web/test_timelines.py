"""Who sees what of what happened: everyone, those whose case it is, those who handle it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, record
from oversight.complaints.views.parts import complaint_timeline
from requests_app.views.parts import request_timeline
from sharing.views.applications import case_timeline
from tests.factories import complaints, oversight, requests, sharing

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
LABELS = {"file": "提出", "ask": "询问", "draft": "起草", "reply": "答复"}


def what(events: list[TimelineEvent]) -> list[tuple[str, bool]]:
    return [(event.what, event.private) for event in events]


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (Reader.PUBLIC, [("提出", False), ("答复", False)]),
        (Reader.PARTY, [("提出", False), ("询问", True), ("答复", False)]),
        (Reader.OFFICE, [("提出", False), ("询问", True), ("起草", True), ("答复", False)]),
    ],
)
def test_the_public_reads_no_private_step_and_a_party_no_inner_one(
    reader: Reader, seen: list[tuple[str, bool]]
) -> None:
    for verb in ("file", "ask", "draft", "reply", "unnamed"):
        record("case:1", verb, by=PLATFORM, at=AT)
    events = Event.objects.filter(subject="case:1").order_by("sequence")
    assert what(timeline(events, LABELS, reader=reader, private={"ask"}, inner={"draft"})) == seen


def test_whoever_names_no_reader_shows_what_everyone_may_read() -> None:
    for verb in ("file", "ask"):
        record("case:1", verb, by=PLATFORM, at=AT)
    events = Event.objects.filter(subject="case:1").order_by("sequence")
    assert what(timeline(events, LABELS, private={"ask"})) == [("提出", False)]


def of_a_request() -> tuple[object, Callable[[Reader], list[TimelineEvent]]]:
    request = requests.waiting(requests.cast())
    return request, lambda reader: request_timeline(request, reader=reader)


def of_a_complaint() -> tuple[object, Callable[[Reader], list[TimelineEvent]]]:
    receipt = complaints.investigating(oversight.cast())
    return receipt, lambda reader: complaint_timeline(receipt.complaint, [receipt], reader=reader)


def of_an_application() -> tuple[object, Callable[[Reader], list[TimelineEvent]]]:
    case = sharing.application(sharing.scene())
    return case, lambda reader: case_timeline([case], reader=reader)


@pytest.mark.parametrize(
    ("make", "verb", "label"),
    [
        (of_a_request, "draft-reply", "起草答复，报请审批"),
        (of_a_complaint, "add-note", "记录调查情况"),
        (of_an_application, "draft-reply", "拟写答复，报审批人"),
    ],
)
def test_an_inner_step_is_for_those_who_handle_the_case_alone(make: Any, verb: str, label: str) -> None:
    # given
    case, read = make()
    record(case, verb, by=PLATFORM, at=AT)
    # then
    assert [label in {event.what for event in read(reader)} for reader in Reader] == [False, False, True]


@pytest.mark.parametrize("make", [of_a_request, of_a_complaint])
def test_what_did_not_arrive_is_told_to_whoever_asked_and_to_nobody_of_the_public(make: Any) -> None:
    # given
    case, read = make()
    record(case, "notice.undelivered", by=PLATFORM, at=AT)
    # then
    seen = [{event.what: event.private for event in read(reader)}.get("一条通知没有送达") for reader in Reader]
    assert seen == [None, True, True]
