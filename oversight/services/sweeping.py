"""The sweep: what is due and has not fired fires, in batches of clocks.

The database is the truth. A run that was missed is caught up, two runs at once share the work, and a run that is
killed leaves nothing half done: a rung is claimed by a unique row in the transaction of its effects. How the batches
work and why: docs/adr/0020-the-sweep-in-batches.md.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction

from guiyang_data.errors import DomainError
from guiyang_data.statute import clocks
from guiyang_data.statute.ladder import due_steps, to_tell
from guiyang_data.statute.models import Clock
from oversight.addressees import Remembered
from oversight.models import SweepRun
from oversight.reactions import FAILURES, Reaction, reactions
from oversight.services.effects import Fired, fire, take_back
from oversight.services.orders import awaiting_judgement
from oversight.services.rulebook.recounts import run_recounts, waiting
from oversight.services.rulebook.warning import warn_of_the_calendars_end
from oversight.services.sealing_alarm import warn_of_missing_seals

logger = logging.getLogger(__name__)

MOST = 20_000
"""Clocks that one run takes on at most; the next run takes the rest."""
BATCH = 100
"""Clocks of one transaction."""
PATIENCE_SECONDS = 45.0
"""After so long a run begins no further batch: the next run, a minute after this one began, goes on."""
LOCK_TIMEOUT = "900ms"
"""How long a batch waits for a row that an act holds: less than the second after which PostgreSQL looks for a
deadlock, so that it is always the sweep that gives way, and never the person."""
KEPT = dt.timedelta(days=30)
"""How long rows of runs are kept."""
CLOCK_FAILURES = (DatabaseError, DomainError, ObjectDoesNotExist, LookupError, ValueError)
"""What a clock may end in without stopping the others."""


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
    batch: int = BATCH,
    patience: float = PATIENCE_SECONDS,
    before_each: Callable[[Sequence[int]], None] | None = None,
    following: tuple[Reaction, ...] | None = None,
) -> SweepRun:
    """Let silence have its effect, fire every rung that is due on ``on`` and has not fired, then let the apps react.

    A clock or a reaction that fails is logged, counted, left as it was, and tried again by the next run. After
    ``patience`` seconds no further batch begins. ``before_each`` is called with the ids of each batch of at most
    ``batch`` clocks before its transaction begins. ``following``: the reactions, where not those of the installed apps.
    """
    run = SweepRun.objects.create(started_at=at, on=on)
    tally, remembered, until = Tally(), Remembered(), time.monotonic() + patience
    # nothing lapses or fires on a day that a change of calendar or rule has moved; half the time is for the others
    run_recounts(at=at, on=on, patience=patience / 2)
    followers = reactions() if following is None else following
    for follower in followers:
        _react(follower.name, follower.lapse, at, on, tally)
    for pks in _batches(clocks.due_for_sweep(on, most=most), batch):
        if time.monotonic() > until:
            tally.notes["clocks"] = "more are due; the next run goes on"
            break
        if before_each is not None:
            before_each(pks)
        _sweep(pks, at, on, tally, remembered)
    for follower in followers:
        _react(follower.name, follower.react, at, on, tally)
    warn_of_the_calendars_end(run, at=at, on=on)
    warn_of_missing_seals(at=at)
    run.finished_at = at
    run.clocks, run.rungs, run.failures, run.notes = tally.clocks, tally.rungs, tally.failures, tally.notes
    run.save(update_fields=["finished_at", "clocks", "rungs", "failures", "notes"])
    SweepRun.objects.filter(started_at__lt=at - KEPT).delete()
    return run


def _batches(pks: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (pks[start : start + size] for start in range(0, len(pks), size))


def _sweep(pks: Sequence[int], at: dt.datetime, on: dt.date, tally: Tally, remembered: Remembered) -> None:
    """One batch in one transaction; where it fails it is halved, until the clock that cannot be swept stands alone."""
    try:
        with transaction.atomic():
            swept, fired = climb(pks, at=at, on=on, remembered=remembered)
    except CLOCK_FAILURES:
        if len(pks) == 1:
            logger.exception("clock %s could not be swept; the next run tries again", pks[0])
            tally.failures += 1
            return
        for half in _batches(pks, (len(pks) + 1) // 2):
            _sweep(half, at, on, tally, remembered)
        return
    tally.clocks += swept
    tally.rungs += fired


def _react(name: str, act: Callable[[dt.datetime, dt.date], Any], at: dt.datetime, on: dt.date, tally: Tally) -> None:
    try:
        act(at, on)
    except FAILURES:
        logger.exception("%s could not react; the next run tries again", name)
        tally.failures += 1
        tally.notes[name] = "failed"


def climb(
    pks: Collection[int], *, at: dt.datetime, on: dt.date, remembered: Remembered | None = None
) -> tuple[int, int]:
    """Fire the due rungs of some clocks, in the transaction of the caller; how many clocks were swept, rungs fired.

    A clock is left out where another sweeper or an act has it, has just finished with it, or it was stopped meanwhile.
    """
    _give_way_to_acts()
    due = clocks.lock_for_sweep(set(pks) - waiting(pks, on), on)
    if not due:
        return 0, 0
    held_back = awaiting_judgement(due)
    clocks.postpone({clock: on + dt.timedelta(days=1) for clock in due if clock.pk in held_back})
    going = [clock for clock in due if clock.pk not in held_back]
    if in_time := [clock for clock in going if (clock.stopped_on or on) <= clock.due_on]:
        take_back(in_time, at=at)
    fired = _climb(going, at, on, remembered or Remembered())
    return len(due), fired


def _give_way_to_acts() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


def _climb(going: Sequence[Clock], at: dt.datetime, on: dt.date, remembered: Remembered) -> int:
    before = clocks.fired_rungs(going)
    claims: list[clocks.Claim] = []
    legal: set[str] = set()
    for clock in going:
        waiting, next_on = due_steps(
            started_on=clock.started_on,
            due_on=clock.due_on,
            today=on,
            fired=before[clock.pk],
            stopped_on=clock.stopped_on,
        )
        rungs = tuple(step.rung for step in waiting)
        claims.append(clocks.Claim(clock=clock, rungs=rungs, told=to_tell(waiting), next_on=next_on))
        legal |= {step.rung for step in waiting if step.legal}
    made = clocks.claim(claims, at=at)
    fired = [Fired(clock=rung.clock, rung=rung.rung, legal=rung.rung in legal) for rung in made if rung.told]
    fire(fired, at=at, on=on, remembered=remembered)
    return len(made)
