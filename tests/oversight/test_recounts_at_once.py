"""Two recounts at once, clocks that start while the calendar changes, a recount that is killed: each counted once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import DatabaseError, connections

from guiyang_data.ledger.models import Event
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, ClockGeneration
from oversight import services
from oversight.models import Recount
from oversight.services.rulebook import recounts
from tests.factories.rulebook import PROPOSED_ON, Keepers, confirmed, keepers, proposed
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

CLOCKS = 24
STARTED = dt.date(2026, 12, 22)
BY_NOTICE = dt.date(2027, 1, 5)


@pytest.fixture
def people(transactional_db: None) -> Keepers:
    """A city that other threads see."""
    return keepers()


def start(people: Keepers, number: int) -> Clock:
    return running_clock(people.town.transport, on=STARTED, subject=f"a.b:{number}", number=f"GY-{number}")


def recounted(batch: int = 5) -> int:
    return services.run_recounts(at=at(PROPOSED_ON, 11), on=PROPOSED_ON, batch=batch)


def at_once(*acts: object) -> None:
    together = threading.Barrier(len(acts), timeout=60)

    def run(act: object) -> None:
        try:
            together.wait()
            act()  # type: ignore[operator]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)


def assert_each_counted_once(people: Keepers) -> None:
    assert set(Clock.objects.values_list("due_on", "provisional")) == {(BY_NOTICE, False)}
    assert Event.objects.filter(verb="clock.recompute").count() == CLOCKS
    assert ClockGeneration.objects.count() == 2 * CLOCKS
    assert Notice.objects.filter(kind="clock.recompute", recipient=people.steward).count() == CLOCKS
    assert (Recount.objects.get().counted, Recount.objects.get().moved) == (CLOCKS, CLOCKS)


def test_two_recounts_at_once_count_each_clock_once(people: Keepers) -> None:
    for number in range(CLOCKS):
        start(people, number)
    confirmed(people)
    done: list[int] = []
    at_once(*[lambda: done.append(recounted())] * 2)
    done.append(recounted())
    assert sum(done) == CLOCKS
    assert_each_counted_once(people)
    assert Recount.objects.get().finished_at is not None


def test_a_clock_that_starts_while_the_calendar_changes_is_never_left_on_the_old_day(people: Keepers) -> None:
    proposal = proposed(people)
    start(people, 0)

    def starting() -> None:
        for number in range(1, CLOCKS):
            start(people, number)

    def confirming() -> None:
        services.confirm_calendar(proposal_id=proposal.pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))

    at_once(starting, confirming)
    recounted()
    assert Clock.objects.count() == CLOCKS
    assert set(Clock.objects.values_list("due_on", "provisional")) == {(BY_NOTICE, False)}
    assert Recount.objects.get().counted == ClockGeneration.objects.filter(number=2).count()


def test_a_recount_that_breaks_off_in_the_middle_is_finished_by_the_next(
    people: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a run that is killed while it tells of its third batch
    for number in range(CLOCKS):
        start(people, number)
    confirmed(people)
    really_tell, told = recounts.tell_moved, []

    def killed(*args: object, **values: object) -> None:
        told.append(args)
        if len(told) == 3:
            raise KeyboardInterrupt
        really_tell(*args, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(recounts, "tell_moved", killed)
    with pytest.raises(KeyboardInterrupt):
        recounted()
    assert ClockGeneration.objects.filter(number=2).count() == 10

    # when the next run comes
    monkeypatch.undo()
    recounted()

    # then nothing is lost and nothing doubled
    assert_each_counted_once(people)


def test_a_clock_that_cannot_be_counted_stops_no_other_and_is_tried_again(
    people: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(CLOCKS):
        start(people, number)
    confirmed(people)
    broken = Clock.objects.order_by("pk")[7].pk
    really_count = recounts.recount

    def failing(clocks: object, **values: object) -> object:
        if clocks.filter(pk=broken).exists():  # type: ignore[attr-defined]
            raise DatabaseError("held")
        return really_count(clocks, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(recounts, "recount", failing)
    assert recounted() == CLOCKS - 1
    job = Recount.objects.get()
    assert (job.left_over, job.finished_at) == ([broken], None)
    assert services.run_recounts(at=at(PROPOSED_ON, 12), on=PROPOSED_ON) == 0
    monkeypatch.undo()
    assert recounted() == 1
    assert_each_counted_once(people)
    assert Recount.objects.get().finished_at is not None
