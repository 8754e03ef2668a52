"""The filter row above lists of work: how cases stand to their due day, kept in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

STANDINGS = {"late": _("已逾期"), "near": _("三日内"), "on_time": _("其余在办"), "ended": _("已办结")}


def address(path: str = "", **values: str) -> str:
    """The address of a list with those of these values that are set: ``?state=late``, or ``path`` alone."""
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{path}?{query}" if query else path or "?"


def standing_filters(
    counts: Mapping[str, int], state: str, *, shown: Iterable[str] = STANDINGS, path: str = "", **kept: str
) -> list[dict[str, Any]]:
    """``filters`` of parts/worklist.html; a second press on the one that is set (``state``) takes it off.

    ``counts``: cases by standing. ``kept``: further values that the address carries on.
    """
    return [
        {
            "label": STANDINGS[standing],
            "count": counts[standing],
            "url": address(path, state="" if state == standing else standing, **kept),
            "state": standing if standing in {"late", "near"} else "",
            "current": state == standing,
        }
        for standing in shown
    ]
