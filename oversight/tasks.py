"""Celery wakes the sweep and the recount; the database knows what is due."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from guiyang_data.timekeeping import now, today
from oversight import services

logger = logging.getLogger(__name__)


@shared_task(name="oversight.sweep")
def sweep() -> int:
    """Fire what is due, and let the apps react; returns how many rungs fired."""
    return services.sweep(at=now(), on=today()).rungs


@shared_task(name="oversight.recount")
def recount() -> int:
    """Count running clocks again after a confirmed change; returns how many."""
    return services.run_recounts(at=now(), on=today())


def queue_recount() -> None:
    """Have running clocks counted again once the transaction has committed."""
    transaction.on_commit(_send)


def _send() -> None:
    try:
        recount.delay()
    except OperationalError:
        # its row waits: the next sweep carries it out
        logger.warning("the recount is not queued: the broker does not answer")
