"""Starting, stopping, handing on and recomputing clocks, always inside the transaction of the act that does so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, models, transaction

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.services import hold_agency
from guiyang_data.errors import RuleBroken
from guiyang_data.inserting import insert_many
from guiyang_data.ledger.services import PLATFORM, Actor, record, subject_of
from guiyang_data.statute.calendar_lock import hold_calendar
from guiyang_data.statute.cases import note_due_days
from guiyang_data.statute.counting import DueDay, Step, show
from guiyang_data.statute.ladder import OVERDUE, due_steps
from guiyang_data.statute.models import Clock, ClockHolding, PeriodRule, Rung
from guiyang_data.statute.recounting import generation_of, recount
from guiyang_data.statute.selectors import count, rule_in_force


@transaction.atomic
def start(
    kind: str,
    obj: models.Model | str,
    *,
    on: dt.date,
    at: dt.datetime,
    by: Actor,
    owed_by: Agency,
    number: str,
    title: str,
    path: str,
    due_on: dt.date | None = None,
    held_by: Agency | None = None,
) -> Clock:
    """Start a clock of ``kind`` on ``obj`` for the agency that owes.

    ``on``: day 0. ``due_on``: the day an order or a result sets, for kinds whose length it decides. ``held_by``: whose
    hands the case lies in, where that is not the owing agency. ``path``: the page on which the duty is done.
    Raises WrongState where the agency is no more.
    """
    hold_calendar()
    hold_agency(owed_by)
    rule = rule_in_force(kind, on)
    due = _due(rule, on, due_on)
    case = {"subject": subject_of(obj), "number": number, "title": title, "path": path}
    clock = Clock(kind=kind, owed_by=owed_by, rule=rule, started_on=on, due_on=due.on, **case)
    clock.statutory, clock.provisional = rule.statutory and owed_by.is_bound, due.provisional
    clock.next_rung_on = due_steps(started_on=on, due_on=due.on, today=on, fired=())[1]
    clock.save(force_insert=True)
    generation_of(clock, due, "起算", at).save(force_insert=True)
    ClockHolding.objects.create(clock=clock, agency=held_by or owed_by, since_on=on)
    note_due_days([clock.subject])
    payload = {"kind": kind, "subject": clock.subject, "due_on": due.on.isoformat(), "owed_by": owed_by.code}
    record(clock, "clock.start", by=by, at=at, basis=rule.basis, payload=payload)
    return clock


def _due(rule: PeriodRule, on: dt.date, due_on: dt.date | None) -> DueDay:
    if (due_on is None) == (rule.length == 0):
        raise ValueError(f"a clock of kind {rule.kind} and length {rule.length} cannot end on {due_on}")
    if due_on is not None:
        if due_on <= on:
            raise RuleBroken(
                f"限期应当晚于 {show(on)}。请改为之后的日期，您填写的内容没有丢失。",
                basis=rule.basis,
                fields={"due_on": "限期应当晚于今天。"},
            )
        text = f"以文书载明的日期为准：{show(due_on)} 24:00 前。"
        return DueDay(on=due_on, provisional=False, steps=(Step(text=text, basis=rule.basis),))
    return count(rule, on)


def lock_running(obj: models.Model | str, kind: str, *, owed_by: Agency | None = None) -> Clock | None:
    """The running clock of ``kind`` on ``obj``, locked until the transaction ends; None where none runs."""
    clocks = Clock.objects.filter(subject=subject_of(obj), kind=kind, stopped_on=None)
    if owed_by is not None:
        clocks = clocks.filter(owed_by=owed_by)
    return clocks.select_for_update().order_by("id").first()


@transaction.atomic
def stop(
    obj: models.Model | str,
    kind: str,
    *,
    on: dt.date,
    at: dt.datetime,
    by: Actor,
    cause: str = Clock.Stop.DONE,
    owed_by: Agency | None = None,
) -> Clock | None:
    """Stop the running clock of ``kind`` on ``obj``. None where none runs (it was stopped before).

    Where it ran out before, or once did by a due day that has moved since, the sweep looks at it one last time: what
    fell due while nobody looked still fires, what was set going wrongly is taken back.
    """
    clock = lock_running(obj, kind, owed_by=owed_by)
    if clock is None:
        return None
    if on > clock.due_on:
        clock = _by_the_calendar_in_force(clock, at)
    ran_out = on > clock.due_on or clock.rungs.filter(rung__startswith=OVERDUE).exists()
    clock.stopped_on, clock.stopped_by, clock.next_rung_on = on, cause, on if ran_out else None
    clock.save(update_fields=["stopped_on", "stopped_by", "next_rung_on"])
    ClockHolding.objects.filter(clock=clock, until_on=None).update(until_on=on)
    note_due_days([clock.subject])
    late = max((on - clock.due_on).days, 0)
    record(
        clock,
        "clock.stop",
        by=by,
        at=at,
        basis=clock.rule.basis,
        payload={"cause": str(cause), "on": on.isoformat(), "late_days": late},
    )
    return clock


def _by_the_calendar_in_force(clock: Clock, at: dt.datetime) -> Clock:
    """Whether an end is late goes by the calendar as it stands, where the recount has not come to this clock yet."""
    if not clock.rule.length or count(clock.rule, clock.started_on).on <= clock.due_on:
        return clock
    [again] = recount(Clock.objects.filter(pk=clock.pk), cause="放假安排变更", at=at, by=PLATFORM)
    return again.clock


@transaction.atomic
def hand_on(clock: Clock, *, to: Agency, on: dt.date, at: dt.datetime, by: Actor, owes: bool = True) -> None:
    """Put a case into other hands without a new start; the days of each are kept.

    ``owes`` False moves only who holds it (a reviewer), not who owes. Raises WrongState where who is to owe is no more.
    """
    if owes:
        hold_agency(to)
    ClockHolding.objects.filter(clock=clock, until_on=None).update(until_on=on)
    ClockHolding.objects.create(clock=clock, agency=to, since_on=on)
    if owes:
        clock.owed_by = to
        clock.save(update_fields=["owed_by"])
    record(clock, "clock.hand-on", by=by, at=at, basis=clock.rule.basis, payload={"to": to.code, "owes": owes})


@transaction.atomic
def take_over_hands(new: Clock, old: Clock) -> None:
    """A clock that runs again from another day keeps the days with each who held the case.

    ``old`` is stopped already; whoever held it last holds it on.
    """
    rows = list(old.holdings.order_by("pk"))
    kept = [row for row in rows[:-1] if row.until_on is not None and row.until_on > new.started_on] + rows[-1:]
    new.holdings.all().delete()
    for place, row in enumerate(kept):
        since = new.started_on if place == 0 else max(row.since_on, new.started_on)
        until = row.until_on if row is not rows[-1] else None
        ClockHolding.objects.create(clock=new, agency_id=row.agency_id, since_on=since, until_on=until)


def due_for_sweep(today: dt.date, *, most: int) -> list[int]:
    """Ids of clocks with a rung that is due on ``today``, the longest waiting first."""
    clocks = Clock.objects.filter(next_rung_on__lte=today)
    return list(clocks.order_by("next_rung_on", "id").values_list("pk", flat=True)[:most])


def lock_for_sweep(pks: Collection[int], today: dt.date) -> list[Clock]:
    """Of these clocks those that are still due, locked for one sweeper. Call in a transaction.

    What another sweeper or an act holds is left out and not waited for.
    """
    clocks = Clock.objects.filter(pk__in=pks, next_rung_on__lte=today)
    if connection.features.has_select_for_update_skip_locked:
        clocks = clocks.select_for_update(skip_locked=True, of=("self",))
    return list(clocks.select_related("owed_by", "rule").order_by("next_rung_on", "id"))


def fired_rungs(clocks: Collection[Clock]) -> dict[int, set[str]]:
    """By clock, the rungs that need not fire: fired in this generation, or in an earlier one for the same due day."""
    by_pk = {clock.pk: clock for clock in clocks}
    fired: dict[int, set[str]] = {pk: set() for pk in by_pk}
    for row in Rung.objects.filter(clock__in=by_pk, withdrawn_at=None):
        clock = by_pk[row.clock_id]
        if row.generation == clock.generation or row.due_on == clock.due_on:
            fired[clock.pk].add(row.rung)
    return fired


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The rungs of one clock that fire together, those of them that anyone is told of, and the day of the next."""

    clock: Clock
    rungs: tuple[str, ...]
    told: Collection[str]
    next_on: dt.date | None


def claim(claims: Sequence[Claim], *, at: dt.datetime) -> list[Rung]:
    """Claim rungs for firing: unique rows, in the transaction of their effects. Returns those newly claimed."""
    taken = set(
        Rung.objects.filter(clock__in=[one.clock.pk for one in claims]).values_list("clock", "generation", "rung")
    )
    made = insert_many(
        Rung(
            clock=one.clock,
            generation=one.clock.generation,
            rung=rung,
            due_on=one.clock.due_on,
            told=rung in one.told,
            fired_at=at,
        )
        for one in claims
        for rung in one.rungs
        if (one.clock.pk, one.clock.generation, rung) not in taken
    )
    postpone({one.clock: one.next_on for one in claims})
    return made


def postpone(days: Mapping[Clock, dt.date | None]) -> None:
    """Let the sweep look at each clock again on its day; never again where it has none."""
    by_day: dict[dt.date | None, list[int]] = {}
    for clock, day in days.items():
        clock.next_rung_on = day
        by_day.setdefault(day, []).append(clock.pk)
    for day, pks in by_day.items():
        Clock.objects.filter(pk__in=pks).update(next_rung_on=day)
