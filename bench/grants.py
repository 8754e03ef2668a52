"""The grant through which the programs read: for the health bureau, without a limit that stops them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench import city
from bench.pushing import ITEMS
from catalog.models import CatalogEntry
from guiyang_data.timekeeping import now, today
from sharing.models import SharingGrant
from sharing.services import Limits, StandingTerms, grant_standing

REQUESTER = "市卫健局"
HIDDEN = "used"
"""The item that a grant on a part does not give."""
EVERY_ROW = [{"code": "amount", "operator": "ge", "value": "0"}]
"""A condition that all rows meet."""
NO_LIMIT = 100_000_000


def granted(entry: CatalogEntry, *, hidden: str = "", rows: Sequence[dict[str, Any]] = ()) -> SharingGrant:
    """A grant in force on the items but ``hidden``, and on the rows that meet a condition."""
    terms = StandingTerms(
        items=[item.code for item in ITEMS if item.code != hidden],
        row_condition=list(rows),
        duty="测量",
        purpose="测量",
        valid_from=today(),
        limits=Limits(calls_per_minute=NO_LIMIT),
    )
    by = city.person("transport")
    return grant_standing(entry_id=entry.pk, grantee=city.agency(REQUESTER), by=by, at=now(), terms=terms)
