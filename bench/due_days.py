"""Due days counted over four years: how fast, and whether others count the same working days.

Peers: chinesecalendar (in this process) and workalendar (in the environment of its own), each of which tells only
whether a day is a working day; the counting around them is written here as their manuals show it. They know neither
that a period of calendar days ends on the next working day, nor who says so, nor what to do without a notice.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import chinese_calendar

from bench.figures import Figure
from bench.peers.timers import peers_python
from guiyang_data.statute import selectors
from guiyang_data.statute.counting import due_day
from guiyang_data.statute.law import Unit

FIRST = dt.date(2022, 1, 1)
LENGTH = 5
SCRIPT = Path(__file__).parent / "peers" / "workalendar_days.py"


def measure(days: int, rounds: int) -> list[Figure]:
    """Microseconds for the end of five working days from every day, and on how many days a peer counts the same."""
    starts = [FIRST + dt.timedelta(days=number) for number in range(days)]
    rule = selectors.rule_in_force("review-acceptance", FIRST)
    calendar = selectors.calendar(range(FIRST.year, starts[-1].year + 2))

    def ours(start: dt.date) -> dt.date:
        return due_day(
            start=start, unit=Unit.WORKING, length=LENGTH, basis=rule.basis, calendar=calendar, starts="起算日"
        ).on

    found, values = _rounds(ours, starts, rounds)
    other, theirs = _rounds(_chinese_calendar, starts, rounds)
    same = sum(one == another for one, another in zip(found, other, strict=True))
    facts = {"days": days, "same": same}
    figures = [
        Figure(name="a due day with its steps", unit="us", values=values, facts={"days": days}),
        Figure(name="chinesecalendar", unit="us", values=theirs, peer=True, facts=facts),
    ]
    return figures + _workalendar(starts, found, rounds)


def _rounds(
    count: Callable[[dt.date], dt.date], starts: Sequence[dt.date], rounds: int
) -> tuple[list[dt.date], list[float]]:
    found, values = [count(start) for start in starts], []
    for _round in range(rounds):
        began = time.perf_counter()
        found = [count(start) for start in starts]
        values.append(round((time.perf_counter() - began) / len(starts) * 1e6, 1))
    return found, values


def _chinese_calendar(start: dt.date) -> dt.date:
    day, left = start, LENGTH
    while left:
        day += dt.timedelta(days=1)
        left -= chinese_calendar.is_workday(day)
    return day


def _workalendar(starts: Sequence[dt.date], ours: Sequence[dt.date], rounds: int) -> list[Figure]:
    python = peers_python()
    if python is None:
        return []
    words = [str(python), str(SCRIPT), starts[0].isoformat(), str(len(starts)), str(LENGTH), str(rounds)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    same = sum(one.isoformat() == another for one, another in zip(ours, told["due"], strict=True))
    facts = {"days": len(starts), "same": same, "unknown": told["due"].count("")}
    return [Figure(name="workalendar", unit="us", values=told["us"], peer=True, facts=facts)]
