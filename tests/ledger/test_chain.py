"""Events are appended to one chain per subject, in the transaction of the act."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.faces.refusals import remember
from guiyang_data.ledger import selectors
from guiyang_data.ledger.hashing import canonical, digest, merkle_root
from guiyang_data.ledger.models import Access, ChainHead, Event
from guiyang_data.ledger.services import (
    PLATFORM,
    PUBLIC,
    close_access,
    event_values,
    open_access,
    record,
    record_all,
    subject_of,
)
from tests.factories.accounts import make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


def test_the_first_event_of_a_subject_follows_nothing_and_the_second_follows_the_first() -> None:
    # when
    first = record("case:1", "file", by=PLATFORM, at=AT)
    second = record("case:1", "reply", by=PLATFORM, at=AT, payload={"answer": "同意"})
    # then
    assert (first.sequence, first.previous_hash) == (1, "")
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert second.hash == digest(event_values(second), first.hash)


def test_each_subject_has_a_chain_of_its_own() -> None:
    record("case:1", "file", by=PLATFORM, at=AT)
    other = record("case:2", "file", by=PLATFORM, at=AT)
    assert (other.sequence, other.previous_hash) == (1, "")


def test_the_chain_head_is_the_last_event() -> None:
    record("case:1", "file", by=PLATFORM, at=AT)
    last = record("case:1", "reply", by=PLATFORM, at=AT)
    head = ChainHead.objects.get(pk="case:1")
    assert (head.sequence, head.hash) == (last.sequence, last.hash)


def test_the_hash_is_the_same_after_reading_back_from_the_database() -> None:
    written = record("case:1", "file", by=PLATFORM, at=AT, payload={"数": 1.5, "空": None, "列": ["乙", "甲"]})
    read = Event.objects.get(pk=written.pk)
    assert digest(event_values(read), read.previous_hash) == written.hash


def test_an_event_of_an_act_that_is_rolled_back_never_was() -> None:
    # given
    record("case:1", "file", by=PLATFORM, at=AT)

    @transaction.atomic
    def act() -> None:
        record("case:1", "reply", by=PLATFORM, at=AT)
        raise WrongState("已经答复。")

    # when
    with pytest.raises(WrongState):
        act()
    # then
    assert Event.objects.filter(subject="case:1").count() == 1
    assert record("case:1", "withdraw", by=PLATFORM, at=AT).sequence == 2


def test_an_event_names_the_actor_by_key_and_the_agency_by_code() -> None:
    # given
    agency = make_agency()
    user = staff(agency, "approver")
    # when
    event = record(agency, "assign", by=user, at=AT)
    # then
    assert (event.subject, event.actor, event.agency) == (
        f"accounts.agency:{agency.pk}",
        f"user:{user.pk}",
        agency.code,
    )


def test_an_act_on_several_objects_is_recorded_once_on_each_in_sorted_order() -> None:
    events = record_all(["case:2", "case:1", "case:2"], "merge", by=PLATFORM, at=AT)
    assert [event.subject for event in events] == ["case:1", "case:2"]


def test_a_refused_attempt_is_an_event_too_with_its_basis(rf: object) -> None:
    # given
    user = staff(make_agency(), "data-steward")
    request = rf.post("/")  # type: ignore[attr-defined]
    request.user = user
    error = RuleBroken("没有理由不能办理。", basis="第十五条第二款", subject="sharing.application:3", verb="refuse")
    # when
    remember(error, request)
    # then
    event = Event.objects.get(subject="sharing.application:3")
    assert (event.verb, event.refused, event.actor, event.basis) == (
        "refuse",
        True,
        f"user:{user.pk}",
        "第十五条第二款",
    )
    assert selectors.events_of("sharing.application:3").count() == 1


def test_a_reading_is_recorded_before_its_rows_leave_and_again_when_it_ends() -> None:
    # given
    reading = open_access(by=PUBLIC, at=AT, resource="catalog.entry:1", purpose="核验", items=["名称"], version=3)
    assert Access.objects.get(reading=reading.reading).phase == Access.Phase.OPENED
    # when
    closed = close_access(reading, at=AT + dt.timedelta(seconds=2), rows=120)
    # then
    assert (closed.phase, closed.rows, closed.purpose, closed.version) == (Access.Phase.CLOSED, 120, "核验", 3)
    assert Access.objects.filter(resource="catalog.entry:1").count() == 2


def test_canonical_bytes_do_not_depend_on_the_order_of_keys_or_the_zone_of_a_time() -> None:
    shanghai = dt.timezone(dt.timedelta(hours=8))
    one = canonical({"b": AT, "a": "贵阳"})
    other = canonical({"a": "贵阳", "b": AT.astimezone(shanghai)})
    assert one == other == '{"a":"贵阳","b":"2026-03-02T01:30:00.000000+00:00"}'.encode()


def test_the_merkle_root_changes_with_any_leaf_and_with_their_order() -> None:
    leaves = [digest({"n": n}) for n in range(5)]
    swapped = [leaves[1], leaves[0], *leaves[2:]]
    roots = {merkle_root(leaves), merkle_root(swapped), merkle_root(leaves[:-1]), merkle_root([])}
    assert len(roots) == 4


def test_a_model_is_named_by_its_label_and_key() -> None:
    agency = make_agency()
    assert subject_of(agency) == f"accounts.agency:{agency.pk}"
