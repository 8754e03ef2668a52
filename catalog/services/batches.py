"""Rows pushed by a system (第十二条): received at once, gathered by the worker a little later."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from catalog import policies
from catalog.collecting import columns_to_load
from catalog.models import CatalogEntry, EntryRevision, Load, LoadPart
from catalog.selectors.sending import SENT_TO, Sendable, sendable
from catalog.services.landing import Landed, as_landed, checksum, forget, keep_content, land_bytes
from catalog.services.sending import check_header, check_together, sender_of
from catalog.workflow import GATHER, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, RuleBroken, TooLarge, Unavailable, WrongState
from guiyang_data.inserting import insert_many
from guiyang_data.tables.pushed import Pushed, read_pushed

logger = logging.getLogger(__name__)

MOST_ROWS = 10_000
MOST_PARTS = 2_000
ABANDONED = dt.timedelta(hours=24)
"""How long a replacement in parts may stay open without a further part."""
SHORT = 1024**2
"""Bytes of content up to which a batch to be gathered is kept in the database; anything else lands as a file."""
KEY = "Idempotency-Key"
NOT_KEPT = "平台存储空间不足或者出现故障，这一批没有接收，原有数据没有变动。请稍后原样重发。"
TAKEN = "这个幂等键已经用于另一批内容不同的数据，没有接收。重复报送请原样发送；新的数据请换一个幂等键。"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a system sent: ``kind`` is json, ndjson or csv; ``key`` names it for good, whatever is sent again."""

    content: bytes
    kind: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """``repeated``: it had been received before, and nothing was received now."""

    load: Load
    repeated: bool = False
    part: int = 1


def receive_batch(
    *,
    entry_id: int,
    sent: Sent | Callable[[], Sent],
    by: User,
    at: dt.datetime,
    mode: str = "",
    is_complete: bool | None = None,
    source: str = Load.Source.PUSH,
    collector: Agency | None = None,
) -> Receipt:
    """Receive rows for an entry in force, before anything is checked (第十二条第一款).

    ``mode``: append, upsert or replace; without it what the rows say of themselves holds, as for ``is_complete``: with
    it false a replacement waits for further parts. The same key of the same sender, for the same agency, again gives
    the first receipt; with other content it is refused. ``collector``: the agency whose rows they are, where ``by``
    works for more than one. ``sent`` may be what reads it: it is called once it is known that ``by`` may send.
    """
    entry = SENT_TO.get(entry_id)
    if entry is None or not policies.sees_entry(by, entry):
        raise NotSeen("没有找到这个目录条目，或者您不能查看。")
    policies.require(by, "gather", entry)
    sender = sender_of(by, entry, collector)
    sent = sent if isinstance(sent, Sent) else sent()
    _check_key(sent.key)
    pushed = _read(sent)
    mode = mode or str(pushed.said.get("mode") or "")
    whole = _is_whole(pushed) if is_complete is None else is_complete
    revision, items = _revision_for(entry, mode, pushed, is_complete=whole)
    if items.is_collected_together:
        check_together(revision, mode)
        check_header(pushed.header, columns_to_load(revision, sender.pk if sender else None))
    received = Load.objects.filter(entry=entry, by=by, collector=sender, key=sent.key)
    is_short = mode != Load.Mode.REPLACE and len(sent.content) <= SHORT
    # seldom is one sent again: where nothing becomes a file for nothing, the database says so when it is kept
    if is_short or not received.exists():
        facts = {"entry": entry, "revision": revision, "mode": mode, "source": source, "by": by, "received_at": at}
        facts |= {"state": Load.State.WAITING if whole else Load.State.OPEN, "collector": sender}
        load = _keep(sent, pushed, facts, at=at, is_short=is_short)
        if load is not None:
            return Receipt(load=load)
    before = received.get()
    if (before.sha256, before.mode, before.kind) != (checksum(sent.content), mode, sent.kind):
        raise RuleBroken(TAKEN, basis=GATHER, fields={KEY: TAKEN})
    return Receipt(load=before, repeated=True)


def _keep(sent: Sent, pushed: Pushed, facts: dict[str, Any], *, at: dt.datetime, is_short: bool) -> Load | None:
    """The batch, its content stored whole; None, and nothing stored, where there is one with its key."""
    landed = as_landed(sent.content, file_name=_file_name(sent)) if is_short else _land(sent, at)
    try:
        with transaction.atomic():
            load = Load(
                **facts,
                load_id=uuid.uuid4(),
                file_name=landed.file_name,
                landed_at=landed.path,
                size=landed.size,
                sha256=landed.sha256,
                kind=sent.kind,
                key=sent.key,
                header=list(pushed.header),
                rows_sent=len(pushed.rows),
            )
            insert_many([load])
            if is_short:
                keep_content(load, sent.content)
            return load
    except IntegrityError:
        forget(landed)
        return None
    except OperationalError as failed:
        forget(landed)
        logger.exception("a batch was not kept")
        raise Unavailable(NOT_KEPT, basis=GATHER) from failed
    except BaseException:
        forget(landed)
        raise


def _land(sent: Sent, at: dt.datetime) -> Landed:
    return land_bytes(sent.content, folder=f"batches/{at:%Y%m%d}", file_name=_file_name(sent))


def _file_name(sent: Sent) -> str:
    return f"{sent.key}.{sent.kind}"


def receive_part(*, load_id: int, sent: Sent, by: User, at: dt.datetime) -> Receipt:
    """Receive a further part of a replacement that is still open."""
    _check_key(sent.key)
    pushed = _read(sent)
    with transaction.atomic():
        load = _lock(load_id, by)
        before = _repeated(load, sent)
        if before is not None:
            return before
        if load.state != Load.State.OPEN:
            raise WrongState("这一批已经报送完毕，不能再加。请另行报送一批。", basis=GATHER)
        if set(pushed.header) != set(load.header):
            raise _wrong(
                "rows", f"各部分的信息项要一致。第一部分是：{'、'.join(load.header)}。请改正后重新发送这一部分。"
            )
        number = 2 + load.parts.count()
        if number > MOST_PARTS:
            raise _wrong("rows", f"一批最多 {MOST_PARTS} 个部分。请合并后重新报送，或者改用文件。")
        landed = _land(sent, at)
        try:
            with transaction.atomic():
                _keep_part(load, number, landed, sent, len(pushed.rows), at=at)
        except BaseException:
            forget(landed)
            raise
        return Receipt(load=load, part=number)


def _repeated(load: Load, sent: Sent) -> Receipt | None:
    same = load.parts.filter(key=sent.key).first()
    sha256 = checksum(sent.content)
    if same is None and load.key == sent.key:
        if load.sha256 != sha256:
            raise RuleBroken(TAKEN, basis=GATHER, fields={KEY: TAKEN})
        return Receipt(load=load, repeated=True)
    if same is None:
        return None
    if same.sha256 != sha256:
        raise RuleBroken(TAKEN, basis=GATHER, fields={KEY: TAKEN})
    return Receipt(load=load, repeated=True, part=same.number)


def _keep_part(load: Load, number: int, landed: Landed, sent: Sent, rows: int, *, at: dt.datetime) -> None:
    LoadPart.objects.create(
        load=load,
        number=number,
        kind=sent.kind,
        key=sent.key,
        landed_at=landed.path,
        size=landed.size,
        sha256=landed.sha256,
        rows=rows,
        received_at=at,
    )
    load.rows_sent += rows
    load.size += landed.size
    load.seen_at = at
    load.save(update_fields=["rows_sent", "size", "seen_at"])


@transaction.atomic
def close_batch(*, load_id: int, by: User, at: dt.datetime, rows: int | None = None) -> Load:
    """All parts of a replacement are there; ``rows``: how many there must be in all. Closing twice does no more."""
    load = _lock(load_id, by)
    if load.state != Load.State.OPEN:
        return load
    if rows is not None and rows != load.rows_sent:
        raise _wrong("rows", f"收到 {load.rows_sent} 行，您说的是 {rows} 行，没有入库。请补报缺少的部分后再次结束。")
    load.state, load.received_at = Load.State.WAITING, at
    load.save(update_fields=["state", "received_at"])
    return load


@transaction.atomic
def drop_abandoned_batches(*, at: dt.datetime) -> int:
    """Replacements that were begun and never closed are given up after a day; returns how many."""
    left = Load.objects.select_for_update(of=("self",)).filter(state=Load.State.OPEN, received_at__lt=at - ABANDONED)
    dropped = 0
    for load in left.order_by("pk"):
        if load.seen_at is not None and load.seen_at >= at - ABANDONED:
            continue
        load.state, load.finished_at = Load.State.REFUSED, at
        load.message = "24 小时内没有报送完毕，这一批没有入库，原有数据没有变动。请重新报送。"
        load.save(update_fields=["state", "finished_at", "message"])
        dropped += 1
    return dropped


def _lock(load_id: int, by: User) -> Load:
    loads = policies.visible_loads(by, Load.objects.exclude(source=Load.Source.FILE))
    found = Load.objects.select_for_update(of=("self",)).select_related("entry__provider")
    load = found.filter(pk__in=loads.filter(pk=load_id).values("pk")).first()
    if load is None:
        raise NotSeen("没有找到这个汇聚批次，或者您不能查看。")
    policies.require(by, "gather", load.entry)
    return load


def require_size(size: int) -> None:
    """Refuse a batch of so many bytes where it is too large: as announced, before it is read, and as it came."""
    limit = settings.BATCH_LIMIT_BYTES
    if size > limit:
        raise TooLarge(f"这一批超过 {limit // 1024**2} MB，没有接收。请分成几批报送，或者改用文件。", basis=GATHER)


def _check_key(key: str) -> None:
    if not key:
        raise _wrong(KEY, "请在请求头 Idempotency-Key 里给这一批一个不重复的编号，网络中断时可以放心重发。")
    if len(key) > 100 or not key.isprintable():
        raise _wrong(KEY, "幂等键最多 100 个字符，不含控制字符。请换一个。")


def _read(sent: Sent) -> Pushed:
    require_size(len(sent.content))
    pushed = read_pushed(sent.content, sent.kind)
    if len(pushed.rows) > MOST_ROWS:
        raise _wrong("rows", f"这一批有 {len(pushed.rows):,} 行，一批最多 {MOST_ROWS:,} 行，没有接收。请分成几批报送。")
    return pushed


def _is_whole(pushed: Pushed) -> bool:
    """What the rows say of themselves. A word in place of true or false would let a part take the place of all."""
    said = pushed.said.get("complete", True)
    if not isinstance(said, bool):
        raise _wrong("complete", "complete 只写 true 或者 false，不加引号，没有接收。不写的，整表替换只有这一部分。")
    return said


def _revision_for(
    entry: CatalogEntry, mode: str, pushed: Pushed, *, is_complete: bool
) -> tuple[EntryRevision, Sendable]:
    if mode not in Load.Mode.values:
        raise _wrong("mode", "请写明方式：append 追加、upsert 按主键更新、replace 整表替换。")
    if not is_complete and mode != Load.Mode.REPLACE:
        raise _wrong("complete", "只有整表替换可以分几部分报送。追加和更新请逐批报送。")
    revision = entry.in_force
    if revision is None or revision.status != RevisionStatus.IN_FORCE:
        raise WrongState("目录还没有公布，接口只接收现行目录的数据。目录公布前可以在页面上传文件。", basis=GATHER)
    items = sendable(revision)
    if not items.has_items:
        raise WrongState("目录还没有信息项，无法检查数据。请先填写信息项。", basis=GATHER)
    if mode == Load.Mode.UPSERT:
        if not items.has_key:
            raise _wrong("mode", "目录没有规定主键，不能按主键更新。请改用 append 或者 replace。")
        if not pushed.uniform:
            raise _wrong("rows", "按主键更新时，同一批各行的信息项要一致，否则没有写的项会被当作空值。请分开报送。")
    return revision, items


def _wrong(field: str, message: str) -> RuleBroken:
    return RuleBroken(message, basis=GATHER, fields={field: message})
