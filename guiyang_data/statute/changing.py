"""Putting a year's arrangement or a version of a rule in force, inside the transaction of the act that does so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max, Q

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.statute.arrangements import changes
from guiyang_data.statute.calendar_lock import change_calendar
from guiyang_data.statute.counting import Day, show
from guiyang_data.statute.law import Article, Unit
from guiyang_data.statute.models import CalendarDay, CalendarYear, Clock, PeriodRule
from guiyang_data.statute.selectors import calendar


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What running clocks must be counted again for.

    ``days``: those of another kind than before. ``waited``: whether the year had no notice. ``last_clock``: clocks up
    to this id were counted before.
    """

    days: tuple[dt.date, ...]
    waited: bool
    last_clock: int


def last_clock() -> int:
    """The greatest id of a clock."""
    return Clock.objects.aggregate(Max("pk"))["pk__max"] or 0


def put_year(
    year: int,
    days: Mapping[dt.date, Day],
    *,
    document_number: str,
    issued_on: dt.date,
    by: User,
    at: dt.datetime,
) -> Changed:
    """Let a year stand as ``days`` say; a day that another year's notice had taken is this one's now."""
    change_calendar()
    around = (year - 1, year, year + 1)
    before = calendar(around)
    waited = year not in before.official
    row, _new = CalendarYear.objects.update_or_create(
        year=year,
        defaults={
            "document_number": document_number,
            "issued_on": issued_on,
            "loaded_by": by,
            "loaded_at": at,
        },
    )
    CalendarDay.objects.filter(Q(year=row) | Q(day__in=list(days))).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day, year=row, working=one.working, name=one.name) for day, one in days.items()
    )
    moved = changes(before, calendar(around), year)
    return Changed(days=tuple(change.day for change in moved), waited=waited, last_clock=last_clock())


def put_rule(
    kind: str, *, unit: Unit, length: int, statutory: bool, basis: Article, in_force_from: dt.date
) -> PeriodRule:
    """Let a new version of a rule be in force from a day on; the version before it ends there.

    Raises ``RuleBroken`` with ``in_force_from`` where a version of the same day, or a later one, is there already.
    """
    change_calendar()
    latest = PeriodRule.objects.select_for_update().filter(kind=kind).order_by("-in_force_from").first()
    require_later(latest, in_force_from, basis)
    if latest is not None:
        latest.in_force_to = in_force_from
        latest.save(update_fields=["in_force_to"])
    return PeriodRule.objects.create(
        kind=kind,
        unit=unit.value,
        length=length,
        statutory=statutory,
        instrument=basis.instrument.name,
        article=basis.number,
        in_force_from=in_force_from,
    )


def require_later(latest: PeriodRule | None, in_force_from: dt.date, basis: Article) -> None:
    """A version begins after the one before it."""
    if latest is None or latest.in_force_from < in_force_from:
        return
    message = f"施行日应当晚于现有版本的施行日（{show(latest.in_force_from)}）。请核对。"
    raise RuleBroken(message, basis=basis, fields={"in_force_from": message})
