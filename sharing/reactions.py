"""What happens to grants because of what happened in the catalogue below: withdrawn with it, supplied by its data."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.services import tell_agency
from sharing.models import Taking
from sharing.policies import DECIDERS
from sharing.selectors import readable_since, running_grants
from sharing.services import end_grant, supply
from sharing.workflow import TAKE

FOLLOWED = {"withdraw", "gather", "approve"}
"""An entry withdrawn, its data gathered, a revision in force with which gathered data becomes current."""
ENTRY = "catalog.catalogentry:"


def react(at: dt.datetime, on: dt.date) -> int:
    """Called by the sweep; idempotent. Returns how many events of the catalogue were followed."""
    return follow("sharing", verbs=FOLLOWED, handle=_handle)


def _handle(event: Event) -> None:
    if not event.subject.startswith(ENTRY):
        return
    entry_id = int(event.subject.removeprefix(ENTRY))
    if event.verb == "withdraw":
        _end_grants(entry_id, event)
        return
    # an older event may be seen after data that came later: what counts is since when the data is there
    for pk, since in readable_since(entry_id):
        supply(grant_id=pk, by=PLATFORM, at=since)


def _end_grants(entry_id: int, event: Event) -> None:
    entry = CatalogEntry.objects.select_related("in_force").get(pk=entry_id)
    if entry.in_force is not None:
        # published again since: what was granted before was ended by that time or is granted anew
        return
    for pk in running_grants(entry_id):
        end_grant(grant_id=pk, by=PLATFORM, at=event.at, reasons="目录条目已经撤销，授权随之终止。")
    takers = Agency.objects.filter(pk__in=Taking.objects.filter(entry=entry_id).values("agency"))
    last = entry.revisions.order_by("-number").first()
    title = last.title if last else entry.resource_code
    for agency in takers.order_by("pk"):
        tell_agency(
            agency,
            DECIDERS,
            key=f"sharing:withdrawn:{entry_id}:{event.pk}",
            about=entry,
            kind="sharing",
            title=f"您所在机关获取的数据已撤销目录，不能继续读取：{title}",
            body=f"撤销日期：{timezone.localdate(event.at).isoformat()}。",
            path=entry.get_absolute_url(),
            at=event.at,
            basis=TAKE,
        )
