"""The work behind an opening: a desensitized version is made of the current data, and then pinned."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import duckdb
from django.db import transaction
from django.utils import timezone

from catalog.models import InformationItem
from catalog.selectors import columns_of
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.services import tell, tell_agency
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Transformed, build_view, profile, stream_csv, stream_json, transform
from opendata.models import OpenDataset, OpeningPlan, PublishedVersion, PublishJob, open_table
from opendata.plans import detect_items, looked_up, order_of, plan_of, selection
from opendata.services.finding import index_dataset
from opendata.services.locking import lock_plan, require_openable
from opendata.services.planning import require_safe
from opendata.services.publishing import describe, require_cleared, stand_again
from opendata.workflow import WORKFLOW, PlanStatus

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]
State = PublishJob.State

SILENT = dt.timedelta(minutes=5)
"""How long a running job may show no progress before it counts as abandoned."""
UNFETCHED = dt.timedelta(minutes=2)
"""How long a job may wait before its message counts as lost."""
MOST_TRIES = 3
KEPT = "公众看到的仍是原来的版本。"


class NotOpened(Exception):
    """The data cannot open as planned; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A version that lies ready in the open rows."""

    written: Transformed
    columns: list[Column]
    files: dict[str, dict[str, Any]]
    profile: list[dict[str, Any]]


def run_publish(job_pk: int, *, at: dt.datetime, clock: Clock | None = None) -> PublishJob:
    """Make the desensitized version and open it. Called by the worker, never inside a transaction; safe to repeat.

    ``clock`` tells the worker's time for signs of life; without it everything happens at ``at``.
    """
    clock = clock or (lambda: at)
    job = _claim(job_pk, at=at)
    if job is None:
        return PublishJob.objects.get(pk=job_pk)
    try:
        made = _make(job, clock)
        return _pin(job, made, at=clock())
    except NotOpened as reason:
        return _fail(job, str(reason), at=clock())
    except DomainError as refused:
        return _fail(job, refused.message, at=clock())
    except (OSError, duckdb.IOException):
        logger.exception("publication %s failed", job.pk)
        return _fail(job, "平台存储出现故障，数据没有开放。请稍后重新开放。", at=clock())


@transaction.atomic
def _claim(job_pk: int, *, at: dt.datetime) -> PublishJob | None:
    """The job, marked as running for this worker; None where it is done, or another worker has it."""
    job = PublishJob.objects.select_for_update(of=("self",)).filter(pk=job_pk).first()
    if job is None or job.state != State.WAITING:
        return None
    job.state, job.seen_at, job.progress = State.RUNNING, at, 5
    job.tries += 1
    job.save(update_fields=["state", "seen_at", "tries", "progress"])
    jobs = PublishJob.objects.select_related(
        "plan__entry__provider", "plan__entry__current_data", "plan__revision", "source__revision", "by"
    )
    return jobs.get(pk=job_pk)


def _make(job: PublishJob, clock: Clock) -> Made:
    """Judge the data anew, since it may hold what the plan's data did not; then make the version."""
    plan, source = job.plan, job.source
    entry = plan.entry
    columns = columns_of(source.revision)
    detected = {
        **plan.detected,
        **{code: asdict(one) for code, one in detect_items(source.revision, entry.table, source.table_version).items()},
    }
    built = plan_of(entry, columns, plan.techniques, detected)
    faults = built.faults()
    if faults:
        raise NotOpened(f"新的数据与方案不符：{''.join(faults.values())}请修改方案后重新提请审查。")
    entry.current_data = source
    require_safe(plan, built, source)
    _show(job, 30, clock)
    chosen = selection(built, columns)
    table = open_table(entry.pk)
    table.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = transform(
            entry.table,
            source.table_version,
            table,
            select=chosen,
            load_id=str(job.load_id),
            order=order_of(built, entry),
        )
    except duckdb.ConversionException as error:
        raise NotOpened("有的值按所选的脱敏方法无法转换。请换一种方法后重新提请审查。") from error
    _show(job, 60, clock)
    build_view(table, written.version, looked_up=looked_up(built, source.revision))
    kept = [column for column, _sql in chosen]
    _show(job, 75, clock)
    files = {
        "csv": _measured(stream_csv(table, written.version, columns=kept)),
        "excel": _measured(stream_csv(table, written.version, columns=kept, for_excel=True)),
        "json": _measured(stream_json(table, written.version, columns=kept)),
    }
    _show(job, 90, clock)
    seen = profile(table, written.version, kept)
    shape = [{name: _plain(value) for name, value in asdict(column).items()} for column in seen.columns]
    return Made(written=written, columns=kept, files=files, profile=shape)


def _measured(parts: Iterator[bytes]) -> dict[str, Any]:
    """Size and checksum of a file as it is downloaded."""
    size, digest = 0, hashlib.sha256()
    for part in parts:
        size += len(part)
        digest.update(part)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if isinstance(value, dt.date):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _show(job: PublishJob, percent: int, clock: Clock) -> None:
    PublishJob.objects.filter(pk=job.pk, state=State.RUNNING).update(progress=percent, seen_at=clock())


@transaction.atomic
def _pin(job: PublishJob, made: Made, *, at: dt.datetime) -> PublishJob:
    """The short transaction: what the public is pinned to, the plan's state, the event."""
    plan = lock_plan(job.plan_id)
    locked = PublishJob.objects.select_for_update(of=("self",)).select_related("by").get(pk=job.pk)
    if locked.state != State.RUNNING:
        return locked
    require_openable(plan.entry)
    require_cleared(plan)
    status = WORKFLOW.target("publish", plan.status)
    _supersede(plan, at=at)
    plan.status, plan.updated_at = status, at
    plan.save(update_fields=["status", "updated_at"])
    dataset = _dataset_of(plan, locked, at=at)
    version = _version_of(dataset, locked, plan, made, at=at)
    dataset.current, dataset.updated_at = version, at
    dataset.save()
    locked.state, locked.progress, locked.finished_at, locked.seen_at = State.DONE, 100, at, at
    locked.message = ""
    locked.save()
    payload = {"dataset": dataset.slug, "version": version.number, "rows": version.rows, "plan": plan.pk}
    by = locked.by or PLATFORM
    record(plan.entry, "publish", by=by, at=at, basis=WORKFLOW["publish"].basis, payload=payload)
    index_dataset(dataset)
    return locked


def _supersede(plan: OpeningPlan, *, at: dt.datetime) -> None:
    before = OpeningPlan.objects.select_for_update().filter(entry=plan.entry, status=PlanStatus.PUBLISHED)
    for old in before.exclude(pk=plan.pk):
        old.status, old.updated_at = WORKFLOW.target("supersede-plan", old.status), at
        old.save(update_fields=["status", "updated_at"])


def _dataset_of(plan: OpeningPlan, job: PublishJob, *, at: dt.datetime) -> OpenDataset:
    """The entry's data set, made at its first opening."""
    entry = plan.entry
    dataset = OpenDataset.objects.select_for_update(of=("self",)).filter(entry=entry).first()
    if dataset is None:
        dataset = OpenDataset(entry=entry, slug=entry.resource_code.replace("/", "-"))
        dataset.published_on, dataset.updated_at = timezone.localdate(at), at
        describe(dataset, entry)
        dataset.save(force_insert=True)
        return dataset
    dataset.entry = entry
    describe(dataset, entry)
    if dataset.is_withdrawn:
        if job.by is None:
            raise NotOpened("数据集已经撤回，新的数据没有开放。如需重新开放，请由审批人办理。")
        stand_again(dataset, at=at)
    return dataset


def _version_of(
    dataset: OpenDataset, job: PublishJob, plan: OpeningPlan, made: Made, *, at: dt.datetime
) -> PublishedVersion:
    last = dataset.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return PublishedVersion.objects.create(
        dataset=dataset,
        number=last + 1,
        table_version=made.written.version,
        plan=plan,
        source=job.source,
        rows=made.written.rows,
        columns=described(made.columns, plan),
        profile=made.profile,
        files=made.files,
        made_at=at,
    )


def described(columns: Sequence[Column], plan: OpeningPlan) -> list[dict[str, Any]]:
    """The columns as the data dictionary shows them: names, types, units, meanings, and what was done to them.

    What the catalogue demands of values holds for those that are published as they are.
    """
    items = {item.code: item for item in plan.revision.items.all()}
    techniques: Mapping[str, Mapping[str, Any]] = plan.techniques
    return [
        {
            "name": column.name,
            "code": column.code,
            "data_type": str(column.data_type.value),
            "is_key": column.is_key,
            "unit": items[column.code].unit if column.code in items else "",
            "meaning": items[column.code].meaning if column.code in items else "",
            "technique": techniques.get(column.code, {}).get("technique", "keep"),
            **_demanded(items.get(column.code), techniques.get(column.code, {}).get("technique", "keep")),
        }
        for column in columns
    ]


def _demanded(item: InformationItem | None, technique: str) -> dict[str, Any]:
    if item is None or technique != "keep":
        return {}
    said = {"is_unique": item.is_unique, "minimum": item.minimum, "maximum": item.maximum, "code_list": item.code_list}
    return {name: value for name, value in said.items() if value}


@transaction.atomic
def _fail(job: PublishJob, message: str, *, at: dt.datetime) -> PublishJob:
    locked = PublishJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if locked.state != State.RUNNING:
        return locked
    kept = KEPT if OpenDataset.objects.filter(entry=job.plan.entry_id, current__isnull=False).exists() else ""
    locked.state, locked.message, locked.finished_at, locked.seen_at = State.FAILED, message + kept, at, at
    locked.save(update_fields=["state", "message", "finished_at", "seen_at"])
    plan = job.plan
    payload = {"plan": plan.pk, "data_version": job.source.number}
    basis = WORKFLOW["publish"].basis
    record(plan.entry, "publish-failed", by=job.by or PLATFORM, at=at, basis=basis, payload=payload)
    notice: dict[str, Any] = {
        "about": plan.entry,
        "kind": "opendata",
        "title": f"数据没有开放：{plan.revision.title}",
        "body": locked.message,
        "path": plan.get_absolute_url(),
        "at": at,
        "basis": basis,
    }
    key = f"opendata-job-failed:{job.pk}:{job.tries}:{at.isoformat()}"
    if job.by is not None:
        tell([job.by], key=key, agency=plan.entry.provider, **notice)
    else:
        tell_agency(plan.entry.provider, [Role.DATA_STEWARD], key=key, **notice)
    return locked


@transaction.atomic
def requeue_stale_jobs(at: dt.datetime) -> list[int]:
    """Jobs whose worker fell silent, or whose message was lost, wait again; returns them, to be queued by the caller.

    One that keeps breaking its worker is given up after the third time.
    """
    silent = PublishJob.objects.filter(state=State.RUNNING, seen_at__lt=at - SILENT).order_by("pk")
    for job in silent.select_for_update(of=("self",)).select_related(
        "plan__entry__provider", "plan__revision", "source", "by"
    ):
        if job.tries >= MOST_TRIES:
            _fail(job, "多次没有处理完毕，请联系大数据主管部门的平台管理员。", at=at)
            continue
        job.state, job.seen_at = State.WAITING, at
        job.save(update_fields=["state", "seen_at"])
    waiting = PublishJob.objects.filter(state=State.WAITING)
    lost = waiting.filter(asked_at__lt=at - UNFETCHED)
    return list(lost.order_by("pk").values_list("pk", flat=True))
