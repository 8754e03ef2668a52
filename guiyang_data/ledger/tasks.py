"""Celery wakes the sealer."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.ledger import sealing
from guiyang_data.timekeeping import now


@shared_task(name="ledger.seal")
def seal() -> int:
    """Seal what has no seal yet; returns how many rows went under the seal."""
    made = sealing.seal(at=now())
    return made.count if made else 0
