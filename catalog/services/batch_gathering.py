"""Batches that wait for an entry become one new version, every few seconds; each keeps an outcome of its own."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min, Q, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import CatalogEntry, DataVersion, EntryRevision, Load
from catalog.services.adjusting import answer_data_changes
from catalog.services.gathering import MOST_TRIES, WITH, check_mode, run_load
from catalog.services.landing import as_sent
from catalog.services.locking import lock_entry
from catalog.services.referring import share_limit
from catalog.services.restoring import take_back_unfinished
from catalog.services.sending import begins_anew, collected_together, columns_for
from catalog.services.versions import add_version, pin_readers
from catalog.workflow import GATHER
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell_agency
from guiyang_data.tables.gathering import Gathered, Push, PushOutcome, gather
from guiyang_data.tables.pushed import read_pushed
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.storing import find_commit
from guiyang_data.updating import update_each

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

SILENT = dt.timedelta(minutes=1)
"""How long a gathering may last before its worker counts as gone; it is then taken up by the next as it was."""
MOST_GATHERED = 200
MOST_ROWS_GATHERED = 20_000
PATIENCE_SECONDS = 20.0
"""After so long a run begins with no further entry; the next one goes on."""
State = Load.State
CHANGED = "收到之后目录已经修订，信息项与报送时不同，这一批没有入库，原有数据没有变动。请按现行目录重新报送。"


def gather_waiting(*, at: dt.datetime, clock: Clock | None = None) -> int:
    """Gather what waits, the entry that has waited longest first; returns how many batches came to their end.

    What comes in meanwhile is taken along, or left for the next run: versions of a few rows cost what those of many do.
    """
    moment = clock or (lambda: at)
    until, done = time.monotonic() + PATIENCE_SECONDS, 0
    left = deque(_entries_waiting(at))
    while left and time.monotonic() < until:
        entry_id, waiting = left.popleft()
        ended = _gather_entry(entry_id, moment)
        done += ended
        if 0 < ended < waiting:
            # more than one commit can take: the rest goes to the end
            left.append((entry_id, waiting - ended))
    return done


def _gather_entry(entry_id: int, clock: Clock) -> int:
    try:
        return gather_entry(entry_id, clock=clock)
    except OSError:
        # the batches stay as they are and are taken up again
        logger.exception("batches of entry %s could not be gathered", entry_id)
        return 0


def _entries_waiting(at: dt.datetime) -> list[tuple[int, int]]:
    """Each entry with how many of its batches wait."""
    left = Q(state=State.RUNNING, gathering__isnull=False, seen_at__lt=at - SILENT)
    waiting = Load.objects.exclude(source=Load.Source.FILE).filter(Q(state=State.WAITING) | left)
    rows = waiting.values("entry").annotate(since=Min("received_at"), number=Count("pk")).order_by("since", "entry")
    return list(rows.values_list("entry", "number"))


def gather_entry(entry_id: int, *, clock: Clock) -> int:
    """Take the batches that come next for an entry together; returns how many came to their end."""
    batches = _claim(entry_id, at=clock())
    if not batches:
        return 0
    if batches[0].is_alone:
        run_load(batches[0].pk, at=clock(), clock=clock)
        return 1
    try:
        gathered = _gathered(batches)
    except LoadRefused as refused:
        gathered = _all_refused(batches, refused.message)
    return _pin(batches, gathered, at=clock())


@transaction.atomic
def _claim(entry_id: int, *, at: dt.datetime) -> list[Load]:
    """The batches that are gathered next, held by this worker; none where another has some, or a file comes first."""
    entry = lock_entry(entry_id, receiving=True)
    loads = Load.objects.filter(entry=entry).order_by("received_at", "pk")
    held = list(loads.filter(state=State.RUNNING))
    if held:
        left = [load for load in held if load.gathering and load.seen_at and load.seen_at < at - SILENT]
        return _take(left, at=at) if len(left) == len(held) else []
    return _take(_alike(list(loads.filter(state=State.WAITING)[:MOST_GATHERED])), at=at)


ALIKE = ("mode", "revision_id", "by_id", "collector_id", "header")
"""What batches have in common that one commit takes."""


def _alike(waiting: Sequence[Load]) -> list[Load]:
    """As many from the first on as one commit can take: of one mode, one sender, the same items."""
    first, rows = (waiting[0] if waiting else None), 0
    if first is None or first.is_file:
        return []
    chosen: list[Load] = []
    for load in waiting:
        rows += load.rows_sent
        if load.is_file or [getattr(load, name) for name in ALIKE] != [getattr(first, name) for name in ALIKE]:
            break
        if chosen and (first.is_alone or rows > MOST_ROWS_GATHERED):
            break
        chosen.append(load)
    return chosen


def _take(batches: list[Load], *, at: dt.datetime) -> list[Load]:
    if not batches or batches[0].is_alone:
        return batches
    _read_beside(batches)
    gathering = batches[0].gathering or uuid.uuid4()
    for load in batches:
        load.state, load.gathering, load.seen_at = State.RUNNING, gathering, at
        load.started_at = load.started_at or at
        load.tries += 1
    taken = {"state": State.RUNNING, "gathering": gathering, "seen_at": at}
    begun = {"started_at": Coalesce("started_at", Value(at)), "tries": F("tries") + 1}
    Load.objects.filter(pk__in=[load.pk for load in batches]).update(**taken, **begun)
    return batches


def _read_beside(batches: Sequence[Load]) -> None:
    """What the batches have in common, read once for all of them."""
    first = Load.objects.select_related(*WITH).get(pk=batches[0].pk)
    prefetch_related_objects([first], "entry__in_force__items")
    _in_force(first).entry = first.entry
    for load in batches:
        load.entry, load.revision, load.by, load.collector = first.entry, first.revision, first.by, first.collector


def _gathered(batches: Sequence[Load]) -> Gathered:
    """Check the rows and commit the good ones, or find the commit that a broken worker left."""
    first = batches[0]
    entry, name = first.entry, str(first.gathering)
    is_first = not entry.data_versions.exists()
    revision = _in_force(first)
    is_committed = first.tries > 1 and find_commit(Path(entry.table), name) is not None
    columns = columns_for(revision, first.collector_id, is_committed=is_committed)
    if not is_committed:
        if first.tries > MOST_TRIES:
            raise LoadRefused("数据多次没有处理完毕，请联系大数据主管部门的平台管理员，")
        _check(first, entry, is_first=is_first)
        if collected_together(entry, revision):
            is_first = begins_anew(entry, columns, load_id=name)
        elif not is_first:
            take_back_unfinished(entry)
    return gather(
        [
            Push(push_id=str(load.load_id), pushed=read_pushed(content, load.kind))
            for load, content in zip(batches, as_sent(batches), strict=True)
        ],
        columns=columns,
        limit_bad_share=share_limit(revision),
        table=entry.table,
        gathering_id=name,
        mode=first.mode,  # type: ignore[arg-type]
        repeated=first.tries > 1,
        fresh=is_first,
    )


def _check(first: Load, entry: CatalogEntry, *, is_first: bool) -> None:
    revision = entry.in_force
    if revision is None or revision.layout != first.revision.layout:
        raise _Changed
    if is_first:
        # there is nothing yet to be added to
        return
    try:
        check_mode(entry, revision, first.mode)
    except RuleBroken as broken:
        raise LoadRefused(broken.message) from broken


class _Changed(LoadRefused):
    def __init__(self) -> None:
        super().__init__("")
        self.message = CHANGED


def _in_force(load: Load) -> EntryRevision:
    return load.entry.in_force or load.revision


def _all_refused(batches: Sequence[Load], why: str) -> Gathered:
    outcomes = {
        str(load.load_id): PushOutcome(
            rows_read=load.rows_sent, rows_accepted=0, rows_refused=load.rows_sent, refused=why
        )
        for load in batches
    }
    return Gathered(version=None, rows=0, outcomes=outcomes)


@transaction.atomic
def _pin(batches: Sequence[Load], gathered: Gathered, *, at: dt.datetime) -> int:
    """The short transaction: the version's row, the outcome of each batch, what readers are pinned to, the event."""
    entry = lock_entry(batches[0].entry_id, receiving=True)
    mine = Load.objects.select_for_update(of=("self",)).filter(
        entry=entry, state=State.RUNNING, gathering=batches[0].gathering
    )
    loads = list(mine.order_by("received_at", "pk"))
    if not loads:
        return 0
    prefetch_related_objects([entry], "in_force__items")
    version = _version(entry, loads, gathered, _in_force(batches[0]), at=at)
    for load in loads:
        _write(load, gathered.outcomes[str(load.load_id)], version, at=at)
    update_each(loads, WRITTEN)
    first = batches[0]
    numbers: dict[str, Any] = {"batches": [load.pk for load in loads], "gathering": str(first.gathering)}
    numbers |= {"collector": first.collector.code} if first.collector is not None else {}
    refused = sum(load.rows_refused for load in loads)
    if version is None:
        record(entry, "gather-refused", by=first.by, at=at, basis=GATHER, payload=numbers | {"refused": refused})
    else:
        current = pin_readers(entry, version)
        answer_data_changes(version.revision, by=first.by, at=at, collector_id=first.collector_id)
        payload = numbers | {
            "revision": version.revision.number,
            "data_version": version.number,
            "rows": sum(load.rows_accepted for load in loads),
            "refused": refused,
            "current": current,
        }
        record(entry, "gather", by=first.by, at=at, basis=GATHER, payload=payload)
    if refused:
        _tell(first.sender, loads, refused, at=at)
    return len(loads)


WRITTEN = [
    *("state", "progress", "rows_read", "rows_accepted", "rows_refused", "reasons", "bad_rows", "message"),
    *("seen_at", "finished_at", "version"),
]


def _version(
    entry: CatalogEntry, loads: Sequence[Load], gathered: Gathered, revision: EntryRevision, *, at: dt.datetime
) -> DataVersion | None:
    taken = [load for load in loads if not gathered.outcomes[str(load.load_id)].refused]
    if gathered.version is None or not taken:
        return None
    known: dict[str, int] = {}
    if loads[0].mode == Load.Mode.APPEND and entry.data_versions.exists():
        # rows that were added compare by themselves; updates are compared by the sweep
        added = sum(outcome.rows_accepted for outcome in gathered.outcomes.values())
        known = {"rows_added": added, "rows_removed": 0, "rows_changed": 0}
    revision.entry = entry
    return add_version(
        entry,
        table_version=gathered.version,
        revision=revision,
        layout=revision.layout,
        load=taken[0],
        rows=gathered.rows,
        made_at=at,
        **known,
    )


def _write(load: Load, outcome: PushOutcome, version: DataVersion | None, *, at: dt.datetime) -> None:
    load.state = State.REFUSED if outcome.refused else State.DONE
    load.progress = 0 if outcome.refused else 100
    load.rows_read, load.rows_accepted, load.rows_refused = (
        outcome.rows_read,
        outcome.rows_accepted,
        outcome.rows_refused,
    )
    bad = outcome.bad_rows_path
    load.reasons, load.bad_rows = outcome.reasons, str(bad.relative_to(settings.ROWS_DIR)) if bad else ""
    load.message, load.version = outcome.refused, None if outcome.refused else version
    load.seen_at, load.finished_at = at, at


def _tell(sender: Agency, loads: Sequence[Load], refused: int, *, at: dt.datetime) -> None:
    """The stewards hear once a day that rows come back; the systems that push see it in what they push."""
    first = next(load for load in loads if load.rows_refused)
    whose = f":{sender.code}" if first.collector_id else ""
    tell_agency(
        sender,
        (Role.DATA_STEWARD,),
        key=f"catalog-batches:{first.entry_id}:{timezone.localdate(at).isoformat()}{whose}",
        about=first,
        kind="catalog",
        title=_("接口报送的数据有 %(rows)d 行退回：%(title)s") % {"rows": refused, "title": first.revision.title},
        body=_("退回的行连同原因可以在汇聚记录里下载。今天再有退回的，不再逐批通知。"),
        path=first.get_absolute_url(),
        at=at,
        basis=GATHER,
        weight=Weight.REMINDER,
    )
