"""The ladder of every clock: which rung stands on which day. Pure dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count

from guiyang_data.statute.counting import DAY
from guiyang_data.statute.deadlines import OVERDUE_EVERY, REMINDERS_BEFORE

OVERDUE = "overdue"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A rung and the first day on which it is due. ``legal``: it has effects beyond a reminder."""

    rung: str
    on: dt.date
    legal: bool


def steps(*, started_on: dt.date, due_on: dt.date) -> Iterator[Step]:
    """Rungs in order of day, without end. A reminder that would stand on or before the start is left out."""
    for before in REMINDERS_BEFORE:
        if due_on - DAY * before > started_on:
            yield Step(rung=f"reminder-{before}", on=due_on - DAY * before, legal=False)
    late = due_on + DAY
    yield Step(rung=OVERDUE, on=late, legal=True)
    for week in count(1):
        yield Step(rung=f"overdue-week-{week}", on=late + DAY * OVERDUE_EVERY * week, legal=True)


def due_steps(
    *, started_on: dt.date, due_on: dt.date, today: dt.date, fired: Collection[str], stopped_on: dt.date | None = None
) -> tuple[list[Step], dt.date | None]:
    """What is to fire on ``today`` (everything missed too), and the day of the next rung after that.

    A clock that was stopped has only what is left of its legal rungs: nobody is reminded of what is done, but that it
    was done late stays so, whether or not anybody looked in time. It has no next rung.
    """
    if stopped_on is not None:
        waiting, _next = due_steps(started_on=started_on, due_on=due_on, today=min(today, stopped_on), fired=fired)
        return [step for step in waiting if step.legal], None
    waiting = []
    for step in steps(started_on=started_on, due_on=due_on):
        if step.on > today:
            return waiting, step.on
        if step.rung not in fired:
            waiting.append(step)
    raise AssertionError("the ladder has no end")


def to_tell(waiting: list[Step]) -> set[str]:
    """Of the rungs that fire together, those that anyone is told of: every legal one, and else the latest reminder."""
    legal = {step.rung for step in waiting if step.legal}
    return legal or {step.rung for step in waiting[-1:]}
