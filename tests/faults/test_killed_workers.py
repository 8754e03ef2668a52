"""A worker is killed at every named point of the sweep, the sealing and the sending; the next one makes up for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.conftest import Scene
from tests.faults.eve import THE_DAY
from tests.faults.killing import SWEEPING
from tests.faults.machines import (
    ROUND,
    SEAL,
    SEND,
    assert_as_the_law_says,
    assert_every_mail_went,
    assert_the_ledger_holds,
)

pytestmark = pytest.mark.faults
QUARTER_OF_AN_HOUR = 16 * 60
"""After so long somebody else may send what a killed sender had taken."""


def test_there_are_more_than_fifty_points() -> None:
    assert len(SWEEPING) >= 50


@pytest.mark.parametrize("point", list(SWEEPING))
def test_a_worker_killed_at_this_point_loses_and_doubles_nothing(scene: Scene, point: str, settings: Any) -> None:
    # given a worker that is killed there
    place = scene.place
    place.move_to(THE_DAY)
    place.killed_at(point, *ROUND)

    # when another one takes over, and beat wakes the same jobs again
    place.worker()
    place.work_off(*ROUND)
    place.move_to(THE_DAY, seconds=10 * 3600 + QUARTER_OF_AN_HOUR)
    place.work_off(SEND, SEAL)

    # then
    scene.model.sweep(THE_DAY)
    assert_as_the_law_says(scene.model, scene.town.labels)
    assert_every_mail_went(twice=1)
    assert_the_ledger_holds(place.folder, settings)
