"""Clocks and calendars for tests, on fixed days."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks, seed
from guiyang_data.statute.counting import Calendar, Day
from guiyang_data.statute.holidays import fixed_holidays
from guiyang_data.statute.models import CalendarDay, CalendarYear, Clock, PeriodRule
from guiyang_data.statute.recounting import Recounted, recount
from tests.remembering import remembered

WITHOUT_NOTICE = (2027, 2028)
MONDAY = dt.date(2026, 3, 2)
"""A plain Monday: a period of ten days from here ends on Thursday 2026-03-12, far from any holiday."""


def at(day: dt.date, hour: int = 10) -> dt.datetime:
    """A moment of a day in Guiyang."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)), dt.timezone(dt.timedelta(hours=8)))


def seeded_calendar() -> Calendar:
    """The seeded notices 2017-2026, and two years without notice, built without a database."""
    days = {
        day: Day(working=working, name=name) for entry in seed.calendar_years() for day, working, name in entry["days"]
    }
    for year in WITHOUT_NOTICE:
        days.update(fixed_holidays(year))
    official = frozenset(entry["year"] for entry in seed.calendar_years())
    return Calendar(days=days, official=official, years=official | set(WITHOUT_NOTICE))


def plant_seed() -> None:
    """What the migrations planted, again: a test that empties the tables takes it away."""
    seed.plant(rules=PeriodRule.objects, years=CalendarYear.objects, days=CalendarDay.objects)


@remembered
def running_clock(
    agency: Agency,
    kind: str = "open-reply",
    *,
    on: dt.date = MONDAY,
    subject: str = "requests_app.openrequest:1",
    number: str = "GY-2026-00001",
    title: str = "开放申请：公交车辆实时位置",
    due_on: dt.date | None = None,
    held_by: Agency | None = None,
) -> Clock:
    """A clock that started on ``on`` and that nothing has stopped."""
    return clocks.start(
        kind,
        subject,
        on=on,
        at=at(on),
        by=PLATFORM,
        owed_by=agency,
        number=number,
        title=title,
        path="/desk/requests/1/",
        due_on=due_on,
        held_by=held_by,
    )


@remembered
def load_notice(year: int, *, rest: tuple[dt.date, ...] = (), work: tuple[dt.date, ...] = ()) -> CalendarYear:
    """The State Council's notice of a year, loaded."""
    row = CalendarYear.objects.create(
        year=year, document_number=f"国办发明电 {year - 1} 年 0 号", issued_on=dt.date(year - 1, 11, 25)
    )
    days = [CalendarDay(day=day, year=row, working=False, name="元旦") for day in rest]
    CalendarDay.objects.bulk_create(days + [CalendarDay(day=day, year=row, working=True) for day in work])
    return row


def recounted(clock: Clock, *, cause: str, at: dt.datetime) -> list[Recounted]:
    """One clock, counted again by what is loaded."""
    return recount(Clock.objects.filter(pk=clock.pk), cause=cause, at=at, by=PLATFORM)
