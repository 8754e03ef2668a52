"""A pull tried before it is set up: its first page, looked at and not kept."""

from __future__ import annotations

from typing import Any

from catalog import services
from catalog.models import CatalogEntry, Pull
from catalog.pulling import PullFailed, pull
from catalog.services import PullFacts
from guiyang_data.accounts.models import User
from guiyang_data.outbound.errors import OutboundRefused

SHOWN_ROWS = 10


def first_rows(user: User, entry: CatalogEntry, facts: PullFacts, pull_tried: Pull | None = None) -> dict[str, Any]:
    """The first rows as they would be taken in, or why there are none; nothing is kept."""
    try:
        plan = services.plan_to_try(entry_id=entry.pk, by=user, facts=facts, pull=pull_tried)
        pulled = pull(plan, only=1)
    except (PullFailed, OutboundRefused) as error:
        return {"problem": error.message}
    names = list(dict.fromkeys(name for row in pulled.rows[:SHOWN_ROWS] for name in row))
    rows = [["" if row.get(name) is None else str(row.get(name))[:200] for name in names] for row in pulled.rows]
    return {"names": names, "rows": rows[:SHOWN_ROWS], "found": len(pulled.rows)}
