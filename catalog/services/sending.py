"""Whose load it is where several agencies collect for an entry (第十二条第二款), and what its rows are merged with."""

from __future__ import annotations

from collections.abc import Sequence

from catalog import policies
from catalog.collecting import columns_to_load, is_shared, items_by_collector, items_of_others
from catalog.models import CatalogEntry, DataVersion, EntryRevision, Load
from catalog.selectors import columns_of
from catalog.services.referring import columns_to_check
from catalog.services.restoring import builds_on_current
from catalog.workflow import TOGETHER, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import is_operator
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.services import NamedActor
from guiyang_data.tables.columns import Column, header_key
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.storing import changed_types, restore

ONLY_IN_FORCE = "这一条目由几个机关共同采集，只接收现行目录的数据。请在目录公布之后，按现行目录报送。"


def sender_of(by: User | NamedActor, entry: CatalogEntry, asked: Agency | None = None) -> Agency | None:
    """The collecting agency whose load this is; None: the provider. Raises NotAllowed where ``by`` sends for neither.

    Without ``asked`` it is the provider where ``by`` sends for the provider, else the agency that it collects for.
    """
    for_provider = is_operator(by) or policies.compiles(by, entry)
    if asked is not None and asked.pk != entry.provider_id:
        return _collector(by, entry, asked)
    if for_provider:
        return None
    own = Agency.objects.filter(pk__in=policies.collecting_agencies(by, entry)).order_by("pk")
    if asked is not None or not own:
        raise NotAllowed("您不能代提供机关报送这一条目的数据。", basis=TOGETHER)
    return next((agency for agency in own if isinstance(by, User) and by.agency == agency), own[0])


def _collector(by: User | NamedActor, entry: CatalogEntry, asked: Agency) -> Agency:
    collectors = items_by_collector(entry.in_force) if entry.in_force is not None else {}
    if asked not in collectors:
        message = f"{asked.name}不采集这一条目的信息项。请核对采集机关。"
        raise RuleBroken(message, basis=TOGETHER, fields={"collector": message})
    if not is_operator(by) and asked.pk not in policies.collecting_agencies(by, entry):
        raise NotAllowed(f"您不能代{asked.name}报送数据。", basis=TOGETHER)
    return asked


def collected_together(entry: CatalogEntry, revision: EntryRevision) -> bool:
    """Whether several agencies collect for the entry, as it is in force or as this revision will have it."""
    return is_shared(revision) or (entry.in_force_id != revision.pk and is_shared(entry.in_force))


def check_together(revision: EntryRevision, mode: str) -> None:
    """Raise RuleBroken unless a load leaves the columns of the other agencies as they are."""
    if revision.status != RevisionStatus.IN_FORCE:
        raise RuleBroken(ONLY_IN_FORCE, basis=TOGETHER, fields={"revision": ONLY_IN_FORCE})
    if mode not in {Load.Mode.UPSERT, Load.Mode.REPLACE}:
        message = "这一条目由几个机关共同采集，不能追加。请改选「按主键更新」，或者替换本机关报送的部分。"
        raise RuleBroken(message, basis=TOGETHER, fields={"mode": message})


def modes_offered(entry: CatalogEntry, revisions: Sequence[EntryRevision]) -> tuple[list[Load.Mode], str]:
    """How a file by one of these revisions may join the rows of an entry, and why not otherwise.

    Nothing can join what is not there: rows are added to, or updated in, those that readers have.
    """
    present = next((one for one in revisions if one.pk == entry.in_force_id), None)
    if any(collected_together(entry, revision) for revision in revisions):
        if present is None:
            return [], ONLY_IN_FORCE
        return [Load.Mode.UPSERT, Load.Mode.REPLACE], ""
    only = [Load.Mode.REPLACE]
    if present is None:
        return only, "目录还没有公布，没有现行数据可以追加或者更新，只能整表替换。"
    if entry.current_data is None:
        return only, "这一条目还没有现行数据，先整表报送一次；入库以后可以追加或者按主键更新。"
    if not builds_on_current(entry):
        return only, "最近入库的一版还不是现行数据，不能接在它后面，只能整表替换。"
    others = "" if len(revisions) == 1 else "追加、按主键更新只用于现行目录。"
    if not any(item.is_key for item in present.items.all()):
        return [*only, Load.Mode.APPEND], f"目录没有规定主键，不能按主键更新。{others}"
    return [*only, Load.Mode.APPEND, Load.Mode.UPSERT], others


def check_by_present_rules(job: Load) -> None:
    """Let a load be checked by the catalogue as it is in force now, where that came after it was received.

    Raises LoadRefused where the items have another shape, or the entry was withdrawn.
    """
    if job.revision.status in WORKFLOW["gather"].sources:
        return
    now = job.entry.in_force
    if now is None or now.layout != job.revision.layout:
        raise LoadRefused("收到数据之后，目录已经修订或者撤销，信息项与报送时不同。请按现行目录重新报送，")
    job.revision = now
    Load.objects.filter(pk=job.pk).update(revision=now)


def columns_for(revision: EntryRevision, collector_id: int | None, *, is_committed: bool) -> list[Column]:
    """The columns that a load of an agency is checked by: every rule for what it brings, none for what others bring.

    ``is_committed``: the rows are in the table already, and are only found again. Raises LoadRefused where an item
    that the agency brings refers to what cannot be asked now.
    """
    others = items_of_others(revision, collector_id)
    known = columns_of(revision) if is_committed else columns_to_check(revision, without=others)
    return columns_to_load(revision, collector_id, known)


def check_header(header: Sequence[str], columns: Sequence[Column]) -> None:
    """Raise RuleBroken where rows bring what is for other agencies to bring."""
    brought = {header_key(name) for name in header}
    closed = [c for c in columns if c.closed and {header_key(c.name), header_key(c.code)} & brought]
    if closed:
        named = "、".join(f"{column.name}（{column.closed}）" for column in closed)
        message = f"这些信息项不由本机关报送：{named}。请去掉后重新报送，这一批没有接收。"
        raise RuleBroken(message, basis=TOGETHER, fields={"rows": message})


def begins_anew(entry: CatalogEntry, columns: Sequence[Column], *, load_id: str) -> bool:
    """Whether the rows of a load are the first of their table, with nothing of other agencies to be merged with.

    They are merged with the newest rows that a catalogue in force ever had. What was loaded for a draft that never came
    into force is set aside first; where the type of an item has changed the table begins anew, and every agency sends
    its part again.
    """
    base = _base(entry)
    if base is None:
        return True
    if entry.data_versions.filter(table_version__gt=base.table_version).exists():
        restore(entry.table, base.table_version, load_id=f"base-{load_id}", result={"rows": base.rows})
    return changed_types(entry.table, columns)


def _base(entry: CatalogEntry) -> DataVersion | None:
    published = entry.data_versions.filter(revision__in_force_on__isnull=False)
    return published.order_by("-table_version").first()
