"""Celery wakes imports of matters and examinations of readings; what is to be done stands in their rows."""

from __future__ import annotations

from celery import shared_task

from guiyang_data.timekeeping import now
from guiyang_data.waking import wake
from sharing.services.materials.importing import run_matter_import
from sharing.tracing.examining import EXAMINE, examine


@shared_task(name="sharing.run_matter_import")
def run_import(import_pk: int) -> str:
    """Carry out a confirmed import; returns the state it came to."""
    return str(run_matter_import(import_pk, at=now(), clock=now).state)


def queue_matter_import(import_pk: int) -> None:
    """Have an import run once the transaction has committed."""
    wake(run_import.name, import_pk)


@shared_task(name=EXAMINE)
def run_examination(examination_pk: int) -> int:
    """Hold the readings that name nobody against one person's rows; returns how many versions were looked into."""
    done = examine(examination_pk, at=now(), clock=now)
    return done.done if done else 0


def queue_examination(examination_pk: int) -> None:
    """Have an examination run once the transaction has committed."""
    wake(run_examination.name, examination_pk)
