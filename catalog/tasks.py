"""Celery wakes the loads and imports; what is to be done stands in their rows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from catalog import services
from guiyang_data.timekeeping import now

logger = logging.getLogger(__name__)


@shared_task(name="catalog.run_load")
def run_load(load_pk: int) -> str:
    """Check a landed file and make its version; returns the state it came to."""
    return str(services.run_load(load_pk, at=now(), clock=now).state)


@shared_task(name="catalog.run_import")
def run_import(import_pk: int) -> str:
    """Carry out a confirmed import; returns the state it came to."""
    return str(services.run_import(import_pk, at=now(), clock=now).state)


def queue_load(load_pk: int) -> None:
    """Have a load run once the transaction has committed."""
    transaction.on_commit(_sending(run_load, load_pk))


def queue_import(import_pk: int) -> None:
    """Have an import run once the transaction has committed."""
    transaction.on_commit(_sending(run_import, import_pk))


def _sending(task: Task, pk: int) -> Callable[[], None]:
    def send() -> None:
        try:
            task.delay(pk)
        except OperationalError:
            # the file is safe and its row waits: the sweep queues it again once the broker answers
            logger.warning("%s %s not queued: the broker does not answer", task.name, pk)

    return send
