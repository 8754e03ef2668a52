"""What the law and the State Council have laid down so far, as rows: the first rules and the calendar 2017-2026."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from guiyang_data.statute.counting import DAY
from guiyang_data.statute.deadlines import KINDS

CALENDAR_FILE = Path(__file__).parent / "data" / "calendar.json"
IN_FORCE_FROM = dt.date(2017, 5, 1)


def first_rules() -> list[dict[str, Any]]:
    """The first version of each rule, as values of ``PeriodRule``."""
    return [
        {
            "kind": kind.code,
            "unit": kind.period.unit.value,
            "length": kind.period.length,
            "statutory": kind.period.statutory,
            "instrument": kind.period.basis.instrument.name,
            "article": kind.period.basis.number,
            "in_force_from": IN_FORCE_FROM,
        }
        for kind in KINDS.values()
    ]


def calendar_years() -> list[dict[str, Any]]:
    """The calendar file: a year, its document, and its days as ``(day, working, name)``."""
    content = json.loads(CALENDAR_FILE.read_text(encoding="utf-8"))
    return [
        {
            "year": entry["year"],
            "document_number": entry["document"],
            "issued_on": dt.date.fromisoformat(entry["issued_on"]),
            "days": list(_days(entry)),
        }
        for entry in content["years"]
    ]


def _days(entry: dict[str, Any]) -> list[tuple[dt.date, bool, str]]:
    days: list[tuple[dt.date, bool, str]] = []
    for span in entry["rest"]:
        day, until = dt.date.fromisoformat(span["from"]), dt.date.fromisoformat(span["until"])
        while day <= until:
            days.append((day, False, span["name"]))
            day += DAY
    return days + [(dt.date.fromisoformat(text), True, "") for text in entry["work"]]


def plant(*, rules: Any, years: Any, days: Any) -> None:
    """Write what is missing of the first rules and of the calendar through these managers; what is there stays."""
    for values in first_rules():
        rules.get_or_create(kind=values["kind"], in_force_from=values["in_force_from"], defaults=values)
    for entry in calendar_years():
        year, new = years.get_or_create(
            year=entry["year"],
            defaults={"document_number": entry["document_number"], "issued_on": entry["issued_on"]},
        )
        if new:
            rows = [days.model(day=day, year=year, working=work, name=name) for day, work, name in entry["days"]]
            days.bulk_create(rows)
