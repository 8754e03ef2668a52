"""The ladder: reminders, overdue, each further week."""

from __future__ import annotations

import datetime as dt
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiyang_data.statute.counting import DAY
from guiyang_data.statute.ladder import due_steps, steps, to_tell

START, DUE = dt.date(2026, 3, 2), dt.date(2026, 3, 12)


def names(today: dt.date, *fired: str, start: dt.date = START, due: dt.date = DUE) -> tuple[list[str], dt.date]:
    waiting, following = due_steps(started_on=start, due_on=due, today=today, fired=fired)
    return [step.rung for step in waiting], following


def test_the_rungs_stand_five_three_and_one_day_before_then_the_day_after_and_each_week() -> None:
    first = [(step.rung, step.on.isoformat(), step.legal) for step in islice(steps(started_on=START, due_on=DUE), 6)]
    assert first == [
        ("reminder-5", "2026-03-07", False),
        ("reminder-3", "2026-03-09", False),
        ("reminder-1", "2026-03-11", False),
        ("overdue", "2026-03-13", True),
        ("overdue-week-1", "2026-03-20", True),
        ("overdue-week-2", "2026-03-27", True),
    ]


@pytest.mark.parametrize(
    ("today", "expected", "following"),
    [
        ("2026-03-06", [], "2026-03-07"),
        ("2026-03-07", ["reminder-5"], "2026-03-09"),
        ("2026-03-12", ["reminder-5", "reminder-3", "reminder-1"], "2026-03-13"),
        ("2026-03-13", ["reminder-5", "reminder-3", "reminder-1", "overdue"], "2026-03-20"),
    ],
)
def test_what_is_due_and_when_to_look_again(today: str, expected: list[str], following: str) -> None:
    assert names(dt.date.fromisoformat(today)) == (expected, dt.date.fromisoformat(following))


def test_what_has_fired_does_not_wait_again() -> None:
    assert names(dt.date(2026, 3, 13), "reminder-5", "reminder-3", "reminder-1")[0] == ["overdue"]


def test_a_period_shorter_than_a_reminder_leaves_it_out() -> None:
    assert names(dt.date(2026, 3, 5), due=dt.date(2026, 3, 5))[0] == ["reminder-1"]


def test_reminders_that_fire_together_tell_once_and_the_latest() -> None:
    waiting, _ = due_steps(started_on=START, due_on=DUE, today=dt.date(2026, 3, 11), fired=())
    assert to_tell(waiting) == {"reminder-1"}


def test_every_legal_rung_is_told_and_no_reminder_beside_it() -> None:
    waiting, _ = due_steps(started_on=START, due_on=DUE, today=dt.date(2026, 3, 28), fired=())
    assert to_tell(waiting) == {"overdue", "overdue-week-1", "overdue-week-2"}


def test_nothing_waiting_tells_nobody() -> None:
    assert to_tell([]) == set()


@given(length=st.integers(1, 60), gaps=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_sweeping_on_whatever_days_fires_the_same_rungs_as_sweeping_daily(length: int, gaps: list[int]) -> None:
    due = START + DAY * length
    last = START + DAY * sum(gaps)

    def fired_on(days: list[dt.date]) -> set[str]:
        fired: set[str] = set()
        for today in days:
            waiting, following = due_steps(started_on=START, due_on=due, today=today, fired=fired)
            assert following > today
            fired |= {step.rung for step in waiting}
        return fired

    some = [START + DAY * sum(gaps[: n + 1]) for n in range(len(gaps))]
    daily = [START + DAY * n for n in range((last - START).days + 1)]
    assert fired_on(some) == fired_on(daily)
