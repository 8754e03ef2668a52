"""Counting how much an entry that is not open is asked for (第三条、第二十条第三款); pushed by the apps above."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from opendata.models import Demand


@transaction.atomic
def record_demand(*, entry_id: int, on: dt.date, requests: int = 0, searches: int = 0, followers: int = 0) -> None:
    """Add to the demand for an entry on a day: requests filed by the public, searches that led to it, new followers."""
    Demand.objects.get_or_create(entry_id=entry_id, day=on)
    Demand.objects.filter(entry_id=entry_id, day=on).update(
        requests=F("requests") + requests,
        searches=F("searches") + searches,
        followers=F("followers") + followers,
    )
