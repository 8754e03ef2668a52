"""Importing an agency's matters and their materials: landed, mapped, previewed, done in batches (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.files.base import File
from django.db import transaction

from catalog.services.import_entries import Problem
from catalog.services.import_files import SourceTable, read_records
from catalog.services.import_jobs import claim, requeue
from catalog.services.import_matching import CREDIT_CODE, SHARE, by_content, by_name
from catalog.services.import_outcomes import CREATED, REFUSED, UNCHANGED, UPDATED
from catalog.services.landing import land
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import acts_for, has_role, is_system
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell
from sharing.materials.policies import MATTER_POLICY
from sharing.materials.selectors import supplies_in_force
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MaterialMending, MatterImport
from sharing.services.materials.import_outcomes import MatterOutcome, carry_out, matter_outcomes
from sharing.services.materials.import_rows import MatterReader, MatterRow
from sharing.services.materials.import_words import MATTERS, TARGETS, as_exception, as_form, as_kind, matter_named
from sharing.services.materials.mending import settle
from sharing.services.materials.suggesting import looking_for_waiting, names_waiting

BATCH = 200
MOST_KEPT = 2000
GONE = "没有找到这次导入，或者您不能查看。请返回导入页面。"
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{9,59}")
CONTENT: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("agency", CREDIT_CODE.fullmatch),
    ("code", _CODE.fullmatch),
    ("material_exception", as_exception),
    ("kind", as_kind),
    ("material_form", as_form),
)
"""What a value of a column without a known name would have to look like; each target is given once."""


@dataclass(frozen=True, kw_only=True)
class MatterPreview:
    """What an import would do. ``rows`` counts matters, ``lines`` what the file has, ``materials`` those it states."""

    rows: int
    lines: int
    materials: int
    created: int
    updated: int
    unchanged: int
    refused: int
    gone: int
    problems: tuple[Problem, ...]
    first: tuple[MatterRow, ...]


def start_matter_import(
    *, agency: Agency, uploaded: File, by: User, at: dt.datetime, file_name: str = ""
) -> MatterImport:
    """Land a list of matters and propose which column is which. Nothing is imported yet."""
    MATTER_POLICY.require(by, "import-matters", agency)
    landed = land(uploaded, folder="matters", file_name=file_name)
    job = MatterImport(
        agency=agency,
        by=by,
        file_name=landed.file_name,
        landed_at=landed.path,
        size=landed.size,
        sha256=landed.sha256,
        received_at=at,
    )
    try:
        table = read_matters(job)
    except RuleBroken:
        job.landed.unlink(missing_ok=True)
        raise
    job.columns, job.rows_read = list(table.columns), len(table.rows)
    job.mapping = _proposed(table, agency)
    job.save(force_insert=True)
    return job


def read_matters(job: MatterImport) -> SourceTable:
    """The file of an import as rows."""
    return read_records(job.landed, job.file_name, MATTERS)


def _proposed(table: SourceTable, agency: Agency) -> dict[str, str]:
    """As the agency had a file with the same columns the last time, else by name, else by content."""
    done = MatterImport.objects.filter(agency=agency, state=MatterImport.State.DONE).order_by("-pk")
    for before in done.values_list("mapping", flat=True)[:20]:
        if set(before) == set(table.columns):
            return {column: before[column] for column in table.columns}
    mapping = by_name(table.columns, matter_named)
    for column in table.columns:
        if not mapping[column]:
            mapping[column] = by_content(table.values(column), set(mapping.values()), CONTENT)
    for target in ("name", "material"):
        if target not in mapping.values():
            _guess(table, mapping, target)
    return mapping


def _guess(table: SourceTable, mapping: dict[str, str], target: str) -> None:
    """The first column of words that says nothing else; materials repeat themselves less than anything."""
    for column in table.columns:
        values = table.values(column)
        long = sum(1 for value in values if len(value) > 2 and not value.isascii())
        if not mapping[column] and values and long >= SHARE * len(values):
            mapping[column] = target
            return


def preview_matters(
    job: MatterImport, mapping: Mapping[str, str], *, by: User, table: SourceTable | None = None
) -> MatterPreview:
    """Read the whole file under a mapping and tell what would become of each matter; changes nothing.

    ``table``: the file, where it was read already.
    """
    table = table or read_matters(job)
    rows = list(_reader(job, mapping, by).rows(table))
    numbers: Counter[str] = Counter()
    gone, first = 0, list[MatterRow]()
    problems = [problem for row in rows for problem in row.problems]
    for batch in _batches(iter(rows)):
        for outcome in matter_outcomes(job.agency, batch):
            numbers[outcome.kind] += 1
            gone += len(outcome.gone)
            if outcome.kind != REFUSED:
                first += [outcome.row][: 5 - len(first)]
            elif not outcome.row.is_refused:
                problems += [Problem(**told) for told in outcome.refusals]
    return MatterPreview(
        rows=len(rows),
        lines=len(table.rows),
        materials=sum(len(row.materials or ()) for row in rows),
        created=numbers[CREATED],
        updated=numbers[UPDATED],
        unchanged=numbers[UNCHANGED],
        refused=numbers[REFUSED],
        gone=gone,
        problems=tuple(sorted(problems, key=lambda one: one.line)),
        first=tuple(first),
    )


def _reader(job: MatterImport, mapping: Mapping[str, str], by: User) -> MatterReader:
    delivers = has_role(by, job.agency, Role.APPROVER) or (is_system(by) and acts_for(by, job.agency))
    return MatterReader(mapping, agency=job.agency, may_except=delivers)


def _batches(rows: Iterator[MatterRow]) -> Iterator[list[MatterRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def look_ahead_at_matters(*, import_id: int, by: User, mapping: Mapping[str, str]) -> MatterPreview | None:
    """What an import would do, of one that can begin: a long look at the file, for which nobody has to wait.

    Raises RuleBroken where the mapping cannot be.
    """
    landed = MatterImport.objects.select_related("agency").filter(pk=import_id).first()
    if landed is None or landed.state != MatterImport.State.MAPPING:
        return None
    MATTER_POLICY.require(by, "import-matters", landed.agency)
    check_matter_mapping(landed, mapping)
    return preview_matters(landed, mapping, by=by)


@transaction.atomic
def keep_matter_mapping(*, import_id: int, by: User, mapping: Mapping[str, str]) -> None:
    """Keep how whoever imports understands the columns meanwhile; nothing is imported, and it is no act."""
    job = _lock(import_id)
    MATTER_POLICY.require(by, "import-matters", job.agency)
    if job.state == MatterImport.State.MAPPING and set(mapping) == set(job.columns):
        job.mapping = dict(mapping)
        job.save(update_fields=["mapping"])


def begin_matter_import(
    *,
    import_id: int,
    by: User,
    at: dt.datetime,
    mapping: Mapping[str, str],
    take_good_rows: bool = False,
    seen: MatterPreview | None = None,
) -> MatterImport:
    """Confirm the mapping and let the import begin; ``run_matter_import`` carries it out.

    Rows with problems stand against the whole import unless ``take_good_rows``. ``seen``: what
    ``look_ahead_at_matters`` gave for just this, before the transaction of the caller.
    """
    seen = seen or look_ahead_at_matters(import_id=import_id, by=by, mapping=mapping)
    with transaction.atomic():
        job = _lock(import_id)
        MATTER_POLICY.require(by, "import-matters", job.agency)
        if job.state != MatterImport.State.MAPPING or seen is None:
            message = "这次导入已经开始，不能再改对应关系。如需更正，请重新上传文件，同一事项会被更新。"
            raise WrongState(message, basis=NO_REPEAT)
        _check_rows(seen, take_good_rows)
        job.mapping, job.take_good_rows, job.by = dict(mapping), take_good_rows, by
        job.state, job.seen_at, job.rows_read = MatterImport.State.WAITING, at, seen.rows
        job.save(update_fields=["mapping", "take_good_rows", "by", "state", "seen_at", "rows_read"])
        payload = {"rows": seen.rows, "refused": seen.refused, "sha256": job.sha256, "agency": job.agency.code}
        record(job, "import-matters", by=by, at=at, basis=NO_REPEAT, payload=payload)
    return job


def _lock(import_id: int) -> MatterImport:
    jobs = MatterImport.objects.select_for_update(of=("self",)).select_related("agency", "by")
    found = jobs.filter(pk=import_id).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def check_matter_mapping(job: MatterImport, mapping: Mapping[str, str]) -> None:
    """Raise RuleBroken where the mapping names what is not there, a target twice, or no name."""
    foreign = [column for column in mapping if column not in job.columns]
    unknown = [target for target in mapping.values() if target and target not in TARGETS]
    taken = [target for target in mapping.values() if target]
    twice = sorted({target for target in taken if taken.count(target) > 1})
    message = ""
    if foreign:
        message = f"文件里没有这些列：{'、'.join(foreign)[:200]}。请改正对应关系。"
    elif unknown:
        message = f"没有这些要素：{'、'.join(unknown)[:200]}。可以选的是：{'、'.join(TARGETS)}。"
    elif twice:
        names = "、".join(TARGETS[target] for target in twice)
        message = f"有不止一列对应到「{names}」。请只保留一列，其余改为「不导入」。"
    elif "name" not in taken:
        message = "还没有指明哪一列是事项名称。请选择后再导入。"
    if message:
        raise RuleBroken(message, basis=NO_REPEAT, fields={"mapping": message})


def _check_rows(seen: MatterPreview, take_good_rows: bool) -> None:
    if seen.refused == seen.rows:
        raise RuleBroken("没有一个事项可以导入。请核对各列的对应关系，或者改正文件后重新上传。", basis=NO_REPEAT)
    if seen.refused and not take_good_rows:
        message = (
            f"有 {seen.refused} 个事项不能导入，因此什么都没有导入。"
            "请改正文件后重新上传，或者勾选「有问题的不导入，其余照常导入」。"
        )
        raise RuleBroken(message, basis=NO_REPEAT, fields={"take_good_rows": message})


def run_matter_import(
    import_pk: int, *, at: dt.datetime, clock: Callable[[], dt.datetime] | None = None
) -> MatterImport:
    """Carry out a confirmed import in batches, each in its own transaction. Called by the worker; safe to repeat."""
    clock = clock or (lambda: at)
    is_mine = claim(MatterImport.objects.all(), import_pk, at=at)
    job = MatterImport.objects.select_related("agency", "by").get(pk=import_pk)
    if not is_mine:
        return job
    try:
        table = read_matters(job)
    except (RuleBroken, OSError) as broken:
        return _end(job, MatterImport.State.FAILED, str(broken), at=clock())
    rows = _reader(job, job.mapping, job.by).rows(table)
    done = list(islice(rows, job.rows_done))  # what an earlier worker committed; read again for its keys
    del done
    for batch in _batches(rows):
        _take_batch(job, batch, at=clock())
    _look(job, clock)
    return _end(job, MatterImport.State.DONE, "", at=clock())


@transaction.atomic
def _take_batch(job: MatterImport, batch: Sequence[MatterRow], *, at: dt.datetime) -> None:
    """The matters and the job's figures commit together, so that a broken worker neither loses nor doubles a row."""
    outcomes: list[MatterOutcome] = matter_outcomes(job.agency, batch)
    carry_out(job.agency, outcomes, by=job.by, at=at)
    for outcome in outcomes:
        setattr(job, outcome.kind, getattr(job, outcome.kind) + 1)
        job.refusals.extend(dict(told) for told in outcome.refusals[: MOST_KEPT - len(job.refusals)])
    job.rows_done += len(batch)
    job.seen_at = at
    job.save(update_fields=["created", "updated", "unchanged", "refused", "refusals", "rows_done", "seen_at"])


def _look(job: MatterImport, clock: Callable[[], dt.datetime]) -> None:
    """Hold the materials that are new against the catalogue; a worker that takes over goes on with what is left."""
    waiting = names_waiting().count()
    job.names_found = job.names_looked + waiting
    job.save(update_fields=["names_found"])
    for number in looking_for_waiting(at=clock(), most=waiting):
        job.names_looked, job.seen_at = job.names_looked + number, clock()
        job.save(update_fields=["names_looked", "seen_at"])


@transaction.atomic
def _end(job: MatterImport, state: str, message: str, *, at: dt.datetime) -> MatterImport:
    settle(names=_names_to_settle(job.agency), agency=job.agency, by=job.by, at=at)
    job.state, job.message, job.finished_at, job.seen_at = state, message, at, at
    job.save(update_fields=["state", "message", "finished_at", "seen_at"])
    figures = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "refused")}
    payload = {"state": str(state), **figures}
    record(job, "import-matters-end", by=job.by, at=at, basis=NO_REPEAT, payload=payload)
    told = f"新建 {job.created} 个事项，更新 {job.updated} 个，没有变化 {job.unchanged} 个，没有导入 {job.refused} 个。"
    tell(
        [job.by],
        agency=job.agency,
        about=job,
        kind="sharing",
        key=f"matter-import:{job.pk}",
        title=f"事项导入{job.get_state_display()}：{job.file_name}",
        body=message or told,
        path=job.get_absolute_url(),
        at=at,
        basis=NO_REPEAT,
        weight=Weight.REMINDER,
    )
    return job


def _names_to_settle(agency: Agency) -> set[int]:
    """Materials that something supplies, and those that the agency has to mend."""
    running = MaterialMending.objects.filter(agency=agency, closed_on=None).values_list("name", flat=True)
    return {*supplies_in_force().values_list("name", flat=True), *running}


def requeue_stale_matter_imports(at: dt.datetime) -> list[int]:
    """Imports whose worker fell silent, or whose message was lost, wait again; returns them for the caller to queue."""
    given_up = "多次没有处理完毕，请联系平台管理员。已导入的事项都在。"
    return requeue(MatterImport.objects.all(), at, lambda job: _end(job, MatterImport.State.FAILED, given_up, at=at))
