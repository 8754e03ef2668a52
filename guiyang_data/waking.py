"""Waking a job of the worker once what it is to find has been committed. What is to be done stands in a row."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(job: str, *ids: int) -> None:
    """Have the job of this name run for these rows after the transaction has committed; never where it does not.

    Nothing is lost where the broker does not answer: the row waits, and the sweep comes to it.
    """

    def send() -> None:
        try:
            current_app.send_task(job, args=ids)
        except OperationalError:
            logger.warning("%s %s not queued: the broker does not answer", job, ids)

    transaction.on_commit(send)
