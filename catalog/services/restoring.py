"""An earlier version of an entry's data made current again (第十二条)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from catalog import policies
from catalog.collecting import is_shared
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.services.locking import lock_entry, principal_of
from catalog.services.versions import add_version, pin_readers
from catalog.workflow import GATHER, TOGETHER, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import record
from guiyang_data.tables.reading_rows import share_view
from guiyang_data.tables.storing import newest_after, restore

VERB = "restore-data"
UNFINISHED, TAKEN_BACK = "restore-", "back-"
"""How the ids of commits begin that are of no load; one without a row in the database never took effect."""
UNDER_WAY = (Load.State.WAITING, Load.State.RUNNING)


def restore_data(*, entry_id: int, number: int, by: User, at: dt.datetime, reasons: str) -> DataVersion:
    """Make the rows of an earlier version current again, as a version of its own, with reasons (第十二条第一款).

    The table is written first, then the row that readers are pinned by: whoever is killed in between changed nothing
    that anybody sees, and does it again. What was written for nothing is taken back by the next load that builds on
    the newest rows (``take_back_unfinished``).
    """
    with transaction.atomic():
        wanted = _restorable(entry_id, number, by, reasons)
        current = wanted.entry.current_data_id
    load_id = f"{UNFINISHED}{uuid.uuid4()}"
    written = restore(wanted.entry.table, wanted.table_version, load_id=load_id, result={"rows": wanted.rows})
    share_view(wanted.entry.table, written, wanted.table_version)
    return _pin(wanted, written, current, by=by, at=at, reasons=reasons.strip())


def builds_on_current(entry: CatalogEntry) -> bool:
    """Whether rows can be added to those that readers have: the newest written, but for restores without effect."""
    current = entry.current_data
    if current is None or entry.data_versions.filter(table_version__gt=current.table_version).exists():
        return False
    found = newest_after(entry.table, current.table_version)
    return found is None or found.startswith((UNFINISHED, TAKEN_BACK))


def take_back_unfinished(entry: CatalogEntry) -> None:
    """Make the rows of the newest known version the newest again, where a restore was written and never took effect.

    Rows that are added or updated would otherwise be merged with rows that nobody decided on.
    """
    newest = entry.data_versions.order_by("-table_version").first()
    found = newest_after(entry.table, newest.table_version) if newest is not None else None
    if newest is not None and found and found.startswith(UNFINISHED):
        restore(entry.table, newest.table_version, load_id=f"{TAKEN_BACK}{found}", result={"rows": newest.rows})


def _restorable(entry_id: int, number: int, by: User, reasons: str) -> DataVersion:
    """The version to be restored, its entry locked; raises where it may not be."""
    entry = lock_entry(entry_id)
    policies.require(by, VERB, entry)
    wanted = entry.data_versions.select_related("revision").filter(number=number).first()
    if wanted is None:
        raise NotSeen("没有找到这一版数据。请返回版本清单重新选择。")
    wanted.entry = entry
    check_restorable(entry, wanted)
    if not reasons.strip():
        message = "请写明恢复旧版数据的理由，获取数据的机关会看到它。"
        raise RuleBroken(message, basis=GATHER, fields={"reasons": message})
    return wanted


def check_restorable(entry: CatalogEntry, wanted: DataVersion) -> None:
    """Raise WrongState where a version cannot become the current one now."""
    if entry.in_force is None:
        raise WrongState("这一条目没有现行目录，不能恢复数据。请先公布目录。", basis=GATHER)
    WORKFLOW.target(VERB, RevisionStatus(entry.in_force.status))
    if is_shared(entry.in_force):
        message = "这一条目由几个机关共同采集，不能整表恢复，以免改动其他机关的数据。请由有关机关重新报送各自的数据。"
        raise WrongState(message, basis=TOGETHER)
    if wanted.pk == entry.current_data_id:
        raise WrongState(f"第{wanted.number}版已经是现行数据，不需要恢复。", basis=GATHER)
    current = entry.current_data
    if current is not None and current.restored_id == wanted.pk:
        raise WrongState(f"现行数据就是从第{wanted.number}版恢复的，不需要再次恢复。", basis=GATHER)
    if wanted.layout != entry.in_force.layout:
        raise WrongState(
            f"第{wanted.number}版数据的信息项与现行目录不同，不能恢复为现行数据。可以查看这一版，改正后重新报送。",
            basis=GATHER,
        )
    if entry.loads.filter(state__in=UNDER_WAY).exists():
        raise WrongState("有一批数据正在入库。请等它处理完毕，再决定是否恢复旧版。", basis=GATHER)


@transaction.atomic
def _pin(
    wanted: DataVersion, written: int, current: int | None, *, by: User, at: dt.datetime, reasons: str
) -> DataVersion:
    """``current``: the version that readers had when it was decided."""
    entry = _restorable(wanted.entry_id, wanted.number, by, reasons).entry
    if entry.current_data_id != current or entry.data_versions.filter(table_version__gt=written).exists():
        raise WrongState("数据刚刚有了新的一版，没有恢复。请看过新的一版，再决定是否恢复。", basis=GATHER)
    principal = principal_of(by, entry.provider, at=at)
    made = add_version(
        entry,
        table_version=written,
        revision=wanted.revision,
        layout=wanted.layout,
        restored=wanted,
        restored_by=principal,
        reasons=reasons,
        rows=wanted.rows,
        made_at=at,
    )
    pin_readers(entry, made)
    payload = {"data_version": made.number, "restored": wanted.number, "rows": made.rows, "reasons": reasons}
    record(entry, VERB, by=principal, at=at, basis=GATHER, payload=payload)
    return made
