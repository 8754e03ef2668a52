"""Jobs that take in a file of records: claimed by one worker, and queued again where it fell silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import SheetImport
from catalog.services.gathering import MOST_TRIES, SILENT, UNFETCHED

Job = TypeVar("Job", bound=SheetImport)


@transaction.atomic
def claim(jobs: QuerySet[Job], pk: int, *, at: dt.datetime) -> bool:
    """Let one worker have a confirmed job; False where another has it, or it is done."""
    job = jobs.select_for_update(of=("self",)).filter(pk=pk).first()
    if job is None or job.state != SheetImport.State.WAITING:
        return False
    job.state, job.seen_at = SheetImport.State.RUNNING, at
    job.tries += 1
    job.save(update_fields=["state", "seen_at", "tries"])
    return True


@transaction.atomic
def requeue(jobs: QuerySet[Job], at: dt.datetime, give_up: Callable[[Job], Any]) -> list[int]:
    """Jobs whose worker fell silent, or whose message was lost, wait again; returns them for the caller to queue.

    ``give_up``: ends one that was tried too often.
    """
    silent = jobs.filter(state=SheetImport.State.RUNNING, seen_at__lt=at - SILENT)
    for job in silent.select_for_update(of=("self",)).select_related("by").order_by("pk"):
        if job.tries >= MOST_TRIES:
            give_up(job)
            continue
        job.state, job.seen_at = SheetImport.State.WAITING, at
        job.save(update_fields=["state", "seen_at"])
    lost = jobs.filter(state=SheetImport.State.WAITING, seen_at__lt=at - UNFETCHED)
    return list(lost.order_by("pk").values_list("pk", flat=True))
