"""A worker is killed at every named point of a recount; the next run finishes it, and counts no clock twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock, ClockGeneration
from oversight.models import Recount
from tests.faults.changes import CHANGED_ON, HOLIDAY, PERIOD, Change, assert_counted_once, touched
from tests.faults.conftest import Scene
from tests.faults.killing import COUNTING
from tests.faults.machines import (
    RECOUNT,
    SEAL,
    SEND,
    SWEEP,
    assert_as_the_law_says,
    assert_every_mail_went,
    assert_the_ledger_holds,
)
from tests.faults.nursery import PIECE
from tests.faults.town import Observed, Town
from tests.services.composed import wait_until

pytestmark = pytest.mark.faults
FIRST_BATCH = "after oversight.services.rulebook.recounts._count #1"
WHILE_THEY_WITHDRAW = (
    "before oversight.services.rulebook.recounts._count #3",
    "after oversight.services.rulebook.recounts._count #3",
)
LEAVING = ("first", "third", "fifth", "handed", "spans")
AT_THEIR_END = "放假安排变更"
"""Why a clock was counted that was late by the old days when its case ended."""
POINTS = [(HOLIDAY, point) for point in COUNTING] + [
    (PERIOD, point) for point in COUNTING if "._count" in point or ".tell_moved" in point or "._finish" in point
]


def subjects_of(town: Town) -> list[str]:
    return [subject_of(town.requests[label]) for label in LEAVING]


def the_next_run_comes(scene: Scene) -> None:
    """A fresh worker, whom only a sweep tells that something was left lying; everything is sent and sealed."""
    scene.place.worker()
    scene.place.work_off(SWEEP)
    scene.place.work_off(RECOUNT)
    scene.place.work_off(SEND, SEAL)


def assert_all_is_well(scene: Scene, settings: Any) -> None:
    scene.model.sweep(CHANGED_ON)
    assert_as_the_law_says(scene.model, scene.town.labels)
    assert_every_mail_went()
    assert_the_ledger_holds(scene.place.folder, settings)


@pytest.mark.parametrize(("change", "point"), POINTS, ids=[f"{change.name}-{point}" for change, point in POINTS])
def test_a_worker_killed_at_this_point_leaves_clocks_that_are_counted_once(
    before_a_change: Scene, change: Change, point: str, settings: Any
) -> None:
    # given a confirmed change, and a worker that is killed there
    place, model, town = before_a_change.place, before_a_change.model, before_a_change.town
    names, job = touched(change, model), change.confirm(town)
    place.move_to(CHANGED_ON)
    place.killed_at(point, RECOUNT)

    # when
    the_next_run_comes(before_a_change)

    # then
    change.carry_out(model)
    assert_counted_once(job, model, names, town.labels)
    assert_all_is_well(before_a_change, settings)


@pytest.mark.parametrize("change", [HOLIDAY, PERIOD], ids=lambda change: change.name)
def test_worker_after_worker_is_killed_and_each_goes_on_where_the_last_one_was(
    before_a_change: Scene, change: Change, settings: Any
) -> None:
    # given workers, one after the other, each killed after the first batch that it counts
    place, model, town = before_a_change.place, before_a_change.model, before_a_change.town
    names, job = touched(change, model), change.confirm(town)
    place.move_to(CHANGED_ON)
    whole = len(names) // PIECE
    for number in range(1, whole + 1):
        place.killed_at(FIRST_BATCH, RECOUNT)
        assert Recount.objects.get().counted == Clock.objects.filter(generation=2).count() == number * PIECE

    # when
    the_next_run_comes(before_a_change)

    # then
    change.carry_out(model)
    assert_counted_once(job, model, names, town.labels)
    assert_all_is_well(before_a_change, settings)


# --- and people who end or begin something meanwhile -----------------------------------------------------------


def in_some_order(scene: Scene, names: set[str]) -> tuple[set[str], frozenset[str]]:
    """Let the model live through the longer holiday and the withdrawals as they came about.

    Returns the clocks that the recount counted, and those that were late by the old days when their applicants
    withdrew, before the recount came to them: they were counted then.
    """
    clocks = Observed(scene.town.labels).clock_names
    causes = {clocks[pk]: cause for pk, cause in ClockGeneration.objects.filter(number=2).values_list("clock", "cause")}
    first = {label for label in LEAVING if f"{label}/open-reply/1" not in causes}
    assert first <= {"spans"}
    for label in first:
        scene.model.withdraw(label, CHANGED_ON)
    HOLIDAY.carry_out(scene.model)
    for label in set(LEAVING) - first:
        scene.model.withdraw(label, CHANGED_ON)
    at_their_end = frozenset(name for name, cause in causes.items() if cause == AT_THEIR_END)
    return names - {f"{label}/open-reply/1" for label in first} - at_their_end, at_their_end


def assert_some_order_explains_all(scene: Scene, job: Recount, names: set[str], settings: Any) -> None:
    counted, at_their_end = in_some_order(scene, names)
    scene.model.file("newest", "transport", "both", CHANGED_ON)
    assert_counted_once(job, scene.model, counted, scene.town.labels, at_their_end=at_their_end)
    assert_all_is_well(scene, settings)


def test_what_ends_or_begins_while_no_worker_lives_is_counted_by_the_changed_days(
    before_a_change: Scene, settings: Any
) -> None:
    # given a worker that is killed when it has counted some
    place, model, town = before_a_change.place, before_a_change.model, before_a_change.town
    names, job = touched(HOLIDAY, model), HOLIDAY.confirm(town)
    place.move_to(CHANGED_ON)
    place.killed_at(FIRST_BATCH, RECOUNT)
    assert 0 < Clock.objects.filter(generation=2, subject__in=subjects_of(town)).count() < len(LEAVING)

    # when applicants withdraw, counted or not, and another asks for something
    for label in LEAVING:
        town.withdraw(label, CHANGED_ON)
    town.file("newest", "transport", "both", CHANGED_ON)
    the_next_run_comes(before_a_change)

    # then
    assert_some_order_explains_all(before_a_change, job, names, settings)


@pytest.mark.parametrize("point", WHILE_THEY_WITHDRAW)
def test_who_withdraws_while_the_counting_worker_is_killed_is_counted_once_or_not_at_all(
    before_a_change: Scene, point: str, settings: Any
) -> None:
    # given applicants who withdraw as soon as some clocks are counted, and a worker that is killed meanwhile
    place, model, town = before_a_change.place, before_a_change.model, before_a_change.town
    names, job = touched(HOLIDAY, model), HOLIDAY.confirm(town)
    place.move_to(CHANGED_ON)
    broken: list[BaseException] = []

    def withdraw() -> None:
        try:
            wait_until(Clock.objects.filter(generation=2).exists, seconds=60, what="the first batch")
            for label in LEAVING:
                town.withdraw(label, CHANGED_ON)
            town.file("newest", "transport", "both", CHANGED_ON)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test has to see it
            broken.append(error)
        finally:
            connections.close_all()

    applicants = threading.Thread(target=withdraw)
    applicants.start()
    place.killed_at(point, RECOUNT)
    applicants.join(timeout=120)
    assert not broken, broken

    # when
    the_next_run_comes(before_a_change)

    # then
    assert_some_order_explains_all(before_a_change, job, names, settings)
