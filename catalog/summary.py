"""The municipal summary of what counties reported up and the city's own agencies published (第十一条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q
from django.db.models.functions import Left

from catalog.models import CatalogEntry, EntryRevision, SharingType
from catalog.workflow import RevisionStatus
from guiyang_data.accounts.counties import COUNTY_DIGITS
from guiyang_data.accounts.models import Region


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """What one county, or the city itself, has in the municipal summary (第十一条第二款)."""

    code: str
    name: str
    agencies: int
    entries: int
    unconditional: int
    conditional: int
    withheld: int
    opened: int
    newest_on: dt.date | None
    waiting: int
    """Revisions in review or approval there."""


def municipal_summary() -> list[SummaryRow]:
    """What was reported up from each county, and what the city's own agencies published, in three queries.

    Counties without any entry stand there with naughts: that nothing was reported up is what one looks for.
    """
    county = Left("provider__region__code", COUNTY_DIGITS)
    sharing = {kind.name.lower(): Count("pk", filter=Q(in_force__sharing_type=kind)) for kind in SharingType}
    in_force = CatalogEntry.objects.filter(in_force__isnull=False).order_by().annotate(county=county).values("county")
    rows: Iterable[Any] = in_force.annotate(
        agencies=Count("provider", distinct=True),
        entries=Count("pk"),
        opened=Count("pk", filter=Q(in_force__is_open=True)),
        newest_on=Max("in_force__in_force_on"),
        **sharing,
    )
    counted = {row["county"]: {name: row[name] for name in row if name != "county"} for row in rows}
    on_its_way = EntryRevision.objects.filter(status__in=[RevisionStatus.IN_REVIEW, RevisionStatus.IN_APPROVAL])
    there = Left("entry__provider__region__code", COUNTY_DIGITS)
    waiting = dict(on_its_way.order_by().annotate(county=there).values_list("county").annotate(number=Count("pk")))
    none = dict.fromkeys(("agencies", "entries", "opened", *sharing), 0) | {"newest_on": None}
    return [
        SummaryRow(code=code, name=name, waiting=waiting.get(code, 0), **counted.get(code, none))
        for code, name in summed_regions()
    ]


def summed_regions() -> list[tuple[str, str]]:
    """The city itself and its counties, by code."""
    regions = Region.objects.filter(level__in=[Region.Level.CITY, Region.Level.COUNTY]).order_by("code")
    return list(regions.values_list("code", "name"))
