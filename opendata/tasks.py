"""Celery wakes the making of published versions; what is to be done stands in their rows."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from guiyang_data.timekeeping import now
from opendata import services

logger = logging.getLogger(__name__)


@shared_task(name="opendata.publish")
def run_publish(job_pk: int) -> str:
    """Make a desensitized version and open it; returns the state it came to."""
    return str(services.run_publish(job_pk, at=now(), clock=now).state)


def queue_publish(job_pk: int) -> None:
    """Have a job run once the transaction has committed."""

    def send() -> None:
        try:
            run_publish.delay(job_pk)
        except OperationalError:
            # its row waits: the sweep queues it again once the broker answers
            logger.warning("publication %s not queued: the broker does not answer", job_pk)

    transaction.on_commit(send)
