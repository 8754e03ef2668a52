"""What happens to materials because of what happened in the catalogue: suggestions, and ends (第十六条第二款)."""

from __future__ import annotations

import datetime as dt

from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from sharing.services.materials.importing import requeue_stale_matter_imports
from sharing.services.materials.suggesting import look_for_entry, look_for_waiting
from sharing.services.materials.supplying import lapse_supplies
from sharing.tasks import queue_matter_import

FOLLOWED = {"withdraw", "approve"}
"""An entry withdrawn; a revision in force, which may share what was withheld or the other way round."""
ENTRY = "catalog.catalogentry:"


def react(at: dt.datetime) -> int:
    """Called by the sweep; idempotent. Returns how many events and names were looked at."""
    followed = follow("sharing.materials", verbs=FOLLOWED, handle=_handle)
    for pk in requeue_stale_matter_imports(at):
        queue_matter_import(pk)
    return followed + look_for_waiting(at=at)


def _handle(event: Event) -> None:
    if not event.subject.startswith(ENTRY):
        return
    entry_id = int(event.subject.removeprefix(ENTRY))
    lapse_supplies(entry_id=entry_id, by=PLATFORM, at=event.at)
    if event.verb == "approve":
        look_for_entry(entry_id, at=event.at)
