"""How each agency stands with its part of an entry for which several collect (第十二条第二款、第十三条第一款; ours)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.deadlines import CYCLE_DAYS, LONG_LATE_DAYS
from catalog.models import CatalogEntry, Load
from catalog.quality import WEIGHTS, is_collected_together, last_loads
from guiyang_data.accounts.models import Agency

FULL = WEIGHTS["rows"] + WEIGHTS["freshness"]
"""What an agency answers for by itself: that its rows are good, and that they come in time."""


@dataclass(frozen=True, kw_only=True)
class PartQuality:
    """The part of an agency: ``score`` out of a hundred, of accepted rows and freshness alone.

    ``state``: late, on-time or irregular. ``last``: its last load, None where it never sent.
    """

    agency: Agency
    score: int
    state: str
    due_on: dt.date | None
    late_days: int
    last: Load | None

    @property
    def words(self) -> str:
        """How it stands against the update cycle."""
        if self.state == "late":
            return _("逾期 %(days)d 天没有更新") % {"days": self.late_days}
        return {"on-time": _("按周期更新"), "irregular": _("不定期更新")}[self.state]

    @property
    def figure(self) -> str:
        """``最近一次报送 1,200 行，退回 3 行``."""
        if self.last is None:
            return _("还没有报送")
        told = {"read": f"{self.last.rows_read:,}", "refused": f"{self.last.rows_refused:,}"}
        return _("最近一次报送 %(read)s 行，退回 %(refused)s 行") % told

    @property
    def mark(self) -> str:
        """How the score is marked: on_time, near, late."""
        return "on_time" if self.score >= 80 else "near" if self.score >= 60 else "late"


def part_qualities(entry: CatalogEntry, on: dt.date) -> list[PartQuality]:
    """The parts of an entry in force, the leading agency first; empty where the provider collects alone."""
    revision = entry.in_force
    if revision is None or not is_collected_together(revision):
        return []
    collectors = _collectors(entry)
    sent = last_loads(entry)
    days = CYCLE_DAYS.get(revision.update_cycle)
    return [
        _part(agency, sent.get(None if agency == entry.provider else agency.pk), revision.in_force_on, days, on)
        for agency in collectors
    ]


def _collectors(entry: CatalogEntry) -> list[Agency]:
    """Whoever collects something but the key, which everyone brings; the provider first."""
    items = entry.in_force.items.all() if entry.in_force is not None else ()
    named = [item.collector or entry.provider for item in items if not item.is_key]
    return sorted(dict.fromkeys(named), key=lambda agency: agency.pk != entry.provider_id)


def _part(agency: Agency, last: Load | None, since: dt.date | None, days: int | None, on: dt.date) -> PartQuality:
    start = timezone.localdate(last.finished_at) if last and last.finished_at else since
    due_on = start + dt.timedelta(days=days) if start and days else None
    late = max((on - due_on).days, 0) if due_on else 0
    fresh = 1.0 if not late else 0.5 if late <= LONG_LATE_DAYS else 0.0
    good = 0.0 if last is None else 1 - last.rows_refused / last.rows_read if last.rows_read else 1.0
    points = WEIGHTS["rows"] * good + WEIGHTS["freshness"] * fresh
    state = "irregular" if due_on is None else "late" if late else "on-time"
    score = round(100 * points / FULL)
    return PartQuality(agency=agency, score=score, state=state, due_on=due_on, late_days=late, last=last)


def parts_by_entry(entries: Iterable[CatalogEntry], on: dt.date) -> dict[int, list[PartQuality]]:
    """The parts of some entries by their ids; only those that several collect for."""
    found = {entry.pk: part_qualities(entry, on) for entry in entries}
    return {pk: parts for pk, parts in found.items() if parts}
