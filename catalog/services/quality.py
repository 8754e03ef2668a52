"""Writing down how fresh and how good an entry's data is, in the transaction of what changed it."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q

from catalog.models import CatalogEntry
from catalog.quality import MEASURE, WITH_DATA, fresh_until, steady_parts
from catalog.services.locking import lock_entry

AT_ONCE = 500
"""How many entries a sweep rates that were never rated, or by weights of before."""


def note_quality(entry: CatalogEntry) -> None:
    """Rate an entry anew; its row is locked by the act that changed it."""
    vars(entry).pop("_last_loads", None)
    entry.fresh_until = fresh_until(entry)
    entry.quality_points = sum(part.points for part in steady_parts(entry))
    entry.quality_measure = MEASURE
    entry.save(update_fields=["fresh_until", "quality_points", "quality_measure"])


@transaction.atomic
def note_open_corrections(*, entry_id: int, number: int) -> None:
    """How many doubts about an entry are open, told by the app that keeps them."""
    entry = lock_entry(entry_id)
    entry.open_corrections = number
    entry.save(update_fields=["open_corrections"])
    note_quality(entry)


@transaction.atomic
def rate_missing() -> int:
    """Rate entries never rated (copied in), or rated by other weights; returns how many. Called by the sweep."""
    stale = Q(quality_points=None) | ~Q(quality_measure=MEASURE)
    missing = CatalogEntry.objects.filter(stale, in_force__isnull=False).order_by("pk")
    rows = missing.select_for_update(of=("self",), skip_locked=True) if _skips() else missing
    found = list(rows.select_related(*WITH_DATA).prefetch_related("in_force__items")[:AT_ONCE])
    for entry in found:
        note_quality(entry)
    return len(found)


def _skips() -> bool:
    return connection.features.has_select_for_update_skip_locked
