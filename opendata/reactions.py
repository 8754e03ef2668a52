"""What happens to opened data without anyone's act on it: it follows its entry in the ledger."""

from __future__ import annotations

import datetime as dt

from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from opendata import services
from opendata.services import telling
from opendata.tasks import queue_publish

FOLLOWED = {"gather", "restore-data", "approve", "withdraw"}
ENTRY = "catalog.catalogentry:"


def react(at: dt.datetime) -> int:
    """Called by the sweep; idempotent. Returns how many events of entries were followed.

    Jobs whose worker or message was lost are queued again, or a broker that was emptied would leave them lying.
    """
    for pk in requeue_stale(at):
        queue_publish(pk)

    def handle(event: Event) -> None:
        if not event.subject.startswith(ENTRY):
            return
        entry_id = int(event.subject.removeprefix(ENTRY))
        if event.verb == "withdraw":
            services.close_with_catalogue(entry_id=entry_id, at=at, reasons=str(event.payload.get("reasons", "")))
            return
        if event.verb == "approve":
            services.follow_catalogue(entry_id=entry_id, at=at)
        job = services.open_new_data(entry_id=entry_id, at=at)
        if job is not None and job.state == job.State.WAITING:
            queue_publish(job.pk)

    follow("opendata.followers", verbs=telling.TOLD, handle=lambda event: telling.tell_of(event, at))
    return follow("opendata", verbs=FOLLOWED, handle=handle)


def requeue_stale(at: dt.datetime) -> list[int]:
    """Jobs that must be queued again: their worker fell silent, or their message was lost."""
    return services.requeue_stale_jobs(at)
