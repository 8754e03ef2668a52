"""Opening a judged plan to the public, and taking a data set back (第十八条、第十九条第二款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, record
from guiyang_data.notices.services import tell_agency
from opendata import policies
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from opendata.services.finding import index_dataset, remove_dataset
from opendata.services.locking import lock_dataset, lock_plan, require_openable
from opendata.services.planning import is_still_cleared
from opendata.workflow import CONFIDENTIALITY, DATASET_WORKFLOW, PROACTIVELY, WORKFLOW, PlanStatus

State = PublishJob.State


@transaction.atomic
def publish(*, plan_id: int, by: User, at: dt.datetime) -> PublishJob:
    """Have a cleared plan carried out on the current data (第十九条第二款); ``run_publish`` does the work.

    The face queues the job on commit. Asked again while a job waits or runs, gives that job.
    """
    plan = lock_plan(plan_id)
    policies.require(by, "publish", plan)
    WORKFLOW.target("publish", plan.status)
    require_openable(plan.entry)
    require_cleared(plan)
    dataset = OpenDataset.objects.filter(entry=plan.entry).first()
    if dataset is not None and dataset.is_withdrawn:
        policies.require(by, "republish", dataset)
    return ask_for_job(plan, by=by, at=at)


def require_cleared(plan: OpeningPlan) -> None:
    """Raise unless a second person found the plan fit, and it still is what they judged."""
    if not plan.is_cleared or plan.review is None:
        state = "没有通过" if plan.is_turned_down else "还没有作出结论"
        raise WrongState(f"保密审查{state}，不能开放数据。请先完成保密审查。", basis=CONFIDENTIALITY)
    if policies.same_person(plan.review.decided_by, plan.compiled_by):
        raise RuleBroken(
            "这份方案由编制人自己作出审查结论，不能据此开放。请修改方案后交由第二人审查。", basis=CONFIDENTIALITY
        )
    if not is_still_cleared(plan, plan.entry):
        raise RuleBroken(
            "审查之后目录的信息项或者共享开放属性已经变动，原审查结论不再适用。请按现行目录重新编制方案并提请审查。",
            basis=CONFIDENTIALITY,
        )


def ask_for_job(plan: OpeningPlan, *, by: User | None, at: dt.datetime) -> PublishJob:
    """The job that opens the current data as planned; one that failed is tried anew."""
    source = plan.entry.current_data
    if source is None:
        raise RuleBroken("这一条目还没有汇聚数据，没有可以开放的内容。请先上传数据。", basis=PROACTIVELY)
    job, made = PublishJob.objects.get_or_create(plan=plan, source=source, defaults={"by": by, "asked_at": at})
    if made:
        return job
    if job.state == State.DONE:
        raise WrongState(
            "现行数据已经按这份方案开放，不需要再次开放。数据更新后会自动开放新的版本。", basis=PROACTIVELY
        )
    if job.state == State.FAILED:
        job.state, job.by, job.asked_at, job.message = State.WAITING, by, at, ""
        job.tries, job.progress, job.finished_at = 0, 0, None
        job.save()
    return job


@transaction.atomic
def withdraw_dataset(*, dataset_id: int, by: User, at: dt.datetime, reasons: str) -> OpenDataset:
    """Take a data set back from the public, with reasons that the public reads (第十八条第一款)."""
    dataset = lock_dataset(dataset_id)
    policies.require(by, "withdraw-dataset", dataset)
    DATASET_WORKFLOW.target("withdraw-dataset", dataset.status)
    if not reasons.strip():
        message = "请写明撤回的理由。公众会在数据集的页面看到它。"
        raise RuleBroken(message, basis=DATASET_WORKFLOW["withdraw-dataset"].basis, fields={"reasons": message})
    take_down(dataset, by=by, at=at, reasons=reasons.strip())
    return dataset


def take_down(dataset: OpenDataset, *, by: Actor, at: dt.datetime, reasons: str) -> None:
    """Take a locked data set from the public site."""
    dataset.status = DATASET_WORKFLOW.target("withdraw-dataset", dataset.status)
    dataset.withdrawn_at, dataset.withdrawal_reasons = at, reasons
    dataset.save(update_fields=["status", "withdrawn_at", "withdrawal_reasons"])
    remove_dataset(dataset)
    basis = DATASET_WORKFLOW["withdraw-dataset"].basis
    record(dataset.entry, "withdraw-dataset", by=by, at=at, basis=basis, payload={"dataset": dataset.slug})
    tell_agency(
        dataset.entry.provider,
        [Role.DATA_STEWARD],
        about=dataset.entry,
        kind="opendata",
        key=f"opendata-withdrawn:{dataset.pk}:{at.isoformat()}",
        title=f"开放数据已撤回：{dataset.title}",
        body=reasons,
        path=f"/desk/opening/datasets/{dataset.pk}/",
        at=at,
        basis=basis,
    )


@transaction.atomic
def republish(*, dataset_id: int, by: User, at: dt.datetime) -> OpenDataset:
    """Put a withdrawn data set back on the public site as it stood (第十九条第二款)."""
    dataset = lock_dataset(dataset_id)
    policies.require(by, "republish", dataset)
    DATASET_WORKFLOW.target("republish", dataset.status)
    require_openable(dataset.entry)
    plan = _plan_of(dataset)
    if dataset.current is None or plan is None or not is_still_cleared(plan, dataset.entry):
        raise RuleBroken("目录已经变动，原来的开放方案不再适用。请重新编制方案并提请保密审查。", basis=CONFIDENTIALITY)
    stand_again(dataset, at=at)
    basis = DATASET_WORKFLOW["republish"].basis
    record(dataset.entry, "republish", by=by, at=at, basis=basis, payload={"dataset": dataset.slug})
    index_dataset(dataset)
    return dataset


def stand_again(dataset: OpenDataset, *, at: dt.datetime) -> None:
    """A locked data set stands on the public site (again)."""
    dataset.status = DATASET_WORKFLOW.target("republish", dataset.status)
    dataset.withdrawn_at, dataset.withdrawal_reasons, dataset.updated_at = None, "", at
    dataset.save(update_fields=["status", "withdrawn_at", "withdrawal_reasons", "updated_at"])


def _plan_of(dataset: OpenDataset) -> OpeningPlan | None:
    plans = OpeningPlan.objects.select_related("revision", "review")
    return plans.filter(entry=dataset.entry_id, status=PlanStatus.PUBLISHED).first()


def describe(dataset: OpenDataset, entry: CatalogEntry) -> None:
    """What the public reads about a data set is what the catalogue in force says."""
    revision = entry.revision_in_force
    dataset.title, dataset.abstract, dataset.keywords = revision.title, revision.abstract, revision.keywords
    dataset.field, dataset.update_cycle = revision.field, revision.update_cycle
    dataset.provider_name, dataset.provider_code = entry.provider.name, entry.provider.code
    dataset.region_code = entry.provider.region_id


def count_download(dataset: OpenDataset) -> None:
    """One more download; a number for the page, no record of who."""
    OpenDataset.objects.filter(pk=dataset.pk).update(downloads=F("downloads") + 1)
