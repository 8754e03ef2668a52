"""Celery wakes the delivery of many replies; what is to be delivered stands in the rows of their batch."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from guiyang_data.timekeeping import now
from requests_app import services

logger = logging.getLogger(__name__)


@shared_task(name="requests_app.deliver")
def run_delivery(batch_pk: int) -> str:
    """Deliver what still waits of an approved batch; returns the state it came to."""
    return str(services.run_delivery(batch_pk, at=now(), clock=now).status)


def queue_delivery(batch_pk: int) -> None:
    """Have a batch delivered once the transaction has committed."""

    def send() -> None:
        try:
            run_delivery.delay(batch_pk)
        except OperationalError:
            # its row waits: the sweep queues it again once the broker answers
            logger.warning("batch %s not queued: the broker does not answer", batch_pk)

    transaction.on_commit(send)
