"""Celery wakes the sweep and the recount; the database knows what is due."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.services.rulebook.recounts import JOB as RECOUNT


@shared_task(name="oversight.sweep")
def sweep() -> int:
    """Fire what is due, and let the apps react; returns how many rungs fired."""
    return services.sweep(at=now(), on=today()).rungs


@shared_task(name=RECOUNT)
def recount() -> int:
    """Count running clocks again after a confirmed change; returns how many."""
    return services.run_recounts(at=now(), on=today())
