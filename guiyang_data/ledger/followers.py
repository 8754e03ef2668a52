"""Following the ledger: an upper app reacts to what happened below it, each event once, in order of sealing."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from guiyang_data.ledger.models import Event, LedgerCursor, Seal
from guiyang_data.ledger.selectors import sealed_events

Handler = Callable[[Event], object]


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
    LedgerCursor.objects.bulk_create([LedgerCursor(name=name)], ignore_conflicts=True)
    cursors = LedgerCursor.objects.filter(pk=name)
    cursor = (cursors.select_for_update() if connection.features.has_select_for_update else cursors).get()
    newest = _newest_seal()
    if newest == cursor.seal:
        return 0
    events = list(sealed_events(after_seal=cursor.seal, up_to_seal=newest, verbs=verbs))
    for event in events:
        handle(event)
    LedgerCursor.objects.filter(pk=name).update(seal=newest)
    return len(events)
