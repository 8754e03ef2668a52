"""Freshness against the update cycle, and a score of quality with its parts explained (第十三条第一款; ours)."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Max, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.deadlines import (
    CYCLE_DAYS,
    LEAST_ABSTRACT,
    LONG_LATE_DAYS,
    MOST_OPEN_CORRECTIONS,
    QUALITY_PARTS,
    SOON_DAYS,
)
from catalog.models import CatalogEntry, DataVersion, EntryRevision, Load

WEIGHTS = {part.code: part.weight for part in QUALITY_PARTS}
DESCRIBED = ("keywords", "spatial_scope", "time_scope", "source_system", "contact", "contact_phone")
WITH_DATA = ("in_force", "current_data__load", "current_data__restored__load")
"""What an entry is read with where its quality is shown."""
MEASURE = f"{zlib.crc32(repr((WEIGHTS, DESCRIBED, LEAST_ABSTRACT, MOST_OPEN_CORRECTIONS)).encode()):08x}"
"""Names what stored points were counted by: where weights or limits change, the sweep counts them again."""


FRESHNESS_WORDS = {
    "late": gettext_lazy("逾期 %(days)d 天没有更新"),
    "soon": gettext_lazy("即将到更新日"),
    "on-time": gettext_lazy("按周期更新"),
    "irregular": gettext_lazy("不定期更新"),
}


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """``state``: late, soon, on-time, or irregular (no cycle binds it); ``late_days`` where it is late."""

    state: str
    due_on: dt.date | None
    late_days: int
    entry: CatalogEntry

    @property
    def words(self) -> str:
        """``逾期 12 天没有更新``."""
        said = str(FRESHNESS_WORDS[self.state])
        return said % {"days": self.late_days} if self.state == "late" else said

    @property
    def gathered_on(self) -> dt.date | None:
        """The day on which the data that readers have was gathered; lists do without it and what it is read from."""
        return gathered_on(self.entry)


def fresh_until(entry: CatalogEntry) -> dt.date | None:
    """Until when the data of an entry in force counts as up to date: a cycle after it was gathered, or published."""
    revision = entry.in_force
    days = CYCLE_DAYS.get(revision.update_cycle) if revision is not None else None
    if revision is None or days is None:
        return None
    since = (
        gathered_by_all_on(entry) if is_collected_together(revision) else gathered_on(entry)
    ) or revision.in_force_on
    return since + dt.timedelta(days=days) if since else None


def gathered_on(entry: CatalogEntry) -> dt.date | None:
    """The day on which the data that readers have was gathered."""
    return timezone.localdate(gathered(entry.current_data).made_at) if entry.current_data is not None else None


def gathered_by_all_on(entry: CatalogEntry) -> dt.date | None:
    """The day since which the data of every collecting agency is there: that of whoever gathered longest ago.

    None where one has gathered nothing yet.
    """
    revision = entry.in_force
    if revision is None:
        return None
    # the key is brought by everyone
    collectors = {item.collector_id for item in revision.items.all() if not item.is_key}
    done = entry.loads.filter(state=Load.State.DONE, collector__in=collectors - {None}).order_by("finished_at")
    last = dict(done.values_list("collector", "finished_at"))
    lead = entry.loads.filter(state=Load.State.DONE, collector=None).order_by("-finished_at").first()
    moments = [last.get(pk) for pk in collectors if pk is not None]
    moments += [lead.finished_at if lead else None] if None in collectors else []
    known = [moment for moment in moments if moment is not None]
    return timezone.localdate(min(known)) if known and len(known) == len(moments) else None


def gathered(version: DataVersion) -> DataVersion:
    """The version whose rows were really gathered: restoring an earlier one makes nothing newer or better."""
    while version.restored is not None:
        version = version.restored
    return version


def freshness_of(entry: CatalogEntry, on: dt.date) -> Freshness:
    """How an entry stands against its update cycle on a day."""
    due = entry.fresh_until
    known: dict[str, Any] = {"due_on": due, "late_days": 0, "entry": entry}
    if due is None:
        return Freshness(state="irregular", **known)
    if due < on:
        return Freshness(state="late", **known | {"late_days": (on - due).days})
    return Freshness(state="soon" if (due - on).days <= SOON_DAYS else "on-time", **known)


def freshness_filter(state: str, on: dt.date) -> Q:
    """A condition over entries in force: late, soon, on-time or irregular; any other state: all."""
    soon = on + dt.timedelta(days=SOON_DAYS)
    conditions = {
        "late": Q(fresh_until__lt=on),
        "soon": Q(fresh_until__range=(on, soon)),
        "on-time": Q(fresh_until__gt=soon),
        "irregular": Q(fresh_until=None, in_force__isnull=False),
    }
    return conditions.get(state, Q())


@dataclass(frozen=True, kw_only=True)
class PartScore:
    """A part of the score: its points, the figure they come from, and what would raise them (empty: nothing)."""

    code: str
    label: str
    points: int
    weight: int
    figure: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The score of an entry in force, out of a hundred, with its parts."""

    score: int
    parts: list[PartScore]

    @property
    def state(self) -> str:
        """How the score is marked: on_time, near, late."""
        return "on_time" if self.score >= 80 else "near" if self.score >= 60 else "late"


def rated(entries: QuerySet[CatalogEntry], on: dt.date) -> QuerySet[CatalogEntry]:
    """Entries in force with ``rated_score`` for sorting, and with what ``quality_of`` reads; constant queries."""
    full = WEIGHTS["freshness"]
    points = Case(
        When(Q(fresh_until=None) | Q(fresh_until__gte=on), then=Value(full)),
        When(fresh_until__gte=on - dt.timedelta(days=LONG_LATE_DAYS), then=Value(full // 2)),
        default=Value(0),
        output_field=IntegerField(),
    )
    scored = entries.filter(in_force__isnull=False).annotate(rated_score=Coalesce(F("quality_points"), 0) + points)
    related = scored.select_related("provider", *WITH_DATA)
    return related.prefetch_related("in_force__items__collector")


def worst_first(entries: QuerySet[CatalogEntry], on: dt.date) -> QuerySet[CatalogEntry]:
    """Entries in force by their score, the lowest first; among equals the longest late."""
    return rated(entries, on).order_by("rated_score", "fresh_until", "resource_code")  # type: ignore[misc]


def quality_of(entry: CatalogEntry, on: dt.date) -> Quality:
    """The score of an entry in force, each part with its figure and what would raise it."""
    parts = [*steady_parts(entry), _freshness(entry, on)]
    order = [part.code for part in QUALITY_PARTS]
    parts.sort(key=lambda part: order.index(part.code))
    return Quality(score=sum(part.points for part in parts), parts=parts)


def steady_parts(entry: CatalogEntry) -> list[PartScore]:
    """The parts that no passing of time changes: their points are stored."""
    revision = entry.in_force
    if revision is None:
        return []
    return [_description(revision), _items(revision), _rows(entry), _corrections(entry)]


def _part(code: str, share: float, figure: str, advice: str) -> PartScore:
    weight = WEIGHTS[code]
    points = round(weight * share)
    label = str(next(part.label for part in QUALITY_PARTS if part.code == code))
    said = advice if points < weight else ""
    return PartScore(code=code, label=label, points=points, weight=weight, figure=figure, advice=said)


def _description(revision: EntryRevision) -> PartScore:
    labels = {field.name: str(field.verbose_name) for field in EntryRevision._meta.concrete_fields}
    missing = [labels[name] for name in DESCRIBED if not getattr(revision, name)]
    if len(revision.abstract.strip()) < LEAST_ABSTRACT:
        missing.insert(0, _("资源摘要（写得具体些）"))
    total = len(DESCRIBED) + 1
    figure = _("%(done)d / %(total)d 项已写明") % {"done": total - len(missing), "total": total}
    advice = _("补充：%(missing)s") % {"missing": "、".join(missing)}
    return _part("description", (total - len(missing)) / total, figure, advice)


def _items(revision: EntryRevision) -> PartScore:
    items = list(revision.items.all())
    silent = [item.name for item in items if not item.meaning.strip()]
    keyed = any(item.is_key for item in items)
    total = len(items) + 1
    done = len(items) - len(silent) + keyed
    figure = _("%(count)d 个信息项，%(done)d 个有说明") % {"count": len(items), "done": len(items) - len(silent)}
    asked = [] if keyed else [_("标明主键")]
    if silent:
        asked.append(_("写明这些信息项的说明：%(names)s") % {"names": "、".join(silent[:5])})
    return _part("items", done / total if items else 0, figure, "；".join(asked) or _("填写信息项"))


def last_loads(entry: CatalogEntry) -> dict[int | None, Load]:
    """The last load of each agency that sent rows, by its id (None: the provider); asked once for an entry."""
    if "_last_loads" not in vars(entry):
        remember_last_loads([entry])
    return entry._last_loads  # type: ignore[attr-defined]


def remember_last_loads(entries: Iterable[CatalogEntry]) -> None:
    """Read the last load of each agency for all ``entries`` together; two queries."""
    held = list(entries)
    done = Load.objects.filter(entry__in=held, state=Load.State.DONE).order_by()
    newest = done.values("entry", "collector").annotate(newest=Max("pk")).values_list("newest", flat=True)
    found: dict[int, dict[int | None, Load]] = {entry.pk: {} for entry in held}
    for load in Load.objects.filter(pk__in=list(newest)):
        found[load.entry_id][load.collector_id] = load
    for entry in held:
        entry._last_loads = found[entry.pk]  # type: ignore[attr-defined]


def is_collected_together(revision: EntryRevision) -> bool:
    """Whether several agencies collect for it."""
    return any(item.collector_id for item in revision.items.all())


def _rows_of_all(entry: CatalogEntry) -> PartScore:
    """The last load of every agency counts, whoever sent last."""
    sent = last_loads(entry).values()
    read, refused = sum(load.rows_read for load in sent), sum(load.rows_refused for load in sent)
    figure = _("各机关最近一次共报送 %(read)s 行，退回 %(refused)s 行") % {
        "read": f"{read:,}",
        "refused": f"{refused:,}",
    }
    return _part("rows", 1 - refused / read if read else 1, figure, _("改正退回的行，重新报送"))


def _rows(entry: CatalogEntry) -> PartScore:
    if entry.current_data is None:
        return _part("rows", 0, _("还没有汇聚数据"), _("汇聚数据"))
    if entry.in_force is not None and is_collected_together(entry.in_force):
        return _rows_of_all(entry)
    load = gathered(entry.current_data).load
    if load is None or not load.rows_read:
        return _part("rows", 1, _("没有退回的行"), "")
    share = 1 - load.rows_refused / load.rows_read
    figure = _("最近一次汇聚 %(read)s 行，退回 %(refused)s 行") % {
        "read": f"{load.rows_read:,}",
        "refused": f"{load.rows_refused:,}",
    }
    return _part("rows", share, figure, _("改正退回的行，重新汇聚"))


def _corrections(entry: CatalogEntry) -> PartScore:
    number = entry.open_corrections
    share = max(0, MOST_OPEN_CORRECTIONS - number) / MOST_OPEN_CORRECTIONS
    return _part("corrections", share, _("%(number)d 件未办结") % {"number": number}, _("校核、更正使用者反馈的疑义"))


def _freshness(entry: CatalogEntry, on: dt.date) -> PartScore:
    fresh = freshness_of(entry, on)
    share = 1.0
    if fresh.state == "late":
        share = (WEIGHTS["freshness"] // 2) / WEIGHTS["freshness"] if fresh.late_days <= LONG_LATE_DAYS else 0.0
    return _part("freshness", share, fresh.words, _("汇聚新的数据；更新周期定得不合实际的，修订目录"))
