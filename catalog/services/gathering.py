"""Gathering data (第十二条): a file lands whole, is checked row by row, becomes one version."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from catalog import policies
from catalog.models import CatalogEntry, EntryRevision, Load
from catalog.selectors import open_revision
from catalog.services.adjusting import answer_data_changes
from catalog.services.landing import Landed, forget, land
from catalog.services.locking import lock_entry, principal_of
from catalog.services.referring import share_limit
from catalog.services.restoring import builds_on_current, take_back_unfinished
from catalog.services.sending import (
    begins_anew,
    check_by_present_rules,
    check_together,
    collected_together,
    columns_for,
    sender_of,
)
from catalog.services.versions import add_version, note_alike, note_difference, pin_readers
from catalog.workflow import GATHER, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import is_operator
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import NamedActor, record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell
from guiyang_data.tables.loading import LoadResult, load, load_parts
from guiyang_data.tables.query import build_view
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.storing import find_load, rows_in

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

SILENT = dt.timedelta(minutes=5)
"""How long a running job may show no progress before it counts as abandoned."""
UNFETCHED = dt.timedelta(minutes=2)
"""How long a job may wait before its message counts as lost."""
MOST_TRIES = 3
PART = "part"
"""What a replacement is where several agencies collect: of the sender's own columns."""
WITH = ("entry__provider", "entry__in_force", "entry__current_data", "revision", "by", "collector")
"""What a load is worked on with."""


def land_file(
    *,
    entry_id: int,
    uploaded: File,
    by: User | NamedActor,
    at: dt.datetime,
    file_name: str = "",
    mode: str = Load.Mode.REPLACE,
    header_row: int | None = None,
    revision_id: int | None = None,
    load_id: uuid.UUID | None = None,
    collector: Agency | None = None,
) -> Load:
    """Take in a file for an entry as it is (第十二条第一款); ``run_load`` checks it and makes the version.

    The file is checked against the items of ``revision_id``, without it of the revision in force, else of the one on
    its way. The same ``load_id`` again returns the first load and takes nothing in. What the operator of the portal
    brings at the command line knows no limit of size, and is the act of the agency's system account for it.
    ``collector``: the agency whose load it is, where several collect and ``by`` works for more than one.
    """
    asked: dict[str, Any] = {"entry_id": entry_id, "by": by, "mode": mode, "revision_id": revision_id}
    asked |= {"load_id": load_id, "collector": collector}
    with transaction.atomic():
        found = _may_land(**asked)
    if isinstance(found, Load):
        return found
    # a large file takes a while: nobody waits for a lock meanwhile, and all is asked again under it
    landed = land(uploaded, folder="loads", file_name=file_name, is_limited=not is_operator(by))
    try:
        with transaction.atomic():
            found = _may_land(**asked)
            if isinstance(found, EntryRevision):
                facts: dict[str, Any] = {
                    "mode": mode,
                    "header_row": header_row or None,
                    "load_id": load_id or uuid.uuid4(),
                }
                facts["collector"] = sender_of(by, found.entry, collector)
                return _received(found, landed, by=by, at=at, facts=facts)
    except BaseException:
        forget(landed)
        raise
    forget(landed)
    return found


def _may_land(
    *,
    entry_id: int,
    by: User | NamedActor,
    mode: str,
    revision_id: int | None,
    load_id: uuid.UUID | None,
    collector: Agency | None,
) -> Load | EntryRevision:
    """The revision that a file would be checked against, its entry locked; or the load this one repeats."""
    entry = lock_entry(entry_id)
    policies.require(by, "gather", entry)
    done = Load.objects.filter(load_id=load_id).first() if load_id is not None else None
    if done is not None:
        return _own(done, entry)
    revision = _revision_for(entry, revision_id)
    sender_of(by, entry, collector)
    check_mode(entry, revision, mode)
    revision.entry = entry
    return revision


def _received(
    revision: EntryRevision, landed: Landed, *, by: User | NamedActor, at: dt.datetime, facts: dict[str, Any]
) -> Load:
    principal = principal_of(by, facts["collector"] or revision.entry.provider, at=at)
    policies.require(principal, "gather", revision.entry)
    return Load.objects.create(
        entry=revision.entry,
        revision=revision,
        file_name=landed.file_name,
        landed_at=landed.path,
        size=landed.size,
        sha256=landed.sha256,
        by=principal,
        received_at=at,
        **facts,
    )


def _own(done: Load, entry: CatalogEntry) -> Load:
    if done.entry_id != entry.pk:
        raise RuleBroken("这个批次号已用于其他目录条目。请换一个批次号重新报送。", basis=GATHER)
    return done


def _revision_for(entry: CatalogEntry, revision_id: int | None) -> EntryRevision:
    if revision_id is not None:
        revision = entry.revisions.filter(pk=revision_id).first()
        if revision is None:
            raise NotSeen("没有找到这一版目录，或者您不能查看。请返回目录条目重新选择。")
    else:
        revision = entry.in_force or open_revision(entry)
    if revision is None:
        raise RuleBroken("这一条目没有可用的目录，不能汇聚数据。请先编制目录。", basis=GATHER)
    WORKFLOW.target("gather", revision.status)
    if not revision.items.exists():
        message = "目录还没有信息项，无法检查数据。请先填写信息项，再上传文件。"
        raise RuleBroken(message, basis=GATHER, fields={"file": message})
    return revision


def check_mode(entry: CatalogEntry, revision: EntryRevision, mode: str) -> None:
    """Adding to rows needs the very rows that readers see: the last version of a load must be the current one."""
    if collected_together(entry, revision):
        return check_together(revision, mode)
    if mode == Load.Mode.REPLACE:
        return None
    if revision.status != RevisionStatus.IN_FORCE or not builds_on_current(entry):
        message = "只有现行目录的现行数据可以追加或者按主键更新。请改选「整表替换」。"
        raise RuleBroken(message, basis=GATHER, fields={"mode": message})
    return None


def run_load(load_pk: int, *, at: dt.datetime, clock: Clock | None = None) -> Load:
    """Check a landed file and make its version. Called by the worker, never inside a transaction; safe to repeat.

    ``clock`` tells the worker's time for signs of life; without it everything happens at ``at``.
    """
    clock = clock or (lambda: at)
    job = _claim(load_pk, at=at)
    if job is None:
        return Load.objects.get(pk=load_pk)
    try:
        result = _load(job, clock)
    except LoadRefused as refused:
        return _refuse(job, refused, at=clock())
    except OSError as failed:
        logger.exception("load %s failed", job.pk)
        message = (
            f"平台存储出现故障（{failed.strerror or '读写失败'}），数据没有入库，原有数据没有变动。请稍后重新上传。"
        )
        return _refuse(job, LoadRefused(message), at=clock(), message=message)
    done = _pin(job, result, at=clock())
    # Readers have their rows already; what is cut short here is made up for by the sweep.
    note_difference(done.made)
    note_alike(done.made)
    return done


def _load(job: Load, clock: Clock) -> LoadResult:
    # what was committed before its worker broke is only found again
    is_committed = find_load(job.entry.table, str(job.load_id)) is not None
    if not is_committed:
        check_by_present_rules(job)
    columns = columns_for(job.revision, job.collector_id, is_committed=is_committed)
    together = collected_together(job.entry, job.revision)
    mode = PART if together and job.mode == Load.Mode.REPLACE else job.mode
    if (together or job.mode != Load.Mode.REPLACE) and not is_committed:
        _check_mode_again(job)
        if not together:
            take_back_unfinished(job.entry)
        elif begins_anew(job.entry, columns, load_id=str(job.load_id)):
            mode = Load.Mode.REPLACE
    asked: dict[str, Any] = {
        "columns": columns,
        "limit_bad_share": share_limit(job.revision),
        "table": job.entry.table,
        "load_id": str(job.load_id),
        "mode": mode,
        "progress": _Progress(job.pk, clock),
    }
    if job.is_file:
        result = load(job.landed, file_name=job.file_name, header_row=job.header_row, **asked)
    else:
        result = load_parts(parts_of(job), header=job.header, **asked)
    try:
        # built before anybody is pinned to it, so that the first reader does not wait
        # keys first, where there are more than get an index
        items = sorted(job.revision.items.all(), key=lambda item: not item.is_key)
        looked_up = [item.code for item in items if item.singles_out]
        build_view(job.entry.table, result.version, looked_up=looked_up)
    except OSError:
        # the rows are there, and are read without it
        logger.exception("no readers' file for load %s", job.pk)
    return result


def parts_of(job: Load) -> list[tuple[Path, str]]:
    """The parts of a pushed batch, in their order: (where each lies, its format)."""
    return [(job.landed, job.kind), *((part.landed, part.kind) for part in job.parts.all())]


def _check_mode_again(job: Load) -> None:
    try:
        check_mode(job.entry, job.revision, job.mode)
    except RuleBroken as broken:
        raise LoadRefused(broken.message) from broken


@transaction.atomic
def _claim(load_pk: int, *, at: dt.datetime) -> Load | None:
    """The load, marked as running for this worker; None where it is done, or another worker shows signs of life."""
    job = Load.objects.select_for_update(of=("self",)).filter(pk=load_pk).first()
    if job is None or job.state != Load.State.WAITING:
        return None
    job.state, job.started_at, job.seen_at = Load.State.RUNNING, job.started_at or at, at
    job.tries += 1
    job.save(update_fields=["state", "started_at", "seen_at", "tries"])
    return Load.objects.select_related(*WITH).get(pk=load_pk)


class _Progress:
    """Writes signs of life to the job's row, at most one a second: a load has thousands of batches."""

    def __init__(self, load_pk: int, clock: Clock) -> None:
        self._load_pk = load_pk
        self._clock = clock
        self._next = 0.0

    def __call__(self, done: int, total: int, rows: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        percent = min(99, int(100 * done / total)) if total else 0
        Load.objects.filter(pk=self._load_pk, state=Load.State.RUNNING).update(
            progress=percent, rows_read=rows, seen_at=self._clock()
        )


@transaction.atomic
def _pin(job: Load, result: LoadResult, *, at: dt.datetime) -> Load:
    """The short transaction: the version's row, what readers are pinned to, the event, the clock of changed data."""
    entry = lock_entry(job.entry_id)
    locked = Load.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if locked.state == Load.State.DONE:
        return locked
    _write_result(locked, result, at=at)
    locked.state, locked.progress = Load.State.DONE, 100
    locked.message = ""
    locked.save()
    version = add_version(
        entry,
        table_version=result.version,
        revision=job.revision,
        layout=result.layout,
        load=locked,
        rows=result.rows_accepted if _is_whole(job) else rows_in(entry.table, result.version),
        made_at=at,
    )
    locked.version = version
    locked.save(update_fields=["version"])
    current = pin_readers(entry, version)
    job.revision.entry = entry
    answer_data_changes(job.revision, by=job.by, at=at, collector_id=job.collector_id)
    payload = {
        "load": str(job.load_id),
        "revision": job.revision.number,
        "data_version": version.number,
        "rows": result.rows_accepted,
        "refused": result.rows_refused,
        "sha256": result.sha256,
        "current": current,
        **_whose(job),
    }
    record(entry, "gather", by=job.by, at=at, basis=GATHER, payload=payload)
    if result.rows_refused:
        _tell(locked, f"数据已入库，有 {result.rows_refused} 行退回：{job.revision.title}", at=at)
    return locked


def _is_whole(job: Load) -> bool:
    """Whether the rows of a load are all that its version has."""
    return job.mode == Load.Mode.REPLACE and not collected_together(job.entry, job.revision)


def _whose(job: Load) -> dict[str, Any]:
    """In the ledger, the collecting agency of a load that is not the provider's."""
    return {"collector": job.collector.code} if job.collector is not None else {}


def _write_result(job: Load, result: LoadResult, *, at: dt.datetime) -> None:
    job.rows_read, job.rows_accepted, job.rows_refused = result.rows_read, result.rows_accepted, result.rows_refused
    job.reasons, job.encoding, job.finished_at, job.seen_at = result.reasons, result.encoding, at, at
    job.bad_rows = _relative(result.bad_rows_path)


def _relative(path: Path | None) -> str:
    return str(Path(path).relative_to(settings.ROWS_DIR)) if path else ""


@transaction.atomic
def _refuse(job: Load, refused: LoadRefused, *, at: dt.datetime, message: str = "") -> Load:
    locked = Load.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if locked.state != Load.State.RUNNING:
        return locked
    locked.state, locked.finished_at, locked.seen_at = Load.State.REFUSED, at, at
    locked.message = message or refused.message
    locked.rows_read, locked.rows_refused = refused.rows_read, refused.rows_refused
    locked.reasons, locked.bad_rows = refused.reasons, _relative(refused.bad_rows_path)
    locked.save()
    payload = {"load": str(job.load_id), "revision": job.revision.number, "refused": refused.rows_refused}
    payload |= _whose(job)
    record(job.entry, "gather-refused", by=job.by, at=at, basis=GATHER, payload=payload)
    _tell(locked, f"数据没有入库：{job.revision.title}", at=at, body=locked.message)
    return locked


def _tell(job: Load, title: str, *, at: dt.datetime, body: str = "") -> None:
    tell(
        [job.by],
        agency=job.sender,
        about=job,
        kind="catalog",
        key=f"catalog-load:{job.pk}",
        title=title,
        body=body,
        path=job.get_absolute_url(),
        at=at,
        basis=GATHER,
        weight=Weight.REMINDER,
    )


@transaction.atomic
def requeue_stale_loads(at: dt.datetime) -> list[int]:
    """Loads whose worker fell silent, or whose message was lost, wait again; returns them, to be queued by the caller.

    One that keeps breaking its worker is refused after the third time.
    """
    silent = Load.objects.filter(state=Load.State.RUNNING, seen_at__lt=at - SILENT, gathering=None)
    for job in (
        silent.select_for_update(of=("self",))
        .select_related("entry__provider", "revision", "by", "collector")
        .order_by("pk")
    ):
        if job.tries >= MOST_TRIES:
            _refuse(job, LoadRefused("数据多次没有处理完毕，请联系大数据主管部门的平台管理员，"), at=at)
            continue
        job.state, job.seen_at = Load.State.WAITING, at
        job.save(update_fields=["state", "seen_at"])
    lost = Load.objects.filter(state=Load.State.WAITING, received_at__lt=at - UNFETCHED, source=Load.Source.FILE)
    return list(lost.order_by("pk").values_list("pk", flat=True))
