"""How often periods were kept: shares always with the numbers of cases they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from guiyang_data.accounts.counties import COUNTY_DIGITS
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.statute.models import Clock

REPLIES = ("open-reply", "sharing-reply")
CATALOGUE = ("catalog-update",)
PUBLISHED = (
    ("open-reply", "开放申请答复"),
    ("sharing-reply", "共享申请答复"),
    ("review-result", "复核结果反馈"),
    ("catalog-update", "目录更新"),
)
GOOD_SHARE, FAIR_SHARE = 95, 90

TILES = {
    "520122": (1, 2),
    "520121": (1, 3),
    "520123": (2, 1),
    "520113": (2, 2),
    "520112": (2, 3),
    "520181": (3, 1),
    "520115": (3, 2),
    "520103": (3, 3),
    "520102": (3, 4),
    "520111": (4, 3),
}
"""Row and column of each county on the tile map: roughly where it lies."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """``on_time`` of ``total`` cases: those finished in the year, and those already late."""

    on_time: int
    total: int

    @property
    def percent(self) -> str:
        """``97.9%``; empty without cases."""
        return f"{100 * self.on_time / self.total:.1f}%" if self.total else ""

    @property
    def cases(self) -> str:
        """``2,316 / 2,366 件``."""
        return f"{self.on_time:,} / {self.total:,} 件"

    @property
    def state(self) -> str:
        """``on_time``, ``near`` or ``late`` by its share; empty without cases."""
        if not self.total:
            return ""
        share = 100 * self.on_time / self.total
        return "on_time" if share >= GOOD_SHARE else "near" if share >= FAIR_SHARE else "late"


def counted(clocks: QuerySet[Clock], *, year: int, on: dt.date) -> QuerySet[Clock]:
    """Statutory clocks that count for a year: finished in it, or running and already late; withdrawn ones do not."""
    finished = Q(stopped_by=Clock.Stop.DONE, stopped_on__year=year)
    late = Q(stopped_on=None, due_on__lt=on, due_on__year__lte=year)
    if year < on.year:
        # whatever is late today stands in today's year
        late = Q(pk__in=[])
    return clocks.filter(finished | late, statutory=True)


_ON_TIME = Count("pk", filter=Q(stopped_on__lte=F("due_on")))


def kept(clocks: QuerySet[Clock], kinds: Sequence[str], *, year: int, on: dt.date) -> Kept:
    """How often the periods of ``kinds`` were kept."""
    found = counted(clocks, year=year, on=on).filter(kind__in=kinds)
    numbers = found.order_by().aggregate(on_time=_ON_TIME, total=Count("pk"))
    return Kept(on_time=numbers["on_time"], total=numbers["total"])


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A county on the map."""

    code: str
    name: str
    row: int
    column: int
    kept: Kept


def county_tiles(*, year: int, on: dt.date) -> list[Tile]:
    """Each county's agencies: how often they replied on time, at the county's place on the map."""
    rows = (
        counted(Clock.objects.filter(kind__in=REPLIES), year=year, on=on)
        .annotate(county=Left("owed_by__region_id", COUNTY_DIGITS))
        .order_by()
        .values("county")
        .annotate(on_time=_ON_TIME, total=Count("pk"))
    )
    numbers = {row["county"]: Kept(on_time=row["on_time"], total=row["total"]) for row in rows}
    none = Kept(on_time=0, total=0)
    tiles: list[Tile] = []
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("code")
    for place, (code, name) in enumerate(counties.values_list("code", "name")):
        row, column = TILES.get(code, (5 + place // 4, 1 + place % 4))
        short = name.rstrip("区县市") or name
        tiles.append(Tile(code=code, name=short, row=row, column=column, kept=numbers.get(code, none)))
    return sorted(tiles, key=lambda tile: (tile.row, tile.column))


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """How one agency kept its periods, by kind in the order of ``PUBLISHED``."""

    agency: str
    level: str
    cells: tuple[Kept, ...]
    total: Kept

    @property
    def labelled(self) -> list[tuple[Kept, str]]:
        """Each cell with what it counts."""
        return [(cell, label) for cell, (_kind, label) in zip(self.cells, PUBLISHED, strict=True)]


def by_agency(*, year: int, on: dt.date) -> list[AgencyRow]:
    """Every agency with cases in the year; the most cases first."""
    kinds = [kind for kind, _label in PUBLISHED]
    rows = (
        counted(Clock.objects.filter(kind__in=kinds), year=year, on=on)
        .order_by()
        .values("owed_by", "kind")
        .annotate(on_time=_ON_TIME, total=Count("pk"))
    )
    numbers = {(row["owed_by"], row["kind"]): Kept(on_time=row["on_time"], total=row["total"]) for row in rows}
    none = Kept(on_time=0, total=0)
    found: list[AgencyRow] = []
    for agency in Agency.objects.filter(pk__in={pk for pk, _kind in numbers}):
        cells = tuple(numbers.get((agency.pk, kind), none) for kind in kinds)
        total = Kept(on_time=sum(cell.on_time for cell in cells), total=sum(cell.total for cell in cells))
        found.append(AgencyRow(agency=agency.name, level=agency.get_level_display(), cells=cells, total=total))
    return sorted(found, key=lambda row: (-row.total.total, row.agency))


def years_with_cases(on: dt.date) -> list[int]:
    """The years that can be shown, newest first."""
    first = Clock.objects.filter(statutory=True).order_by("started_on").values_list("started_on", flat=True).first()
    return list(range(on.year, (first.year if first else on.year) - 1, -1))


def all_clocks() -> QuerySet[Clock]:
    """Every clock, for shares over all or over what somebody sees."""
    return Clock.objects.all()
