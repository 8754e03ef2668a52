"""What happens to data needs because of the catalogue: their entry in force, or withdrawn (第十一条第三款)."""

from __future__ import annotations

import datetime as dt

from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from sharing.needs.selectors import catalogued_since, cataloguing_into
from sharing.services.needs import loosen_need, meet_need

FOLLOWED = {"approve", "withdraw"}
ENTRY = "catalog.catalogentry:"


def react(at: dt.datetime) -> int:
    """Called by the sweep; idempotent. Returns how many events were followed."""
    return follow("sharing.needs", verbs=FOLLOWED, handle=_handle)


def _handle(event: Event) -> None:
    if not event.subject.startswith(ENTRY):
        return
    entry_id = int(event.subject.removeprefix(ENTRY))
    if event.verb == "withdraw":
        for pk in cataloguing_into(entry_id).values_list("pk", flat=True):
            loosen_need(need_id=pk, by=PLATFORM, at=event.at)
        return
    # an older event may be seen after a later one: what counts is since when the catalogue has it
    for pk, since in catalogued_since(entry_id):
        meet_need(need_id=pk, by=PLATFORM, at=since)
