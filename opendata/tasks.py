"""Celery wakes the making of published versions; what is to be done stands in their rows."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.timekeeping import now
from guiyang_data.waking import wake
from opendata import services


@shared_task(name="opendata.publish")
def run_publish(job_pk: int) -> str:
    """Make a desensitized version and open it; returns the state it came to."""
    return str(services.run_publish(job_pk, at=now(), clock=now).state)


def queue_publish(job_pk: int) -> None:
    """Have a job run once the transaction has committed."""
    wake(run_publish.name, job_pk)
