"""Counting running clocks again after a change of calendar or of a rule: a new generation for each that it touches.

Stopped clocks never move. What has fired stays fired for the same due day; an overdue rung whose due day has moved
away is withdrawn by an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from guiyang_data.inserting import insert_many
from guiyang_data.ledger.services import Actor, Entry, record_many
from guiyang_data.statute.cases import note_due_days
from guiyang_data.statute.counting import DAY, ROLLS, Calendar, DueDay, years_for
from guiyang_data.statute.models import Clock, ClockGeneration, PeriodRule, Rung
from guiyang_data.statute.selectors import calendar, count


def generation_of(clock: Clock, due: DueDay, cause: str, at: dt.datetime) -> ClockGeneration:
    """The row that remembers this count of a clock, not yet saved."""
    return ClockGeneration(
        clock=clock,
        number=clock.generation,
        due_on=due.on,
        provisional=due.provisional,
        steps=[{"text": step.text, "basis": str(step.basis or "")} for step in due.steps],
        cause=cause,
        made_at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Recounted:
    """A clock that was counted again: its last day, and whether that day was provisional, before."""

    clock: Clock
    before: dt.date
    was_provisional: bool

    @property
    def moved(self) -> bool:
        """Whether anything changed that people must be told of."""
        return (self.before, self.was_provisional) != (self.clock.due_on, self.clock.provisional)


@dataclass
class DueDays:
    """Counts of many clocks: the calendar is read once for some years, and each rule and first day counted once.

    ``instead``: years as a proposal has them. ``rule``: the version by which all are counted, in place of their own.
    """

    instead: Mapping[int, Mapping[dt.date, object]] | None = None
    rule: PeriodRule | None = None
    _calendars: dict[range, Calendar] = field(default_factory=dict)
    _due: dict[tuple[int, dt.date], DueDay] = field(default_factory=dict)

    def due(self, rule: PeriodRule, start: dt.date) -> DueDay:
        """The due day of a clock that started on ``start`` under ``rule``."""
        rule = self.rule or rule
        key = (rule.pk or 0, start)
        if key not in self._due:
            years = years_for(start, rule.length)
            if years not in self._calendars:
                self._calendars[years] = calendar(years, instead=self.instead)  # type: ignore[arg-type]
            self._due[key] = count(rule, start, by=self._calendars[years])
        return self._due[key]


def spans(days: Iterable[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Days as first and last of each unbroken run."""
    first = last = None
    for day in sorted(set(days)):
        if last is None or day > last + DAY:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last


def touched_by_days(days: Collection[dt.date], years: Collection[int] = ()) -> QuerySet[Clock]:
    """The running clocks whose span holds one of these days, and the provisional ones that wait for these years.

    A day matters from the one after the start to the due day as it stands: a roll goes on from there.
    """
    wanted = Q(pk__in=[])
    for first, last in spans(days):
        wanted |= Q(started_on__lt=last, due_on__gte=first)
    for year in years:
        # the last days of December wait for the notice of the year after
        wanted |= Q(provisional=True, started_on__lte=dt.date(year, 12, 31), due_on__gte=dt.date(year - 1, 12, 1))
    return Clock.objects.filter(wanted, stopped_on=None, rule__length__gt=0)


def touched_by_rule(rule: PeriodRule, *, reaches_running: bool) -> QuerySet[Clock]:
    """The running clocks a version of a rule is for: those since its first day, and the older ones where it says so."""
    clocks = Clock.objects.filter(kind=rule.kind, stopped_on=None, rule__length__gt=0)
    clocks = clocks.filter(rule__in_force_from__lt=rule.in_force_from)
    return clocks if reaches_running else clocks.filter(started_on__gte=rule.in_force_from)


@transaction.atomic
def recount(
    clocks: QuerySet[Clock],
    *,
    cause: str,
    at: dt.datetime,
    by: Actor,
    counter: DueDays | None = None,
) -> list[Recounted]:
    """Count these running clocks again, in a new generation each. Returns what became of them, in the order of ids.

    The rule of ``counter``, where it has one, becomes the clocks' own. Six queries and two for each clock.
    """
    counter = counter or DueDays()
    locked = (
        clocks.filter(stopped_on=None, rule__length__gt=0)
        .select_for_update(of=("self",))
        .select_related("rule", "owed_by")
    )
    done: list[Recounted] = []
    made: list[ClockGeneration] = []
    for clock in locked.order_by("pk"):
        due = counter.due(clock.rule, clock.started_on)
        done.append(Recounted(clock=clock, before=clock.due_on, was_provisional=clock.provisional))
        if counter.rule is not None:
            clock.rule = counter.rule
            clock.statutory = counter.rule.statutory and clock.owed_by.is_bound
        clock.due_on, clock.provisional, clock.generation = due.on, due.provisional, clock.generation + 1
        # the sweep looks at it anew: what is due by now and has not fired
        clock.next_rung_on = clock.started_on
        made.append(generation_of(clock, due, cause, at))
    changed = ["rule", "statutory", "due_on", "provisional", "generation", "next_rung_on"]
    Clock.objects.bulk_update([one.clock for one in done], changed)
    insert_many(made)
    note_due_days(one.clock.subject for one in done if one.before != one.clock.due_on)
    entries = [_entry(one, cause, at, by) for one in done]
    record_many(entries + _withdraw_rungs([one for one in done if one.before != one.clock.due_on], at, by))
    return done


def _entry(one: Recounted, cause: str, at: dt.datetime, by: Actor) -> Entry:
    clock = one.clock
    payload = {
        "from": one.before.isoformat(),
        "to": clock.due_on.isoformat(),
        "was_provisional": one.was_provisional,
        "provisional": clock.provisional,
        "generation": clock.generation,
        "cause": cause,
    }
    return Entry(obj=clock, verb="clock.recompute", by=by, at=at, basis=ROLLS, payload=payload)


def _withdraw_rungs(moved: Sequence[Recounted], at: dt.datetime, by: Actor) -> list[Entry]:
    by_pk = {one.clock.pk: one.clock for one in moved}
    late = Rung.objects.filter(clock__in=by_pk, withdrawn_at=None, rung__startswith="overdue").order_by("pk")
    gone = [rung for rung in late if rung.due_on != by_pk[rung.clock_id].due_on]
    for rung in gone:
        rung.withdrawn_at = at
    Rung.objects.bulk_update(gone, ["withdrawn_at"])
    return [
        Entry(
            obj=by_pk[rung.clock_id],
            verb="clock.withdraw-rung",
            by=by,
            at=at,
            basis=by_pk[rung.clock_id].rule.basis,
            payload={"rung": rung.rung},
        )
        for rung in gone
    ]


@dataclass(frozen=True, kw_only=True)
class Move:
    """A clock that would move, and where to."""

    clock: Clock
    due: DueDay


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a recount would do: clocks counted again, clocks whose day or certainty changes, and the first of those."""

    touched: int
    moved: int
    first: tuple[Move, ...]


def outlook(clocks: QuerySet[Clock], due_days: DueDays, *, most: int) -> Outlook:
    """What counting these clocks again would do; changes nothing. The cost grows with the days they started on."""
    rules = PeriodRule.objects.in_bulk()
    groups = clocks.order_by().values_list("rule", "started_on", "due_on", "provisional").annotate(Count("pk"))
    touched = moved = listed = 0
    wanted = Q(pk__in=[])
    for rule_id, start, due_on, provisional, number in groups.order_by("due_on", "started_on", "rule"):
        due = due_days.due(rules[rule_id], start)
        touched += number
        if (due.on, due.provisional) == (due_on, provisional):
            continue
        moved += number
        if listed < most:
            listed += number
            wanted |= Q(rule=rule_id, started_on=start, due_on=due_on, provisional=provisional)
    first = clocks.filter(wanted).select_related("owed_by", "rule").order_by("due_on", "pk")[:most] if moved else []
    return Outlook(
        touched=touched,
        moved=moved,
        first=tuple(Move(clock=clock, due=due_days.due(clock.rule, clock.started_on)) for clock in first),
    )
