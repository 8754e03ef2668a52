"""The first morning after a holiday: thousands of rungs are due at once, while people use the portal.

Once as reminders, once as clocks that ran out yesterday (event, escalations, draft finding, notices to four sides);
with one sweep, and with two that share the work. Pages are asked before, as a measure, and meanwhile. The peer, a
store of timers, runs by itself in an environment of its own (``bench.peers``).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from bench import city
from bench.figures import Figure
from bench.load import Answers, Asking, asked
from bench.peers import timers
from bench.portal import cookie_of, web
from bench.sweeper import Swept, sweepers
from bench.words import TEXTS, titles
from guiyang_data.ledger.models import Event
from guiyang_data.statute.models import Rung
from guiyang_data.timekeeping import today

TARGET_SECONDS = 40.0
TARGET_TIMES = 3.0
CONNECTIONS = 2
PAGES = ("/", "/desk/", "/requests/", "/requests/new/similar/?title=停车场")


@dataclass(frozen=True, kw_only=True)
class Morning:
    """One sweep beside people who use the portal, and what stood in the database afterwards."""

    swept: tuple[Swept, ...]
    calm: Answers
    meanwhile: Answers
    rungs: int
    doubled: int

    @property
    def seconds(self) -> float:
        """Until the last rung of the last sweeper."""
        return max(one.seconds for one in self.swept)

    @property
    def times(self) -> float:
        """How many times slower pages were meanwhile, by their median."""
        return self.meanwhile.p50 / self.calm.p50


def measure(idle: int, due: int, rounds: int) -> list[Figure]:
    """Seconds for ``due`` rungs, with ``idle`` clocks beside them, and how many times slower pages are meanwhile."""
    day = today()
    city.running_clocks(idle, owed_by=city.departments(), due=day + dt.timedelta(days=10), spread=20)
    cookie = cookie_of(city.person("transport"))
    figures: list[Figure] = []
    with web() as port:
        asked(port, PAGES, connections=CONNECTIONS, number=4 * len(PAGES), cookie=cookie)
        for name, make, number in (
            ("reminders", _reminders, 1),
            ("clocks that ran out", _run_out, 1),
            ("clocks that ran out, two sweeps", _run_out, 2),
        ):
            mornings = [_morning(port, cookie, make, due, number) for _round in range(rounds)]
            figures += _figures(name, mornings, due)
    return figures + timers.figures(os.environ["GUIYANG_DATABASE_URL"], due)


def _reminders(due: int, day: dt.date) -> None:
    ends = day + dt.timedelta(days=5)
    city.running_clocks(due, owed_by=city.departments(), due=ends, first=city.last_number() + 1)


def _run_out(due: int, day: dt.date) -> None:
    first = city.last_number() + 1
    ended = day - dt.timedelta(days=1)
    people = {"owed_by": city.departments(), "first": first}
    city.running_clocks(due, due=ended, rung=1, **people)  # type: ignore[arg-type]
    city.open_requests(
        due,
        day=ended,
        titles=titles(due),
        texts=TEXTS,
        applicant=city.person("citizen"),
        **people,  # type: ignore[arg-type]
    )
    city.reminders_fired(day)


def _morning(port: int, cookie: str, make: Callable[[int, dt.date], None], due: int, number: int) -> Morning:
    make(due, today())
    before = Rung.objects.count()
    calm = asked(port, PAGES, connections=CONNECTIONS, number=60, cookie=cookie)
    with sweepers(number) as ready:
        asking = Asking(port, PAGES, connections=CONNECTIONS, cookie=cookie)
        for sweeper in ready:
            sweeper.begin()
        swept = tuple(sweeper.ended() for sweeper in ready)
        meanwhile = asking.ended()
    return Morning(swept=swept, calm=calm, meanwhile=meanwhile, rungs=Rung.objects.count() - before, doubled=_doubled())


def _doubled() -> int:
    """Events of one rung that were written more than once: none, ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT subject FROM {Event._meta.db_table} "  # noqa: S608  a constant
            "WHERE verb = 'clock.overdue' GROUP BY subject, payload->>'rung' HAVING count(*) > 1) AS twice"
        )
        return int(cursor.fetchone()[0])


def _figures(name: str, mornings: list[Morning], due: int) -> list[Figure]:
    facts = {
        "due": due,
        "rungs": [morning.rungs for morning in mornings],
        "shares": [[one.clocks for one in morning.swept] for morning in mornings],
        "processor_s": [[one.processor for one in morning.swept] for morning in mornings],
        "failures": sum(one.failures for morning in mornings for one in morning.swept),
        "doubled": sum(morning.doubled for morning in mornings),
    }
    pages = {
        "asked": sum(len(morning.meanwhile.seconds) for morning in mornings),
        "refused": sum(morning.meanwhile.refused + morning.calm.refused for morning in mornings),
        "calm_p50_ms": [round(1000 * morning.calm.p50, 1) for morning in mornings],
        "meanwhile_p50_ms": [round(1000 * morning.meanwhile.p50, 1) for morning in mornings],
        "meanwhile_p95_ms": [round(1000 * morning.meanwhile.p95, 1) for morning in mornings],
    }
    seconds, times = [morning.seconds for morning in mornings], [round(morning.times, 2) for morning in mornings]
    return [
        Figure(name=name, unit="s", values=seconds, target=TARGET_SECONDS, facts=facts),
        Figure(name=f"pages meanwhile ({name})", unit="times", values=times, target=TARGET_TIMES, facts=pages),
    ]
