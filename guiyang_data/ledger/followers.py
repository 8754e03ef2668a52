"""Following the ledger: an upper app reacts to what happened below it, each event once, in order of sealing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from guiyang_data.ledger.models import Access, Event, LedgerCursor, Seal
from guiyang_data.ledger.selectors import sealed_accesses, sealed_events

Handler = Callable[[Event], object]
ReadingsHandler = Callable[[Sequence[Access]], object]

MOST_READINGS = 10_000
"""Rows of the access log that are handed over in one transaction, or those of one seal where they are more."""


def follow(name: str, *, verbs: set[str], handle: Handler) -> int:
    """Hand every newly sealed event with one of ``verbs`` to ``handle``; returns how many.

    The cursor moves in the same transaction as the effects; two followers of one name take turns. Where nothing was
    sealed since, which is nearly always, two reads say so, and nothing is locked or written.
    """
    newest = _newest_seal()
    if LedgerCursor.objects.filter(pk=name, seal__gte=newest).exists():
        return 0
    return _follow(name, verbs, handle)


def _newest_seal() -> int:
    return Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0


@transaction.atomic
def _follow(name: str, verbs: set[str], handle: Handler) -> int:
    cursor = _locked(name)
    newest = _newest_seal()
    if newest == cursor.seal:
        return 0
    events = list(sealed_events(after_seal=cursor.seal, up_to_seal=newest, verbs=verbs))
    for event in events:
        handle(event)
    LedgerCursor.objects.filter(pk=name).update(seal=newest)
    return len(events)


def _locked(name: str) -> LedgerCursor:
    LedgerCursor.objects.bulk_create([LedgerCursor(name=name)], ignore_conflicts=True)
    cursors = LedgerCursor.objects.filter(pk=name)
    return (cursors.select_for_update() if connection.features.has_select_for_update else cursors).get()


def follow_readings(name: str, *, handle: ReadingsHandler, sealed_before: dt.datetime | None = None) -> int:
    """Hand newly sealed rows of the access log to ``handle``, each once, some seals at a time; returns how many.

    Nothing that was handed over is ever read again. ``sealed_before``: only from seals made before that moment.
    """
    total = 0
    while True:
        handed = _follow_readings(name, handle, sealed_before)
        if handed is None:
            return total
        total += handed


def _follow_readings(name: str, handle: ReadingsHandler, sealed_before: dt.datetime | None) -> int | None:
    """One part of what waits; None where nothing does."""
    known = LedgerCursor.objects.filter(pk=name).values_list("seal", flat=True).first() or 0
    if _next_part(known, sealed_before) == known:
        return None
    with transaction.atomic():
        cursor = _locked(name)
        last = _next_part(cursor.seal, sealed_before)
        rows = list(sealed_accesses(after_seal=cursor.seal, up_to_seal=last))
        if rows:
            handle(rows)
        LedgerCursor.objects.filter(pk=name).update(seal=last)
        return len(rows)


def _next_part(after: int, sealed_before: dt.datetime | None) -> int:
    """The last seal of the next part: as many seals as have no more rows together than are handed over at once."""
    waiting = Seal.objects.filter(number__gt=after).order_by("number")
    if sealed_before is not None:
        waiting = waiting.filter(sealed_at__lt=sealed_before)
    last, rows = after, 0
    for number, count in waiting.values_list("number", "count")[:MOST_READINGS]:
        rows += count
        if rows > MOST_READINGS and last > after:
            break
        last = number
    return last
