"""A change of calendar or rule, a batch, withdrawals and new cases at one instant: some order explains all there is.

Nobody is refused, and nobody who acts on a case has to give way to the recount.
"""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connections, transaction

from guiyang_data.ledger.verification import verify
from guiyang_data.statute import recounting
from guiyang_data.statute.models import Clock
from oversight import services as oversight
from requests_app import services
from requests_app.models import OpenRequest, ReplyBatch
from requests_app.services.requests import lock_request
from tests.faults.amount import TIMES
from tests.faults.batches import (
    FILED_ON,
    MANY,
    ON,
    approved,
    assert_each_left_once,
    assert_ended_once,
    batch_of,
    filed,
    labels_of,
)
from tests.faults.changes import HOLIDAY, PERIOD, Change, assert_counted_once
from tests.faults.machines import assert_as_the_law_says
from tests.faults.model import LawModel
from tests.faults.racing import Race, race
from tests.faults.town import Observed, Town, moment

pytestmark = pytest.mark.faults
PARTS = range(2 * TIMES)
"""Each plays the whole city once for each change; ``make faults`` plays more."""
PIECE = 3
CROWD = 12
LEAVING = [f"leaving-{number}" for number in range(CROWD)]
STAYING = [f"staying-{number}" for number in range(CROWD)]
COMING = [f"coming-{number}" for number in range(CROWD)]
HALF_A_SECOND = 0.5
"""So much earlier the applicant waits: it is then the first of whom PostgreSQL asks whether they wait crosswise."""
EVENING = moment(ON, 20 * 3600)


def counted_again() -> int:
    return oversight.run_recounts(at=EVENING, on=ON, batch=PIECE)


def coming(model: LawModel, label: str) -> None:
    model.file(label, "health", "both", ON)


def leaving(model: LawModel, label: str) -> None:
    model.withdraw(label, ON)


def answered(model: LawModel, label: str) -> None:
    model.reply(label, "refuse", ON)


def in_some_order(model: LawModel, town: Town, change: Change) -> set[str]:
    """Let the model live through what happened: what began or ended before the change, the change, what came after.

    Whether a case came before the change is told by its clock alone. Returns the clocks that were counted again.
    """
    names = Observed(town.labels).clock_names
    again = {names[pk].partition("/")[0] for pk in Clock.objects.filter(generation=2).values_list("pk", flat=True)}
    happened = [(coming, label, label in again) for label in COMING]
    happened += [(leaving, label, label not in again) for label in LEAVING]
    happened += [(answered, label, label not in again) for label in labels_of(0)]
    for act, label, earlier in happened:
        if earlier:
            act(model, label)
    change.carry_out(model, ON)
    for act, label, earlier in happened:
        if not earlier:
            act(model, label)
    return {f"{label}/open-reply/1" for label in again}


def all_at_once(town: Town, change: Change, batch: int) -> Race:
    """Two keepers change something, applicants withdraw, others apply, and a worker delivers a batch."""

    def applicants(number: int) -> None:
        for label in LEAVING:
            town.withdraw(label, ON)

    def others(number: int) -> None:
        for label in COMING:
            town.file(label, "health", "both", ON)

    return race(
        1,
        keepers=lambda number: (change.confirm(town, ON), counted_again()),
        applicants=applicants,
        others=others,
        worker=lambda number: services.run_delivery(batch, at=town.at(ON)),
    )


@pytest.mark.parametrize("change", [HOLIDAY, PERIOD], ids=lambda change: change.name)
@pytest.mark.parametrize("part", PARTS)
def test_a_change_a_batch_withdrawals_and_new_cases_at_one_instant(town: Town, change: Change, part: int) -> None:
    # given a city in which much is under way
    model = LawModel()
    filed(town, *LEAVING, *STAYING)
    batch = approved(town, batch_of(town, 0, MANY))
    for label in (*LEAVING, *STAYING, *labels_of(0)):
        model.file(label, "transport", "mail", FILED_ON)

    # when
    held = all_at_once(town, change, batch)

    # then nobody was refused, and the worker met nothing that it had to leave for another time
    assert held.refused == {}
    assert ReplyBatch.objects.get(pk=batch).status == "delivered"

    # and once the recount has come to what it left to those who had it in hand, some order explains all
    counted_again()
    names = in_some_order(model, town, change)
    assert {f"{label}/open-reply/1" for label in STAYING} <= names
    assert_as_the_law_says(model, town.labels)
    assert_counted_once(change.job(), model, names, town.labels)
    assert_each_left_once(list(OpenRequest.objects.filter(batch_items__batch=batch)))
    assert_ended_once(batch, delivered=MANY)
    assert verify() is None


def test_whoever_has_a_case_in_hand_does_not_give_way_to_a_recount(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an applicant who has a case in hand, and goes on with its clock once the recount has clocks in hand
    town.file("mine", "transport", "mail", FILED_ON)
    HOLIDAY.confirm(town, ON)
    in_hand, counting = threading.Event(), threading.Event()
    broken: list[BaseException] = []

    def applicant() -> None:
        try:
            with transaction.atomic():
                lock_request(town.requests["mine"].pk)
                in_hand.set()
                assert counting.wait(timeout=60)
                town.withdraw("mine", ON)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test has to see it
            broken.append(error)
        finally:
            connections.close_all()

    # when the recount writes down the new days later than the applicant began to wait
    really_note = recounting.note_due_days

    def noted_late(subjects: object) -> None:
        counting.set()
        time.sleep(HALF_A_SECOND)
        really_note(subjects)  # type: ignore[arg-type]

    monkeypatch.setattr(recounting, "note_due_days", noted_late)
    thread = threading.Thread(target=applicant)
    thread.start()
    assert in_hand.wait(timeout=60)
    counted_again()
    counting.set()
    thread.join(timeout=60)

    # then it was the recount that left the case to the applicant
    assert not broken, broken
    assert Clock.objects.get().stopped_by == "withdrawn"
    counted_again()
    assert HOLIDAY.job().finished_at is not None
    assert verify() is None
