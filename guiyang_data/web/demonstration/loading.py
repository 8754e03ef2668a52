"""Loading the demonstration city: regions and people, the catalogue with its data, what is open, and running cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.ledger import sealing
from guiyang_data.web.demonstration import (
    accounts,
    catalogue,
    changes,
    city,
    corrections,
    data_use,
    edocuments,
    materials,
    needs,
    opening,
    publishing,
    readings,
    requests,
    sharing_cases,
    systems,
    together,
)
from oversight.services import sweep

FOUNDED = dt.timedelta(days=75)
"""How long ago the city's first agency was entered."""
CATALOGUED = dt.timedelta(days=60)


OPENED_AFTER = dt.timedelta(days=6)
"""How long after its compiling an entry is opened."""


def is_loaded() -> bool:
    """Whether the city is there."""
    return User.objects.filter(username=accounts.CITIZEN).exists()


def load(*, at: dt.datetime, say: Callable[[str], None], content: bool = True) -> None:
    """Load everything as of ``at``, or only the city and its people; ``say`` takes one line a step."""
    today = timezone.localdate(at)
    say("regions, agencies and accounts ...")
    found = city.build(at=at - FOUNDED)
    say(f"{len(found)} agencies")
    if not content:
        return
    entries: dict[str, CatalogEntry] = {}
    for dataset, entry in catalogue.build(found, at=at - CATALOGUED, on=today - CATALOGUED):
        say(f"catalogue and data: {dataset.title}")
        entries[dataset.title] = entry
        if dataset.is_open:
            opening.open_entry(dataset, entry, at=entry.created_at + OPENED_AFTER)
        opening.update(dataset, entry, at=at, on=today)
    catalogue.adjust(entries, at=at)
    say("entries for which two agencies collect, catalogues published by decision ...")
    together.build(found, at=at)
    publishing.build(found, at=at)
    say("information systems and their interfaces ...")
    systems.build(found, entries, at=at)
    say("sharing between agencies ...")
    sharing_cases.build(found, entries, at=at)
    changes.build(found, entries, at=at)
    data_use.build(found, entries, at=at)
    say("data that is in no catalogue ...")
    needs.build(found, entries, at=at)
    say("service matters and their materials ...")
    materials.build(found, entries, at=at)
    say("electronic documents ...")
    edocuments.build(found, entries, at=at)
    materials.propose_documents(entries, at=at)
    say("requests and reviews ...")
    requests.build(found, at=at)
    say("doubts about data ...")
    corrections.build(found, entries, at=at)
    say("the first sweep of the clocks ...")
    sealing.seal(at=at)
    sweep(at=at, on=today)


def use(*, at: dt.datetime, say: Callable[[str], None], content: bool = True) -> None:
    """Read what was granted, and seal all that was done: nothing is read where rows wait too long for their seal.

    After ``load`` is committed: a reading's log must be, before its rows leave.
    """
    if content:
        say(f"{readings.build(at=at)} readings of shared data")
        data_use.read(at=at)
    sealing.seal(at=at)
