"""Entries of counties in the public lists: those whose catalogue a decision in force makes public (第十一条第三款).

Only the municipal catalogues are public as of right. What a county, or one of its agencies, has let out is told in the
lists beside them, by its own level and with the elements that the decision names; nothing else of it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry, PublicationDecision
from catalog.publishing import Catalogue, county_of_catalogue, decisions_in_force, made_public, makes_public
from guiyang_data.accounts.counties import county_at, county_in, county_or_own
from guiyang_data.accounts.models import Agency, Region

MUNICIPAL = "municipal"
EVERYTHING = None
"""Of a municipal entry nothing that a list shows is held back."""


@dataclass(frozen=True, kw_only=True)
class LetOut:
    """What counties have let out, asked once for all that a list is asked for.

    ``decisions``: those in force that let the lists tell of a county's entries, that they are shared or that they are
    not.
    """

    decisions: tuple[PublicationDecision, ...]

    @classmethod
    def now(cls) -> LetOut:
        """As it stands. One query."""
        found = decisions_in_force().filter(catalogue__in=[Catalogue.SHARING, Catalogue.RESOURCE])
        return cls(
            decisions=tuple(
                one
                for one in found
                if county_of_catalogue(one.agency, one.region)
                and (one.catalogue == Catalogue.SHARING or "sharing_type" in one.elements)
            )
        )

    def entries(self) -> Q:
        """Municipal entries, and those of counties that a decision makes public."""
        return Q(provider__level=Agency.Level.MUNICIPAL) | made_public(self.decisions)

    def needs(self) -> Q:
        """Data needs that concern the city's own agencies, or those of counties whose catalogue is public."""
        told = Q(provider=None) | Q(provider__level=Agency.Level.MUNICIPAL)
        for decision in self.decisions:
            if decision.agency is not None:
                told |= Q(provider=decision.agency)
            else:
                told |= at_level(county_in(decision.region), "provider")
        return told

    def elements_of(self, entries: Iterable[CatalogEntry]) -> dict[int, Collection[str] | None]:
        """By entry, the names of elements that may be told of it (and ``items`` where items are named); None: all."""
        return {entry.pk: self._elements(entry) for entry in entries}

    def _elements(self, entry: CatalogEntry) -> Collection[str] | None:
        if entry.provider.level == Agency.Level.MUNICIPAL:
            return EVERYTHING
        named: set[str] = set()
        for decision in self.decisions:
            if makes_public(decision, entry):
                named |= {*decision.elements, *({"items"} if "name" in decision.item_elements else ())}
        return named


def level_of(agency: Agency) -> str:
    """At which level an entry stands: the city's own, or which county's; a township's with its county."""
    if agency.level == Agency.Level.MUNICIPAL:
        return "市级"
    return county_or_own(agency.region).name


def levels_of(entries: QuerySet[Any]) -> list[tuple[str, str]]:
    """Levels with entries (or other rows that have a ``provider``) in a list, to choose from above it."""
    rows = entries.order_by().filter(provider__isnull=False).exclude(provider__level=Agency.Level.MUNICIPAL)
    codes = {county_at(code) for code in rows.values_list("provider__region", flat=True).distinct()}
    counties = Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name")
    return [(MUNICIPAL, "市级"), *counties]


def at_level(level: str, provider: str) -> Q:
    """Rows whose ``provider`` (a path to it) stands at a level of ``levels_of``."""
    municipal = Q(**{f"{provider}__level": Agency.Level.MUNICIPAL})
    return municipal if level == MUNICIPAL else ~municipal & Q(**{f"{provider}__region__code__startswith": level})


def told(value: str, element: str, elements: Collection[str] | None) -> str:
    """A value of a line, or nothing where its element is not let out."""
    return value if elements is None or element in elements else ""
