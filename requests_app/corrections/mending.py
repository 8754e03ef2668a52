"""What follows in the sweep: whoever took the data is told; new data that mends doubted rows, or undoes it, says so."""

from __future__ import annotations

import datetime as dt

from catalog.models import CatalogEntry
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from requests_app import services
from requests_app.corrections.selectors import mended_by_the_way, wrong_again

TOLD = {"find-right", "find-not-right", "mend", "find-again"}
CHANGING = {"gather", "restore-data", "approve"}
"""New data, an earlier version restored, or a revision in force with which gathered data becomes current."""
FOLLOWED = TOLD | CHANGING
ENTRY = CatalogEntry._meta.label_lower


def handle(event: Event, at: dt.datetime, on: dt.date) -> None:
    """Called for each such event, once."""
    if event.verb in TOLD:
        services.tell_takers(event, at)
        return
    label, _colon, key = event.subject.partition(":")
    if label != ENTRY:
        return
    entry = CatalogEntry.objects.select_related("current_data__revision", "current_data__entry").filter(pk=key).first()
    version = entry.current_data if entry else None
    if entry is None or version is None:
        return
    for pk in mended_by_the_way(entry.pk, version):
        services.mend_correction(report_id=pk, by=PLATFORM, on=on, at=at, version=version)
    for pk in wrong_again(entry.pk, version):
        services.find_again(report_id=pk, by=PLATFORM, on=on, at=at, version=version)
