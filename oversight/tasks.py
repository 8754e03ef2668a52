"""Celery wakes the sweep; the database knows what is due."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.timekeeping import now, today
from oversight import services


@shared_task(name="oversight.sweep")
def sweep() -> int:
    """Fire what is due, and let the apps react; returns how many rungs fired."""
    return services.sweep(at=now(), on=today()).rungs
