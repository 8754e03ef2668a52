"""The broker goes or forgets, messages come twenty times, two beats beat, nobody sweeps for days, clocks go wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Made, Scene
from tests.faults.engines import OwnRedis
from tests.faults.eve import THE_DAY
from tests.faults.machines import (
    ROUND,
    SEAL,
    SEND,
    SWEEP,
    Place,
    assert_as_the_law_says,
    assert_every_mail_went,
    assert_the_ledger_holds,
    copy_of,
    standing_in,
)

pytestmark = pytest.mark.faults
DAY = dt.timedelta(days=1)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    made = OwnRedis(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def on_own_redis(the_eve: Made, place_of: Callable[[str], Place], own_redis: OwnRedis) -> Iterator[Scene]:
    """The eve, with workers on a broker that belongs to the test."""
    with copy_of(the_eve.database) as name, standing_in(name):
        place = place_of(name)
        place.broker = own_redis.url
        yield Scene(place, *the_eve.again())
        place.clear_away()


def _stopped(broker: OwnRedis, place: Place) -> None:
    broker.kill()
    place.move_to(THE_DAY)  # the day begins while nobody can be woken
    broker.start()


def _emptied(broker: OwnRedis, place: Place) -> None:
    place.move_to(THE_DAY)
    broker.empty()


def _restarted_without_its_queue(broker: OwnRedis, place: Place) -> None:
    place.move_to(THE_DAY)
    broker.kill()
    broker.start()


@pytest.mark.parametrize("fate", [_stopped, _emptied, _restarted_without_its_queue], ids=lambda fate: fate.__name__)
def test_a_broker_that_goes_or_forgets_loses_no_event(
    on_own_redis: Scene, own_redis: OwnRedis, fate: Callable[[OwnRedis, Place], None], settings: Any
) -> None:
    # given a running portal on the day before
    place, model = on_own_redis.place, on_own_redis.model
    place.move_to(THE_DAY - DAY)
    place.worker()
    place.beat()
    place.wait_for_sweeps()
    model.sweep(THE_DAY - DAY)

    # when
    fate(own_redis, place)
    place.wait_for_sweeps()

    # then
    model.sweep(THE_DAY)
    place.still()
    assert_as_the_law_says(model, on_own_redis.town.labels)
    assert_the_ledger_holds(place.folder, settings)


def test_the_same_message_delivered_twenty_times_does_its_work_once(scene: Scene, settings: Any) -> None:
    place = scene.place
    place.move_to(THE_DAY)
    place.send(*(ROUND * 20))
    place.worker()
    place.worker()
    place.wait_for_all(3 * 20)
    scene.model.sweep(THE_DAY)
    place.work_off(SEND, SEAL)
    assert_as_the_law_says(scene.model, scene.town.labels)
    assert_every_mail_went()
    assert_the_ledger_holds(place.folder, settings)


def test_two_beats_and_two_workers_do_the_work_once(scene: Scene, settings: Any) -> None:
    place = scene.place
    place.move_to(THE_DAY)
    for _twice in range(2):
        place.worker()
        place.beat()
    place.wait_for_sweeps(6)
    place.still()
    scene.model.sweep(THE_DAY)
    assert_as_the_law_says(scene.model, scene.town.labels)
    assert_every_mail_went()
    assert_the_ledger_holds(place.folder, settings)


def test_three_days_without_a_sweep_are_caught_up(scene: Scene) -> None:
    place, model = scene.place, scene.model
    worker = place.worker()
    place.move_to(THE_DAY)
    place.work_off(SWEEP)
    model.sweep(THE_DAY)
    worker.kill()

    # when nobody sweeps on the 21st, 22nd and 23rd, while beat goes on waking
    place.move_to(THE_DAY + DAY * 3)
    place.send(*(SWEEP,) * 3)
    place.move_to(THE_DAY + DAY * 4)
    place.worker()
    place.wait_for_all(1 + 3)

    # then what fell due in them fires on the 24th
    model.sweep(THE_DAY + DAY * 4)
    assert_as_the_law_says(model, scene.town.labels)


def test_a_machine_clock_that_jumps_a_day_ahead_and_back_fires_nothing_twice(scene: Scene, settings: Any) -> None:
    place, model = scene.place, scene.model
    place.worker()
    for day in (THE_DAY, THE_DAY - DAY, THE_DAY + DAY, THE_DAY, THE_DAY + DAY, THE_DAY + DAY * 7):
        place.move_to(day)
        place.work_off(*ROUND)
        model.sweep(day)
    assert_as_the_law_says(model, scene.town.labels)
    assert_the_ledger_holds(place.folder, settings)
