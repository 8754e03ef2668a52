"""Celery wakes loads, imports and checks of interfaces; what is to be done stands in their rows."""

from __future__ import annotations

from celery import shared_task

from catalog import checking, services
from catalog.models import DataVersion
from catalog.services.interfaces import JOB as CHECK_INTERFACES
from catalog.services.pulls import JOB as RUN_PULLS
from guiyang_data.timekeeping import now
from guiyang_data.waking import wake


@shared_task(name="catalog.run_load")
def run_load(load_pk: int) -> str:
    """Check a landed file and make its version; returns the state it came to."""
    return str(services.run_load(load_pk, at=now(), clock=now).state)


@shared_task(name="catalog.run_import")
def run_import(import_pk: int) -> str:
    """Carry out a confirmed import; returns the state it came to."""
    return str(services.run_import(import_pk, at=now(), clock=now).state)


@shared_task(name="catalog.note_difference")
def note_difference(version_pk: int) -> None:
    """Compare a version of data with the one before it."""
    version = DataVersion.objects.select_related("entry", "revision").filter(pk=version_pk).first()
    if version is not None:
        services.note_difference(version)


@shared_task(name=CHECK_INTERFACES)
def check_interfaces() -> int:
    """Check the interfaces that are due; returns how many."""
    services.forget_old_checks(at=now())
    return checking.check_interfaces(at=now(), clock=now)


@shared_task(name="catalog.gather_batches")
def gather_batches() -> int:
    """Gather the batches that wait; returns how many came to their end."""
    return services.gather_waiting(at=now(), clock=now)


@shared_task(name=RUN_PULLS)
def run_pulls() -> int:
    """Make the pulls that are due; returns how many."""
    return services.run_pulls(at=now(), clock=now)


def queue_load(load_pk: int) -> None:
    """Have a load run once the transaction has committed."""
    wake(run_load.name, load_pk)


def queue_comparison(version_pk: int) -> None:
    """Have a version compared once the transaction has committed."""
    wake(note_difference.name, version_pk)


def queue_import(import_pk: int) -> None:
    """Have an import run once the transaction has committed."""
    wake(run_import.name, import_pk)
