"""The sweep: what is due and has not fired fires, each clock in a transaction of its own.

The database is the truth. A run that was missed is caught up, two runs at once share the work, and a run that is
killed leaves nothing half done: a rung is claimed by a unique row in the transaction of its effects.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError, transaction

from guiyang_data.errors import DomainError
from guiyang_data.statute import clocks
from guiyang_data.statute.ladder import due_steps, to_tell
from guiyang_data.statute.models import Clock
from oversight.models import SweepRun
from oversight.reactions import FAILURES, Reaction, reactions
from oversight.services.effects import fire, take_back
from oversight.services.orders import awaits_judgement

logger = logging.getLogger(__name__)

MOST = 5000
"""Clocks that one run takes on at most; the next run takes the rest."""
KEPT = dt.timedelta(days=30)
"""How long rows of runs are kept."""


@dataclass
class Tally:
    """What a run has done so far."""

    clocks: int = 0
    rungs: int = 0
    failures: int = 0
    notes: dict[str, str] = field(default_factory=dict)


def sweep(
    *,
    at: dt.datetime,
    on: dt.date,
    most: int = MOST,
    before_each: Callable[[int], None] | None = None,
    following: tuple[Reaction, ...] | None = None,
) -> SweepRun:
    """Fire every rung that is due on ``on`` and has not fired, then let the apps react to what happened below them.

    A clock or a reaction that fails is logged, counted, left as it was, and tried again by the next run.
    ``before_each`` is called with each clock's id before its transaction begins. ``following``: the reactions, where
    not those of the installed apps.
    """
    run = SweepRun.objects.create(started_at=at, on=on)
    tally = Tally()
    for pk in clocks.due_for_sweep(on, most=most):
        if before_each is not None:
            before_each(pk)
        _sweep_one(pk, at, on, tally)
    for reaction in reactions() if following is None else following:
        _react(reaction, at, on, tally)
    run.finished_at = at
    run.clocks, run.rungs, run.failures, run.notes = tally.clocks, tally.rungs, tally.failures, tally.notes
    run.save(update_fields=["finished_at", "clocks", "rungs", "failures", "notes"])
    SweepRun.objects.filter(started_at__lt=at - KEPT).delete()
    return run


def _sweep_one(pk: int, at: dt.datetime, on: dt.date, tally: Tally) -> None:
    try:
        with transaction.atomic():
            fired = climb(pk, at=at, on=on)
    except (DatabaseError, DomainError):
        logger.exception("clock %s could not be swept; the next run tries again", pk)
        tally.failures += 1
        return
    if fired is not None:
        tally.clocks += 1
        tally.rungs += fired


def _react(reaction: Reaction, at: dt.datetime, on: dt.date, tally: Tally) -> None:
    try:
        reaction.react(at, on)
    except FAILURES:
        logger.exception("%s could not react; the next run tries again", reaction.name)
        tally.failures += 1
        tally.notes[reaction.name] = "failed"


def climb(pk: int, *, at: dt.datetime, on: dt.date) -> int | None:
    """Fire the due rungs of one clock, in the transaction of the caller; returns how many.

    None where another sweeper has the clock, has just finished with it, or it was stopped meanwhile.
    """
    clock = clocks.lock_for_sweep(pk)
    if clock is None or clock.next_rung_on is None or clock.next_rung_on > on:
        return None
    if awaits_judgement(clock):
        clock.next_rung_on = on + dt.timedelta(days=1)
        clock.save(update_fields=["next_rung_on"])
        return 0
    if on <= clock.due_on:
        take_back(clock, at=at)
    return _climb(clock, at, on)


def _climb(clock: Clock, at: dt.datetime, on: dt.date) -> int:
    fired = clocks.fired_rungs(clock)
    waiting, next_on = due_steps(started_on=clock.started_on, due_on=clock.due_on, today=on, fired=fired)
    told = to_tell(waiting)
    made = clocks.claim(clock, [step.rung for step in waiting], told=told, next_on=next_on, at=at)
    legal = {step.rung for step in waiting if step.legal}
    for rung in made:
        if rung.told:
            fire(clock, rung.rung, legal=rung.rung in legal, at=at, on=on)
    return len(made)
