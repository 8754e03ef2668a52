"""Which agency collects what of an entry (第十二条第二款), and how each stands with its part."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import Case, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import policies
from catalog.deadlines import CYCLE_DAYS
from catalog.models import CatalogEntry, CoCollection, EntryRevision, InformationItem, Load
from catalog.selectors import column_of, columns_of
from catalog.workflow import CoCollectionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import filled_rows


def items_by_collector(revision: EntryRevision) -> dict[Agency, list[InformationItem]]:
    """The items that other agencies than the provider collect, by agency, in the order of the items."""
    found: dict[Agency, list[InformationItem]] = {}
    for item in revision.items.select_related("collector").exclude(collector=None):
        if item.collector is not None:
            found.setdefault(item.collector, []).append(item)
    return found


def is_shared(revision: EntryRevision | None) -> bool:
    """Whether several agencies collect for it."""
    return revision is not None and any(item.collector_id for item in revision.items.all())


def substance_of(revision: EntryRevision, items: Sequence[InformationItem]) -> str:
    """A digest of what an agency answers for: its items, what they mean, and how often they are brought up to date."""
    asked = sorted((item.code, item.name, item.meaning, str(item.data_type), item.required) for item in items)
    content = json.dumps([asked, str(revision.update_cycle)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def last_word(revision: EntryRevision, agency: Agency, items: Sequence[InformationItem]) -> CoCollection | None:
    """What the agency last said, or is being asked, of just these items; None where it never was.

    An answer counts for every later revision that asks the same of it.
    """
    asked = CoCollection.objects.filter(revision__entry=revision.entry_id, agency=agency)
    same = asked.filter(substance=substance_of(revision, items)).exclude(status=CoCollectionStatus.VOIDED)
    return same.order_by("-asked_at", "-pk").first()


def not_confirmed(revision: EntryRevision) -> list[tuple[Agency, CoCollection | None]]:
    """The collecting agencies that have not agreed to what the revision asks of them, each with its last word."""
    words = [(agency, last_word(revision, agency, items)) for agency, items in items_by_collector(revision).items()]
    return [(agency, word) for agency, word in words if word is None or word.status != CoCollectionStatus.CONFIRMED]


def items_of_others(revision: EntryRevision, collector_id: int | None) -> set[str]:
    """The codes of the items that other agencies bring than this one (None: the provider); the key everyone brings."""
    items = revision.items.all()
    return {item.code for item in items if not item.is_key and item.collector_id != collector_id}


def columns_to_load(
    revision: EntryRevision, collector_id: int | None, columns: Sequence[Column] | None = None
) -> list[Column]:
    """The columns as an agency may bring them (None: the provider): the key, its own; those of others are closed.

    What others must fill does not stand against a row of this agency. ``columns``: those of the revision with more
    rules than reading needs.
    """
    known = columns_of(revision) if columns is None else list(columns)
    others = items_of_others(revision, collector_id)
    if not others:
        return known
    items = {item.code: item for item in revision.items.select_related("collector")}
    return [_closed(column, items[column.code]) if column.code in others else column for column in known]


def _closed(column: Column, item: InformationItem) -> Column:
    by = _("由%(name)s采集") % {"name": item.collector.short_name if item.collector else _("提供机关")}
    return replace(column, required=False, closed=by)


def columns_seen(revision: EntryRevision, agencies: Collection[int] | None) -> list[Column]:
    """The columns whose rows are seen as their collector: of some agencies the key and their own; None: all."""
    if agencies is None:
        return columns_of(revision)
    return [column_of(item) for item in revision.items.all() if item.is_key or item.collector_id in agencies]


def co_collections_asked_of(user: User) -> QuerySet[CoCollection]:
    """What the agencies of ``user`` were asked to collect, what waits for an answer on top, then the newest."""
    asked = policies.asked_of_own(user, CoCollection.objects.all())
    waits = Case(When(status=CoCollectionStatus.WAITING, then=0), default=1)
    return asked.select_related("revision__entry__provider", "agency", "asked_by").order_by(waits, "-asked_at", "-pk")


def to_answer(user: User) -> QuerySet[CoCollection]:
    """What waits for the word of ``user``'s agencies: work without a period, the oldest first."""
    mine = agencies_with(user, Role.DATA_STEWARD, Role.APPROVER)
    waiting = CoCollection.objects.filter(agency__in=mine, status=CoCollectionStatus.WAITING)
    return waiting.select_related("revision__entry__provider", "agency").order_by("asked_at", "pk")


@dataclass(frozen=True, kw_only=True)
class Part:
    """How an agency stands with its part of an entry. ``complete`` of ``rows`` have all that it must fill.

    ``state``: late, on-time, irregular, or empty where nothing is in force; ``due_on``: the day its data counts until.
    """

    agency: Agency
    leads: bool
    items: list[str]
    word: CoCollection | None
    last: Load | None
    state: str = ""
    due_on: dt.date | None = None
    rows: int | None = None
    complete: int | None = None

    @property
    def share(self) -> str:
        """``98.5%``."""
        return f"{100 * self.complete / self.rows:.1f}%" if self.rows and self.complete is not None else ""

    @property
    def fresh_words(self) -> str:
        """How it stands against the update cycle."""
        return {"late": _("逾期没有更新"), "on-time": _("按周期更新"), "irregular": _("不定期更新")}.get(self.state, "")


def parts_of_work(entry: CatalogEntry, revision: EntryRevision, on: dt.date) -> list[Part]:
    """The agencies that collect for a revision, the leading one first; empty where the provider does it alone."""
    others = items_by_collector(revision)
    if not others:
        return []
    own = list(revision.items.filter(collector=None))
    shares = [(entry.provider, own), *others.items()]
    counted = _counted(entry, revision, [items for _agency, items in shares])
    return [
        _part(entry, revision, agency, items, figures, on=on)
        for (agency, items), figures in zip(shares, counted, strict=True)
    ]


def _part(
    entry: CatalogEntry,
    revision: EntryRevision,
    agency: Agency,
    items: Sequence[InformationItem],
    figures: tuple[int | None, int | None],
    *,
    on: dt.date,
) -> Part:
    leads = agency.pk == entry.provider_id
    loads = entry.loads.filter(collector=None if leads else agency, state=Load.State.DONE)
    last = loads.order_by("-finished_at", "-pk").first()
    state, due_on = _standing(entry, last, on) if entry.in_force_id == revision.pk else ("", None)
    return Part(
        agency=agency,
        leads=leads,
        items=[item.name for item in items],
        word=None if leads else last_word(revision, agency, items),
        last=last,
        state=state,
        due_on=due_on,
        rows=figures[0],
        complete=figures[1],
    )


def _standing(entry: CatalogEntry, last: Load | None, on: dt.date) -> tuple[str, dt.date | None]:
    revision = entry.in_force
    days = CYCLE_DAYS.get(revision.update_cycle) if revision is not None else None
    if revision is None or days is None:
        return "irregular", None
    since = timezone.localdate(last.finished_at) if last and last.finished_at else revision.in_force_on
    due_on = since + dt.timedelta(days=days) if since else None
    return ("late" if due_on and due_on < on else "on-time"), due_on


def _counted(
    entry: CatalogEntry, revision: EntryRevision, shares: Sequence[Sequence[InformationItem]]
) -> list[tuple[int | None, int | None]]:
    """Of each share (rows, rows in which all that must be filled is; all its items where nothing must be)."""
    version = entry.current_data
    if version is None or entry.in_force_id != revision.pk:
        return [(None, None)] * len(shares)
    groups = [[column_of(item) for item in items if item.required or item.is_key] for items in shares]
    wanted = [group or [column_of(item) for item in items] for group, items in zip(groups, shares, strict=True)]
    total, filled = filled_rows(entry.table, version.table_version, wanted)
    return [(total, number) for number in filled]
