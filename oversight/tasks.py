"""Celery wakes the sweep; the database knows what is due."""

from __future__ import annotations

from celery import current_app, shared_task

from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.reactions import stale_jobs


@shared_task(name="oversight.sweep")
def sweep() -> int:
    """Fire what is due, and queue jobs again that nobody works on; returns how many rungs fired."""
    at = now()
    run = services.sweep(at=at, on=today())
    for task, job in stale_jobs(at):
        current_app.send_task(task, args=[job])
    return run.rungs
