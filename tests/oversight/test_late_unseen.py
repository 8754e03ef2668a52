"""What fell due while no sweep looked, and what moved away before one did, stands in the end as if one had looked."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock, Rung
from oversight import services
from oversight.models import Escalation, Finding
from oversight.reactions import reactions
from tests.factories import requests as asked
from tests.factories.accounts import citizen
from tests.factories.oversight import DUE, LATE, Cast, overdue_clock, stopped, swept
from tests.factories.statute import at, recounted, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
DAY = dt.timedelta(days=1)


def moved(clock: Clock, due_on: dt.date) -> None:
    """The clock's due day moves, as a change of calendar moves it."""
    before = Clock.objects.get(pk=clock.pk)
    before.started_on = due_on - DAY * 10
    before.save(update_fields=["started_on"])
    assert [one.moved for one in recounted(before, cause="放假安排变更", at=at(LATE))] == [True]


def test_a_late_reply_before_any_sweep_is_a_breach_all_the_same(people: Cast) -> None:
    # given a reply three days late, and not one sweep since the last day
    swept(DUE)
    clock = stopped(running_clock(people.town.transport), DUE + DAY * 3)
    Notice.objects.all().delete()
    # when
    run = swept(DUE + DAY * 3)
    # then
    assert (run.clocks, run.rungs) == (1, 1)
    assert Rung.objects.get(rung="overdue").clock == clock
    assert Finding.objects.get().agency == people.town.transport
    assert Escalation.objects.count() == 2
    notice = Notice.objects.get(kind="clock.overdue", recipient=people.steward)
    assert notice.title.startswith("逾期 3 天")
    assert "才办结" in notice.body
    assert not Notice.objects.filter(kind="clock.reminder").exists()
    assert swept(DUE + DAY * 30).clocks == 0


def test_only_the_weeks_before_the_late_reply_count(people: Cast) -> None:
    stopped(running_clock(people.town.transport), LATE + DAY * 8)
    swept(LATE + DAY * 40)
    assert set(Rung.objects.values_list("rung", flat=True)) == {"overdue", "overdue-week-1"}


def test_a_reply_in_time_leaves_nothing_to_look_at(people: Cast) -> None:
    stopped(running_clock(people.town.transport), DUE)
    assert swept(LATE).clocks == 0


def test_a_due_day_that_moved_away_before_the_reply_takes_the_breach_back(people: Cast) -> None:
    # given a breach, a holiday made longer, and a reply within the new day before any sweep
    clock = overdue_clock(people.town.transport)
    moved(clock, dt.date(2026, 3, 17))
    stopped(clock, dt.date(2026, 3, 16))
    # when
    swept(dt.date(2026, 3, 16))
    # then
    assert Finding.objects.get().status == "withdrawn"
    assert set(Escalation.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert swept(dt.date(2026, 4, 1)).clocks == 0


def test_a_breach_names_who_held_the_case_on_the_day_it_is_due_now(people: Cast) -> None:
    # given a breach of the first agency, handed on, and a due day that moved into the days of the second
    clock = overdue_clock(people.town.transport)
    clocks.hand_on(clock, to=people.town.health, on=LATE, at=at(LATE), by=PLATFORM)
    moved(clock, dt.date(2026, 3, 17))
    # when
    swept(dt.date(2026, 3, 18))
    # then
    found = dict(Finding.objects.values_list("agency__name", "status"))
    assert found == {"贵阳市交通委员会": "withdrawn", "贵阳市卫生健康局": "draft"}


def test_silence_is_acceptance_and_never_reported_as_overdue() -> None:
    # given a review nobody decided on within five working days (2026-11-12 to 2026-11-19)
    review = asked.objected(asked.cast())
    following = tuple(reaction for reaction in reactions() if reaction.name == "requests_app")
    # when
    services.sweep(at=at(dt.date(2026, 11, 20)), on=dt.date(2026, 11, 20), following=following)
    # then
    review.refresh_from_db()
    assert (review.status, review.accepted_on) == ("accepted", dt.date(2026, 11, 19))
    assert not Rung.objects.filter(clock__kind="review-acceptance", rung="overdue").exists()
    assert not Event.objects.filter(verb="clock.overdue").exists()


def test_a_review_withdrawn_after_five_silent_days_had_been_accepted() -> None:
    somebody, play = citizen(), asked.cast()
    review = asked.objected(play, by=somebody)
    asked.services.withdraw_review(
        review_id=review.pk, by=somebody, on=dt.date(2026, 11, 23), at=at(dt.date(2026, 11, 23))
    )
    stops = {clock.kind: (clock.stopped_on, clock.stopped_by) for clock in Clock.objects.filter(number=review.number)}
    assert stops == {
        "review-acceptance": (dt.date(2026, 11, 19), "superseded"),
        "review-result": (dt.date(2026, 11, 23), "withdrawn"),
    }
