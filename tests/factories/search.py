"""Documents of the index, named for what they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from guiyang_data.search import services

UPDATED_AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def indexed(title: str, key: str = "", **values: Any) -> str:
    """A public data set in the index, or what ``values`` say; its key."""
    key = key or title
    defaults: dict[str, Any] = {
        "kind": "dataset",
        "key": key,
        "title": title,
        "url": f"/data/{key}/",
        "is_public": True,
        "updated_at": UPDATED_AT,
    }
    services.index(**(defaults | values))
    return key
