"""The county (区、市、县) that an agency or a region lies in, told by codes of administrative divisions; no ORM."""

from __future__ import annotations

from guiyang_data.accounts.models import Agency, Region

CITY_REGION = "520100"
COUNTY_DIGITS = 6
"""As many digits of a division's code name its county; townships and villages add theirs."""


def county_at(code: str) -> str:
    """The county's part of a division's code; of the city's own code all of it."""
    return code[:COUNTY_DIGITS]


def county_of(agency: Agency) -> str:
    """The code of the county that an agency lies in; empty for municipal agencies."""
    return "" if agency.level == Agency.Level.MUNICIPAL else county_at(agency.region_id)


def county_in(region: Region | None) -> str:
    """The code of the county that a region is, or lies in; empty for the city and for none."""
    return "" if region is None or region.code == CITY_REGION else county_at(region.code)


def county_or_own(region: Region) -> Region:
    """The county of a township, any other region itself: read with its ``parent`` where there are many."""
    return region.parent if region.level == Region.Level.TOWNSHIP and region.parent is not None else region
