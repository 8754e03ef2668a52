"""Reading what is counted by: years with their state, proposals and what they would do, rules with their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from guiyang_data.statute.arrangements import Change, changes
from guiyang_data.statute.counting import Calendar, Day
from guiyang_data.statute.deadlines import KINDS, ClockKind
from guiyang_data.statute.holidays import fixed_holidays
from guiyang_data.statute.models import CalendarYear, Clock, PeriodRule
from guiyang_data.statute.recounting import DueDays, Outlook, outlook, touched_by_days, touched_by_rule
from guiyang_data.statute.selectors import calendar, length_text, loaded_days, rule_versions
from oversight.models import CalendarProposal, Recount, RuleProposal
from oversight.workflow import ProposalStatus

SHOWN_CLOCKS = 50
WARN_DAYS = 60
"""So many days before the end of the last loaded year a due day is near it."""
LONGEST_OPEN = 60
"""Days from a start to a due day that a rule of today can give; before that no due day can be near the end."""


def calendar_proposals() -> QuerySet[CalendarProposal]:
    """Every proposal of an arrangement, newest first."""
    return CalendarProposal.objects.select_related("proposed_by", "decided_by", "recount").order_by("-pk")


def rule_proposals() -> QuerySet[RuleProposal]:
    """Every proposal of a rule, newest first."""
    return RuleProposal.objects.select_related("proposed_by", "decided_by", "recount").order_by("-pk")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What confirming a calendar would change: days, and running clocks (units: days, clocks)."""

    calendar: Calendar
    changes: list[Change]
    outlook: Outlook


def preview_calendar(year: int, days: Mapping[dt.date, Day]) -> Preview:
    """The difference to what is loaded, and which running clocks would move."""
    around = (year - 1, year, year + 1)
    before = calendar(around)
    after = calendar(around, instead={year: days})
    moved = changes(before, after, year)
    waited = [year] if year not in before.official else []
    clocks = touched_by_days([change.day for change in moved], waited)
    return Preview(
        calendar=after,
        changes=moved,
        outlook=outlook(clocks, DueDays(instead={year: days}), most=SHOWN_CLOCKS),
    )


def preview_rule(proposal: RuleProposal) -> Outlook:
    """Which running clocks a version of a rule would be for, and where they would move."""
    rule = PeriodRule(
        kind=proposal.kind,
        unit=proposal.unit,
        length=proposal.length,
        statutory=proposal.statutory,
        instrument=proposal.instrument,
        article=proposal.article,
        in_force_from=proposal.in_force_from,
    )
    clocks = touched_by_rule(rule, reaches_running=proposal.reaches_running)
    return outlook(clocks, DueDays(rule=rule), most=SHOWN_CLOCKS)


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """One version of a rule, and how many clocks run on it."""

    kind: ClockKind
    rule: PeriodRule
    length: str
    running: int
    state: str


def rule_rows(on: dt.date) -> list[RuleRow]:
    """Every version of every rule, by kind, the newest first; two queries."""
    running = dict(
        Clock.objects.filter(stopped_on=None).order_by().values("rule").annotate(n=Count("pk")).values_list("rule", "n")
    )
    by_kind: dict[str, list[RuleRow]] = {code: [] for code in KINDS}
    for rule in rule_versions():
        if rule.kind in by_kind:
            row = RuleRow(
                kind=KINDS[rule.kind],
                rule=rule,
                length=length_text(rule),
                running=running.get(rule.pk, 0),
                state=_state(rule, on),
            )
            by_kind[rule.kind].insert(0, row)
    return [row for rows in by_kind.values() for row in rows]


def _state(rule: PeriodRule, on: dt.date) -> str:
    if rule.in_force_from > on:
        return "尚未施行"
    return "已失效" if rule.in_force_to is not None and rule.in_force_to <= on else "施行中"


@dataclass(frozen=True, kw_only=True)
class CalendarEnd:
    """The calendar ends soon: the last loaded year, and the days from today to its end (negative: past)."""

    year: int
    days_left: int


def last_official_year(on: dt.date) -> int:
    """The last year, from this one on, up to which every notice is loaded; the one before it where this one lacks."""
    loaded = set(CalendarYear.objects.filter(year__gte=on.year).values_list("year", flat=True))
    year = on.year - 1
    while year + 1 in loaded:
        year += 1
    return year


def calendar_end(on: dt.date) -> CalendarEnd | None:
    """That the calendar ends within 60 days of a running clock's due day, or before it; None where all is well."""
    year = last_official_year(on)
    end = dt.date(year, 12, 31)
    if on < end - dt.timedelta(days=WARN_DAYS + LONGEST_OPEN):
        return None
    near = Clock.objects.filter(stopped_on=None, due_on__gte=end - dt.timedelta(days=WARN_DAYS))
    return CalendarEnd(year=year, days_left=(end - on).days) if near.exists() else None


def loaded_calendar(year: int) -> Calendar:
    """A year as it stands, with those around it."""
    return calendar((year - 1, year, year + 1))


def year_days(year: int) -> Mapping[dt.date, Day]:
    """The days of a year that its notice arranges, or, without one, those that the law fixes."""
    return loaded_days(year) if is_loaded(year) else fixed_holidays(year)


def running_recounts() -> QuerySet[Recount]:
    """Recounts that are not finished."""
    return Recount.objects.filter(finished_at=None).select_related("calendar", "rule").order_by("pk")


def waiting_count() -> int:
    """How many proposals wait for a second person."""
    waiting = ProposalStatus.PROPOSED
    calendars = CalendarProposal.objects.filter(status=waiting).count()
    return calendars + RuleProposal.objects.filter(status=waiting).count()


def is_loaded(year: int) -> bool:
    """Whether a year's notice is loaded."""
    return bool(loaded_days(year)) or CalendarYear.objects.filter(year=year).exists()
