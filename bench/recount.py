"""A day becomes one of rest at short notice: what the preview, the confirmation and the recount of its clocks take.

No peer counts running deadlines again: froide, Alaveteli and Zammad leave them on the day they were given.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import TypeVar

from bench import city
from bench.figures import Figure, milliseconds
from guiyang_data.statute.models import ClockGeneration
from guiyang_data.statute.selectors import calendar
from guiyang_data.timekeeping import now, today
from oversight.models import Recount
from oversight.rulebook.selectors import preview_calendar
from oversight.services import confirm_calendar, propose_calendar, run_recounts
from oversight.services.rulebook.calendar import days_of

PATIENCE = 3600.0
Result = TypeVar("Result")


def _next_working_day(day: dt.date) -> dt.date:
    known = calendar((day.year, day.year + 1))
    while not known.is_working(day):
        day += dt.timedelta(days=1)
    return day


def measure(idle: int, touched: int) -> list[Figure]:
    """Figures in milliseconds, and in seconds for the recount. ``idle`` clocks run untouched beside ``touched``."""
    on = today()
    rest = _next_working_day(on + dt.timedelta(days=3))
    owed_by = city.departments()
    # a touched clock is due on the day itself; the others start after it
    city.running_clocks(idle, owed_by=owed_by, due=rest + dt.timedelta(days=city.LENGTH + 1), spread=20)
    city.running_clocks(touched, owed_by=owed_by, due=rest, rung=1, first=idle + 1)
    proposal = propose_calendar(
        text=f"day,working,name\n{rest.isoformat()},0,应急放假\n",
        scope="days",
        document_number="国办发明电〔2026〕0号",
        issued_on=on,
        by=city.person("authority"),
        on=on,
        at=now(),
    )
    proposal.get_absolute_url()  # the first address of a process reads all of them
    preview, outlook = _timed(lambda: preview_calendar(proposal.year, days_of(proposal)).outlook)
    confirm, _done = _timed(
        lambda: confirm_calendar(proposal_id=proposal.pk, by=city.person("supervisor"), on=on, at=now())
    )
    counting, counted = _timed(lambda: run_recounts(at=now(), on=on, patience=PATIENCE))
    job = Recount.objects.get()
    facts = {
        "clocks": idle + touched,
        "foreseen": outlook.moved,
        "counted": counted,
        "moved": job.moved,
        "generations": ClockGeneration.objects.count(),
        "finished": job.finished_at is not None,
    }
    return [
        Figure(name="the preview of the change", unit="ms", values=[preview], facts=facts),
        Figure(name="its confirmation", unit="ms", values=[confirm], facts=facts),
        Figure(name="the recount of what it touches", unit="s", values=[counting / 1000], facts=facts),
    ]


def _timed(act: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = act()
    return milliseconds(time.perf_counter() - began), result
