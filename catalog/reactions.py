"""What the sweep does for the catalogue: jobs whose worker or message was lost are queued again,
and entries that were never rated are."""

from __future__ import annotations

import datetime as dt

from catalog import services
from catalog.tasks import queue_comparison, queue_import, queue_load


def requeue_stale(at: dt.datetime) -> list[int]:
    """Loads that must be queued again: their worker fell silent, or their message was lost."""
    return services.requeue_stale_loads(at)


def react(at: dt.datetime) -> int:
    """Queue every stale load and import again, and comparisons that were cut short; returns how many jobs."""
    services.rate_missing()
    loads, imports = requeue_stale(at), services.requeue_stale_imports(at)
    services.drop_abandoned_batches(at=at)
    for pk in loads:
        queue_load(pk)
    for pk in imports:
        queue_import(pk)
    for pk in services.left_uncompared(at):
        queue_comparison(pk)
    return len(loads) + len(imports)
