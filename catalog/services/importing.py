"""Importing another catalogue into drafts of an agency: landed, mapped, previewed, then one act for each row."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.core.files.base import File
from django.db import transaction

from catalog import policies
from catalog.models import CatalogImport, Category
from catalog.selectors import assignable_categories
from catalog.services.compiling import Draft, compile_entries, edit_revision, revise
from catalog.services.import_deciding import Preview, check_answers, check_mapping
from catalog.services.import_entries import DraftRow, Problem, Surroundings
from catalog.services.import_files import SourceTable, read_catalogue
from catalog.services.import_jobs import claim, requeue
from catalog.services.import_matching import propose
from catalog.services.import_outcomes import (
    CREATED,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Outcome,
    batches,
    counted,
    foreseen,
    note_alike,
    outcomes,
    refused_whole,
)
from catalog.services.import_rows import Reader
from catalog.services.landing import land
from catalog.workflow import COMPILE, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import DomainError, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, NamedActor, record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell

Clock = Callable[[], dt.datetime]
MOST_KEPT = 2000
"""How many refused rows the job's row keeps; the rest are counted."""


def start_import(*, provider: Agency, uploaded: File, by: User, at: dt.datetime, file_name: str = "") -> CatalogImport:
    """Land a catalogue and propose which column is which element. Nothing is imported yet."""
    job, _table = land_catalogue(provider=provider, uploaded=uploaded, by=by, at=at, file_name=file_name)
    job.save(force_insert=True)
    return job


def land_catalogue(
    *, provider: Agency, uploaded: File, by: User | NamedActor, at: dt.datetime, file_name: str = ""
) -> tuple[CatalogImport, SourceTable]:
    """The file in its place, read once without holding a lock; the row that tells of it is not saved yet."""
    policies.require(by, "import", provider)
    landed = land(uploaded, folder="imports", file_name=file_name)
    job = CatalogImport(
        provider=provider,
        by=by if isinstance(by, User) else None,
        file_name=landed.file_name,
        landed_at=landed.path,
        size=landed.size,
        sha256=landed.sha256,
        received_at=at,
    )
    try:
        table = read_catalogue(job.landed, job.file_name)
    except RuleBroken:
        job.landed.unlink(missing_ok=True)
        raise
    job.columns, job.rows_read = list(table.columns), len(table.rows)
    job.mapping = propose(table, _remembered(provider, table))
    return job, table


def _remembered(provider: Agency, table: SourceTable) -> dict[str, str] | None:
    """How the agency had a file with the same columns understood the last time."""
    done = CatalogImport.objects.filter(provider=provider, state=CatalogImport.State.DONE).order_by("-pk")
    mappings = done.values_list("mapping", flat=True)[:20]
    return next((mapping for mapping in mappings if set(mapping) == set(table.columns)), None)


def preview(
    job: CatalogImport,
    mapping: Mapping[str, str],
    defaults: Mapping[str, Any],
    *,
    table: SourceTable | None = None,
    keep_codes: bool = False,
) -> Preview:
    """Read the whole file under a mapping and tell what would become of each entry; changes nothing.

    ``table``: the file, where it was read already.
    """
    table = table or read_catalogue(job.landed, job.file_name)
    rows = list(_reader(job, mapping, defaults, keep_codes=keep_codes).rows(table))
    found = list(foreseen(job.provider, rows))
    note_alike(job.provider, found)
    silent = Counter(name for outcome in found if outcome.kind == CREATED for name in outcome.row.left_to_defaults())
    numbers = counted(found)
    by_state = (
        Problem(**told)
        for outcome in found
        if outcome.kind == REFUSED and not outcome.row.is_refused
        for told in outcome.refusals
    )
    problems = sorted([*(problem for row in rows for problem in row.problems), *by_state], key=lambda one: one.line)
    marked = Counter(each for outcome in found for each in outcome.proposed.items())
    changing = (outcome for outcome in found if outcome.kind in {CREATED, UPDATED})
    return Preview(
        rows=len(rows),
        lines=len(table.rows),
        items=sum(len(row.items or ()) for row in rows),
        created=numbers[CREATED],
        updated=numbers[UPDATED],
        unchanged=numbers[UNCHANGED],
        refused=numbers[REFUSED],
        problems=tuple(problems),
        first=tuple(islice(changing, 5)),
        defaulted=dict(silent),
        proposed=tuple((name, mark, number) for (name, mark), number in marked.most_common()),
    )


def begin_import(
    *,
    import_id: int,
    by: User,
    at: dt.datetime,
    mapping: Mapping[str, str],
    defaults: Mapping[str, Any],
    take_good_rows: bool = False,
    seen: Preview | None = None,
) -> CatalogImport:
    """Confirm the mapping and let the import begin; ``run_import`` carries it out.

    ``defaults``: elements for what the file does not say, ``category`` (a code) among them. Rows with problems stand
    against the whole import unless ``take_good_rows``. ``seen``: what ``look_ahead`` gave for just this, before the
    transaction of the caller.
    """
    seen = seen or look_ahead(import_id=import_id, by=by, mapping=mapping, defaults=defaults)
    with transaction.atomic():
        job = _lock(import_id)
        policies.require(by, "import", job.provider)
        if job.state != CatalogImport.State.MAPPING or seen is None:
            raise WrongState(
                "这次导入已经开始，不能再改对应关系。如需更正，请重新上传文件，同一条目会被更新。", basis=COMPILE
            )
        check_answers(seen, defaults, take_good_rows=take_good_rows)
        return confirm(job, by=by, at=at, mapping=mapping, defaults=defaults, take_good_rows=take_good_rows, seen=seen)


@transaction.atomic
def keep_mapping(*, import_id: int, by: User, mapping: Mapping[str, str], defaults: Mapping[str, Any]) -> None:
    """Keep how whoever imports understands the columns meanwhile; nothing is imported, and it is no act."""
    job = _lock(import_id)
    policies.require(by, "import", job.provider)
    if job.state == CatalogImport.State.MAPPING and set(mapping) == set(job.columns):
        job.mapping, job.defaults = dict(mapping), dict(defaults)
        job.save(update_fields=["mapping", "defaults"])


def look_ahead(*, import_id: int, by: User, mapping: Mapping[str, str], defaults: Mapping[str, Any]) -> Preview | None:
    """What an import would do, of one that can begin: a long look at the file, for which nobody has to wait.

    Raises RuleBroken where the mapping cannot be.
    """
    landed = CatalogImport.objects.select_related("provider").filter(pk=import_id).first()
    if landed is None or landed.state != CatalogImport.State.MAPPING:
        return None
    policies.require(by, "import", landed.provider)
    check_mapping(landed, mapping)
    return preview(landed, mapping, defaults)


def confirm(
    job: CatalogImport,
    *,
    by: Actor,
    at: dt.datetime,
    mapping: Mapping[str, str],
    defaults: Mapping[str, Any],
    take_good_rows: bool,
    seen: Preview,
) -> CatalogImport:
    """Let the import of a saved job begin, after all that stands against it was looked for."""
    job.mapping, job.defaults = dict(mapping), dict(defaults)
    job.take_good_rows, job.state, job.seen_at = take_good_rows, CatalogImport.State.WAITING, at
    job.rows_read, job.defaulted = seen.rows, dict(seen.defaulted)
    job.save(update_fields=["mapping", "defaults", "take_good_rows", "state", "seen_at", "rows_read", "defaulted"])
    payload: dict[str, Any] = {"rows": seen.rows, "refused": seen.refused, "sha256": job.sha256}
    payload |= {"provider": job.provider.code, "defaults": {name: defaults.get(name) for name in seen.defaulted}}
    record(job, "import", by=by, at=at, basis=COMPILE, payload=payload)
    return job


def _lock(import_id: int) -> CatalogImport:
    jobs = CatalogImport.objects.select_for_update(of=("self",)).select_related("provider", "by")
    found = jobs.filter(pk=import_id).first()
    if found is None:
        raise NotSeen("没有找到这次导入，或者您不能查看。请返回导入页面。")
    return found


def run_import(
    import_pk: int,
    *,
    at: dt.datetime,
    clock: Clock | None = None,
    table: SourceTable | None = None,
    keep_codes: bool = False,
) -> CatalogImport:
    """Carry out a confirmed import in batches, each in its own transaction. Called by the worker; safe to repeat."""
    clock = clock or (lambda: at)
    is_mine = claim(CatalogImport.objects.all(), import_pk, at=at)
    job = CatalogImport.objects.select_related("provider", "by").get(pk=import_pk)
    if not is_mine:
        return job
    try:
        table = table or read_catalogue(job.landed, job.file_name)
    except (RuleBroken, OSError) as broken:
        return _end(job, CatalogImport.State.FAILED, str(broken), at=clock())
    defaults = job.defaults | {"category": Category.objects.get(pk=job.defaults["category"])}
    rows = _reader(job, job.mapping, defaults, keep_codes=keep_codes).rows(table)
    done = list(islice(rows, job.rows_done))  # what an earlier worker committed; read again for its keys
    del done
    for batch in batches(rows):
        _take_batch(job, batch, at=clock())
    return _end(job, CatalogImport.State.DONE, "", at=clock())


def _reader(job: CatalogImport, mapping: Mapping[str, str], defaults: Mapping[str, Any], *, keep_codes: bool) -> Reader:
    found = list(assignable_categories().order_by("-code"))  # of several with one name the first
    categories = {category.name: category for category in found} | {category.pk: category for category in found}
    agencies = list(Agency.objects.values_list("pk", "code", "name"))
    own = (job.provider.code, job.provider.name)
    known = Surroundings(
        provider_code=job.provider.code,
        categories=categories,
        agencies={code: name for _pk, code, name in agencies},
        collectors={word: pk for pk, code, name in agencies for word in (name, code)} | dict.fromkeys(own),
    )
    return Reader(mapping, defaults, source=job.file_name, surroundings=known, keep_codes=keep_codes)


@transaction.atomic
def _take_batch(job: CatalogImport, batch: Sequence[DraftRow], *, at: dt.datetime) -> None:
    """The acts and the job's figures commit together, so that a broken worker neither loses nor doubles a row.

    Of one agency one batch after the other: two imports that know nothing of each other would make an entry twice.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=job.provider_id)
    foretold = outcomes(job.provider, batch)
    new = [outcome for outcome in foretold if outcome.kind == CREATED]
    compiled = dict(zip(map(id, new), _compiled(job, new, at=at), strict=True))
    for outcome in foretold:
        done = compiled[id(outcome)] if outcome.kind == CREATED else _updated(job, outcome, at=at)
        setattr(job, done.kind, getattr(job, done.kind) + 1)
        job.refusals.extend(dict(told) for told in done.refusals[: MOST_KEPT - len(job.refusals)])
    job.rows_done += len(batch)
    job.seen_at = at
    job.save(update_fields=["created", "updated", "unchanged", "refused", "refusals", "rows_done", "seen_at"])


def _compiled(job: CatalogImport, new: Sequence[Outcome], *, at: dt.datetime) -> list[Outcome]:
    drafts = [
        Draft(
            elements=outcome.elements,
            items=outcome.items or (),
            source_key=outcome.row.key,
            resource_code=outcome.row.resource_code if outcome.row.keeps_code else "",
        )
        for outcome in new
    ]
    made = compile_entries(provider=job.provider, by=job.by, at=at, drafts=drafts)
    return [
        refused_whole(outcome.row, one.message) if isinstance(one, RuleBroken) else outcome
        for outcome, one in zip(new, made, strict=True)
    ]


def _updated(job: CatalogImport, foretold: Outcome, *, at: dt.datetime) -> Outcome:
    revision = foretold.revision
    if foretold.kind != UPDATED or revision is None:
        return foretold
    try:
        with transaction.atomic():
            if revision.status == RevisionStatus.IN_FORCE:
                revision = revise(entry_id=revision.entry_id, by=job.by, at=at)
            edit_revision(revision_id=revision.pk, by=job.by, at=at, elements=foretold.elements, items=foretold.items)
    except DomainError as refusal:
        return refused_whole(foretold.row, refusal.message)
    return foretold


@transaction.atomic
def _end(job: CatalogImport, state: str, message: str, *, at: dt.datetime) -> CatalogImport:
    job.state, job.message, job.finished_at, job.seen_at = state, message, at, at
    job.save(update_fields=["state", "message", "finished_at", "seen_at"])
    figures = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "refused")}
    record(job, "import-end", by=job.by, at=at, basis=COMPILE, payload={"state": str(state), **figures})
    told = f"新建 {job.created} 条，更新 {job.updated} 条，没有变化 {job.unchanged} 条，没有导入 {job.refused} 条。"
    tell(
        [job.by],
        agency=job.provider,
        about=job,
        kind="catalog",
        key=f"catalog-import:{job.pk}",
        title=f"目录导入{job.get_state_display()}：{job.file_name}",
        body=message or told,
        path=job.get_absolute_url(),
        at=at,
        basis=COMPILE,
        weight=Weight.REMINDER,
    )
    return job


def requeue_stale_imports(at: dt.datetime) -> list[int]:
    """Imports whose worker fell silent, or whose message was lost, wait again; returns them for the caller to queue."""
    given_up = "多次没有处理完毕，请联系平台管理员。已导入的条目都在。"
    return requeue(CatalogImport.objects.all(), at, lambda job: _end(job, CatalogImport.State.FAILED, given_up, at=at))
