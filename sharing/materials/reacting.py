"""What happens to materials because of what happened in the catalogue: suggestions, and ends (第十六条第二款)."""

from __future__ import annotations

import datetime as dt

from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from sharing.models import DocumentTemplate
from sharing.services.materials.importing import requeue_stale_matter_imports
from sharing.services.materials.suggesting import look_for_entry, look_for_waiting
from sharing.services.materials.supplying import lapse_supplies
from sharing.tasks import queue_matter_import

SUPPLYING = {"approve", "set-document-template"}
ENDING = {"withdraw", "approve", "end-document-template"}
"""An entry withdrawn; a revision in force, which may share what was withheld or the other way round; documents of an
entry that the platform issues from now on, or no longer.
"""
ENTRY, TEMPLATE = "catalog.catalogentry:", "sharing.documenttemplate:"


def react(at: dt.datetime) -> int:
    """Called by the sweep; idempotent. Returns how many events and names were looked at."""
    followed = follow("sharing.materials", verbs=SUPPLYING | ENDING, handle=_handle)
    for pk in requeue_stale_matter_imports(at):
        queue_matter_import(pk)
    return followed + look_for_waiting(at=at)


def _handle(event: Event) -> None:
    entry_id = _entry_of(event.subject)
    if entry_id is None:
        return
    if event.verb in ENDING:
        lapse_supplies(entry_id=entry_id, by=PLATFORM, at=event.at)
    if event.verb in SUPPLYING:
        look_for_entry(entry_id, at=event.at)


def _entry_of(subject: str) -> int | None:
    if subject.startswith(ENTRY):
        return int(subject.removeprefix(ENTRY))
    if subject.startswith(TEMPLATE):
        templates = DocumentTemplate.objects.filter(pk=int(subject.removeprefix(TEMPLATE)))
        return templates.values_list("entry", flat=True).first()
    return None
