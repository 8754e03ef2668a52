"""Several people at one case in the same moment: one outcome, and the others are told who was first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connections

from guiyang_data.errors import DomainError, LimitReached, WrongState
from guiyang_data.ledger.selectors import events_of
from sharing import services
from sharing.limits import count_call, count_rows
from sharing.models import ReadingUse, SharingApplication, SharingGrant
from tests.factories import sharing as made
from tests.factories.statute import plant_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

ROUNDS = 5


@pytest.fixture
def scene() -> made.Scene:
    plant_seed()
    return made.scene()


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What each act returned or raised, all started together on connections of their own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait()
            return act()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def all_three(scene: made.Scene, case: SharingApplication) -> list[object]:
    at = made.later(1)
    return at_once(
        [
            lambda: services.agree(application_id=case.pk, by=scene.approver, at=at),
            lambda: services.refuse(application_id=case.pk, by=scene.approver, at=at, reasons=made.REASONS),
            lambda: services.withdraw_application(application_id=case.pk, by=scene.asker, at=at),
        ]
    )


def test_agreeing_refusing_and_withdrawing_at_once_end_in_one_outcome(scene: made.Scene) -> None:
    for _round in range(ROUNDS):
        case = made.application(scene)

        # when
        results = all_three(scene, case)

        # then one was carried out, two were told that the case had moved on, and all that remains fits together
        lost = [result for result in results if isinstance(result, DomainError)]
        assert len(lost) == 2
        assert all(isinstance(error, WrongState) for error in lost)
        row = SharingApplication.objects.get(pk=case.pk)
        verbs = set(events_of(case).values_list("verb", flat=True)) - {"apply"}
        assert verbs == {{"agreed": "agree", "refused": "refuse", "withdrawn": "withdraw"}[row.status]}
        assert SharingGrant.objects.filter(source=case).exists() is (row.status == "agreed")


def test_limits_hold_when_many_call_at_once(scene: made.Scene) -> None:
    grant = made.standing_grant(scene, limits=services.Limits(calls_per_minute=3, rows_per_day=50))
    calls = at_once([lambda: count_call(grant, at=made.later(1)) for _call in range(6)])
    rows = at_once([lambda: count_rows(grant, 20, at=made.later(1)) for _call in range(6)])
    assert sum(isinstance(result, LimitReached) for result in calls) == 3
    assert sum(isinstance(result, LimitReached) for result in rows) == 4
    use = ReadingUse.objects.get()
    assert (use.calls, use.rows) == (3, 40)


def test_numbers_given_out_at_once_have_no_gap_and_no_twin(scene: made.Scene) -> None:
    at_once([partial(made.application, scene, use_case=f"第 {number} 次") for number in range(4)])
    numbers = sorted(SharingApplication.objects.values_list("number", flat=True))
    assert numbers == [f"GX-2026-{number:05d}" for number in range(1, 5)]
