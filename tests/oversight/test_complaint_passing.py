"""Passing a complaint on, within the portal and out of it (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock, ClockHolding
from oversight import services
from oversight.complaints.models import ComplaintReceipt
from oversight.complaints.policies import RECEIPT_POLICY, visible_receipts
from tests.factories.complaints import (
    ANSWER_DUE,
    COMPLAINED_ON,
    RESULT,
    filed_complaint,
    handed_off,
    key,
    receipt_of,
    submitted,
    to_hand_off,
    to_outside,
)
from tests.factories.oversight import Cast
from tests.factories.statute import at
from tests.oversight.complaint_world import complaint_world
from tests.oversight.doing import assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)


def _refused(error: type[Exception], act: Callable[[], Any]) -> Exception:
    return assert_refused(error, act, complaint_world)


def test_a_transfer_hands_the_clock_on_without_a_new_start(people: Cast) -> None:
    receipt = submitted(people)
    day = COMPLAINED_ON + 4 * DAY
    services.transfer_complaint(
        receipt_id=receipt.pk,
        by=people.government,
        to=key(people.organ),
        reasons="涉及工作人员失职，由监察机关处理。",
        on=day,
        at=at(day),
    )
    receipt.refresh_from_db()
    clock = Clock.objects.get(subject=subject_of(receipt))
    assert (receipt.agency, receipt.keeper, receipt.capacity) == (people.organ, people.organ, "supervisory")
    assert (clock.owed_by, clock.due_on, clock.stopped_on) == (people.organ, ANSWER_DUE, None)
    held = ClockHolding.objects.filter(clock=clock).order_by("pk").values_list("agency", "since_on", "until_on")
    assert list(held) == [(people.town.government.pk, COMPLAINED_ON, day), (people.organ.pk, day, None)]
    assert RECEIPT_POLICY.may(people.organ_member, "receive", receipt)
    assert not RECEIPT_POLICY.may(people.government, "receive", receipt)
    assert visible_receipts(people.government, ComplaintReceipt.objects.all()).exists()


def test_a_transfer_out_of_the_portal_waits_at_the_municipal_authority(people: Cast) -> None:
    receipt = submitted(people)
    services.transfer_complaint(
        receipt_id=receipt.pk,
        by=people.government,
        to=to_outside(people.town.transport),
        reasons="属于省级机关的职责，由其处理。",
        on=COMPLAINED_ON,
        at=at(COMPLAINED_ON),
    )
    receipt.refresh_from_db()
    assert (receipt.status, receipt.agency, receipt.keeper) == ("to-hand-off", None, people.town.authority)
    assert events_of(receipt).filter(verb="transfer-outside").count() == 1


def test_it_is_not_transferred_to_its_target_to_who_has_it_or_back(people: Cast) -> None:
    town = people.town
    filed = filed_complaint(people, to=[key(town.government), key(town.authority)])
    receipt = receipt_of(filed)

    def move(to: str, by: User) -> Any:
        return services.transfer_complaint(
            receipt_id=receipt.pk,
            by=by,
            to=to,
            reasons="由对方处理更合适的理由。",
            on=COMPLAINED_ON,
            at=at(COMPLAINED_ON),
        )

    for target in (town.transport, town.authority, town.government, town.county_authority):
        refusal = _refused(RuleBroken, partial(move, key(target), people.government))
        assert "to" in refusal.fields  # type: ignore[attr-defined]
    move(key(people.organ), people.government)
    _refused(RuleBroken, lambda: move(key(town.government), people.organ_member))


def test_a_hand_off_says_to_whom_and_when_and_stops_the_portals_own_clock(people: Cast) -> None:
    receipt = handed_off(people)
    clock = Clock.objects.get(subject=subject_of(receipt))
    assert (receipt.handed_off_by, receipt.handed_off_on, clock.stopped_on) == (
        people.supervisor,
        COMPLAINED_ON,
        COMPLAINED_ON,
    )
    services.record_outside_answer(
        receipt_id=receipt.pk,
        by=people.supervisor,
        outcome="in-part",
        result=RESULT,
        on=COMPLAINED_ON + 20 * DAY,
        at=at(COMPLAINED_ON + 20 * DAY),
    )
    receipt.refresh_from_db()
    assert (receipt.status, receipt.outcome, receipt.result) == ("answered", "in-part", RESULT)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"handed_to": " "}, "handed_to"),
        ({"sent_on": COMPLAINED_ON - DAY}, "sent_on"),
        ({"sent_on": COMPLAINED_ON + DAY}, "sent_on"),
    ],
)
def test_a_hand_off_needs_its_facts(people: Cast, given: dict[str, Any], field: str) -> None:
    receipt = to_hand_off(people)
    values = {"handed_to": "办公室收文", "sent_on": COMPLAINED_ON} | given
    refusal = _refused(
        RuleBroken,
        lambda: services.hand_off_complaint(
            receipt_id=receipt.pk, by=people.supervisor, on=COMPLAINED_ON, at=at(COMPLAINED_ON), **values
        ),
    )
    assert field in refusal.fields  # type: ignore[attr-defined]
