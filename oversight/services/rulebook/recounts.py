"""Counting running clocks again after a confirmed change, batch by batch; a run that is killed goes on where it was.

Nothing fires on a clock that still waits for this: see ``waiting``. Each batch is one transaction with its
generations, events, notices, what it takes back, and how far it came.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Collection, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet

from guiyang_data.ledger.services import PLATFORM, Entry, record_many
from guiyang_data.statute.cases import lock_cases
from guiyang_data.statute.models import Clock
from guiyang_data.statute.recounting import DueDays, Recounted, recount, touched_by_days, touched_by_rule
from guiyang_data.waking import wake
from oversight.models import Finding, Recount
from oversight.services.effects import take_back
from oversight.services.rulebook.telling import tell_moved
from oversight.workflow import LIABILITY, FindingStatus

logger = logging.getLogger(__name__)

JOB = "oversight.recount"
"""What a worker is woken for; its name in the broker."""
BATCH = 200
"""Clocks of one transaction."""
PATIENCE_SECONDS = 40.0
"""After so long a run begins no further batch."""
LOCK_TIMEOUT = "900ms"
"""How long a batch waits for the chains and findings it writes to. For cases and clocks it does not wait at all: of two
that wait crosswise PostgreSQL ends the one that began to wait first, and that must never be a person."""
DECIDED = (FindingStatus.CONFIRMED.value, FindingStatus.ORDERED.value)


def ask_for_recount(**what: Any) -> Recount:
    """Have running clocks counted again: noted with the act that asks for it, begun once that is committed."""
    job = Recount.objects.create(**what)
    wake(JOB)
    return job


def clocks_of(job: Recount) -> QuerySet[Clock]:
    """The running clocks that a recount is for, done or not."""
    if job.rule is not None:
        if job.rule.rule is None:
            return Clock.objects.none()
        return touched_by_rule(job.rule.rule, reaches_running=job.rule.reaches_running)
    if job.calendar is None:
        return Clock.objects.none()
    days = [dt.date.fromisoformat(day) for day in job.days]
    return touched_by_days(days, [job.calendar.year] if job.waited else ())


def _left(job: Recount) -> QuerySet[Clock]:
    """Those of them that are not counted yet."""
    rest = Q(pk__gt=job.cursor)
    if job.last_clock is not None:
        rest &= Q(pk__lte=job.last_clock)
    return clocks_of(job).filter(rest | Q(pk__in=job.left_over))


def _jobs(on: dt.date) -> QuerySet[Recount]:
    jobs = Recount.objects.filter(finished_at=None, not_before__lte=on).order_by("pk")
    return jobs.select_related("calendar", "rule__rule")


def waiting(pks: Collection[int], on: dt.date) -> set[int]:
    """Of these clocks those whose due day is still to be counted again."""
    found: set[int] = set()
    for job in _jobs(on):
        found |= set(_left(job).filter(pk__in=pks).values_list("pk", flat=True))
    return found


def run_recounts(*, at: dt.datetime, on: dt.date, batch: int = BATCH, patience: float = PATIENCE_SECONDS) -> int:
    """Carry out what confirmed changes ask for, the oldest first. Returns how many clocks were counted again.

    A clock that somebody has in hand, or that fails, is left as it was and tried again by the next run.
    """
    counted, until = 0, time.monotonic() + patience
    for job in list(_jobs(on)):
        counter = DueDays(rule=job.rule.rule if job.rule else None)
        tried_again = list(job.left_over)
        while time.monotonic() < until:
            done = _step(job.pk, counter, batch, at, on, tried_again)
            if done is None:
                break
            counted += done
        else:
            break
        tried_again.clear()
    return counted


def _step(job_id: int, counter: DueDays, batch: int, at: dt.datetime, on: dt.date, again: list[int]) -> int | None:
    """One batch, or what was left over before; None where nothing is left, or another run is at it."""
    if again:
        pk = again.pop()
        return _attempt(job_id, [pk], counter, at, on)
    job = Recount.objects.select_related("calendar", "rule__rule").get(pk=job_id)
    if job.finished_at is not None:
        return None
    pks = list(_left(job).filter(pk__gt=job.cursor).order_by("pk").values_list("pk", flat=True)[:batch])
    if not pks:
        _finish(job_id, at)
        return None
    return _attempt(job_id, pks, counter, at, on)


def _attempt(job_id: int, pks: Sequence[int], counter: DueDays, at: dt.datetime, on: dt.date) -> int | None:
    try:
        return _count(job_id, pks, counter, at, on)
    except DatabaseError:
        if len(pks) > 1:
            middle = (len(pks) + 1) // 2
            halves = [_attempt(job_id, half, counter, at, on) for half in (pks[:middle], pks[middle:])]
            return None if None in halves else sum(half or 0 for half in halves)
        logger.exception("clock %s could not be counted again; the next run tries again", pks[0])
        _leave_over(job_id, pks[0])
        return 0


@transaction.atomic
def _count(job_id: int, pks: Sequence[int], counter: DueDays, at: dt.datetime, on: dt.date) -> int | None:
    job = _lock(job_id)
    if job is None or (pks[-1] <= job.cursor and pks[-1] not in job.left_over):
        return None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    in_hand = _in_hand(clocks_of(job).filter(pk__in=pks))
    clocks = clocks_of(job).filter(pk__in=set(pks) - in_hand)
    done = recount(clocks, cause=job.proposal.cause[:200], at=at, by=PLATFORM, counter=counter)
    moved = [one for one in done if one.moved]
    _follow_up(moved, at, on)
    tell_moved(moved, cause=job.proposal.cause, occasion=f"recount:{job.pk}", at=at)
    job.cursor = max(job.cursor, pks[-1])
    job.left_over = sorted(set(job.left_over) - set(pks) | in_hand)
    job.counted, job.moved = job.counted + len(done), job.moved + len(moved)
    job.save(update_fields=["cursor", "left_over", "counted", "moved"])
    return len(done)


def _in_hand(clocks: QuerySet[Clock]) -> set[int]:
    """Of these clocks those that an act or a sweep has in hand, they or their cases; the others are locked now."""
    if not connection.features.has_select_for_update_skip_locked:
        return set()
    subjects = dict(clocks.values_list("pk", "subject"))
    in_hand = lock_cases(subjects.values())
    free = clocks.exclude(subject__in=in_hand).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    return subjects.keys() - set(free.values_list("pk", flat=True))


def _lock(job_id: int) -> Recount | None:
    jobs = Recount.objects.filter(pk=job_id, finished_at=None)
    if connection.features.has_select_for_update_skip_locked:
        jobs = jobs.select_for_update(skip_locked=True, of=("self",))
    return jobs.select_related("calendar", "rule__rule").first()


@transaction.atomic
def _leave_over(job_id: int, pk: int) -> None:
    job = _lock(job_id)
    if job is not None:
        job.cursor, job.left_over = max(job.cursor, pk), sorted({*job.left_over, pk})
        job.save(update_fields=["cursor", "left_over"])


@transaction.atomic
def _finish(job_id: int, at: dt.datetime) -> None:
    job = _lock(job_id)
    if job is not None and not job.left_over:
        job.finished_at = at
        job.save(update_fields=["finished_at"])
        payload = {"counted": job.counted, "moved": job.moved}
        basis = job.rule.basis if job.rule else ""
        record_many([Entry(obj=job.proposal, verb="recounted", by=PLATFORM, at=at, basis=basis, payload=payload)])


def _follow_up(moved: Sequence[Recounted], at: dt.datetime, on: dt.date) -> None:
    """What rested on days that are gone: drafts and escalations are taken back, what people decided is marked."""
    in_time = [one.clock for one in moved if on <= one.clock.due_on]
    if not in_time:
        return
    take_back(in_time, at=at)
    decided = Finding.objects.filter(clock__in=in_time, status__in=DECIDED).select_related("clock").order_by("pk")
    record_many(
        [
            Entry(
                obj=finding,
                verb="due-day-moved",
                by=PLATFORM,
                at=at,
                basis=LIABILITY,
                payload={
                    "clock": finding.clock_id,
                    "due_on": finding.clock.due_on.isoformat() if finding.clock else "",
                },
            )
            for finding in decided
        ]
    )
