"""Celery wakes the sender."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.notices.sending import send_waiting
from guiyang_data.notices.webhooks.sending import forget_old, send_pushes
from guiyang_data.timekeeping import now


@shared_task(name="notices.send")
def send() -> int:
    """Send what waits in the outbox; returns how many were sent."""
    return send_waiting(at=now())


@shared_task(name="notices.push")
def push() -> int:
    """Push what waits to systems and developers; returns how many were taken."""
    forget_old(at=now())
    return send_pushes(at=now())
