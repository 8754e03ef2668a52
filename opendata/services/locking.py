"""Rows locked for an act, always the entry before its plans and data set."""

from __future__ import annotations

from catalog.models import CatalogEntry
from catalog.services.locking import lock_entry
from guiyang_data.errors import NotSeen, RuleBroken
from opendata.models import OpenDataset, OpeningPlan
from opendata.workflow import OPEN_ALL

NO_PLAN = "没有找到这份开放方案，或者您不能查看。请返回「开放」清单重新选择。"
NO_DATASET = "没有找到这个数据集，它可能已经撤回。请返回数据目录重新查找，或者申请开放您需要的数据。"


def lock_plan(plan_id: int) -> OpeningPlan:
    """The plan with its entry, revision and review, locked until the transaction ends."""
    entry_id = OpeningPlan.objects.filter(pk=plan_id).values_list("entry", flat=True).first()
    if entry_id is None:
        raise NotSeen(NO_PLAN)
    entry = lock_with_catalogue(entry_id)
    plans = OpeningPlan.objects.select_for_update(of=("self",))
    plan = plans.select_related("revision", "review__decided_by", "compiled_by").get(pk=plan_id)
    plan.entry = entry
    return plan


def lock_with_catalogue(entry_id: int) -> CatalogEntry:
    """The entry locked, with what its catalogue and its data now are."""
    lock_entry(entry_id)
    return CatalogEntry.objects.select_related("provider", "in_force", "current_data__revision").get(pk=entry_id)


def lock_dataset(dataset_id: int) -> OpenDataset:
    """The data set and its entry, locked until the transaction ends."""
    entry_id = OpenDataset.objects.filter(pk=dataset_id).values_list("entry", flat=True).first()
    if entry_id is None:
        raise NotSeen(NO_DATASET)
    entry = lock_with_catalogue(entry_id)
    dataset = OpenDataset.objects.select_for_update(of=("self",)).get(pk=dataset_id)
    dataset.entry = entry
    return dataset


def require_openable(entry: CatalogEntry) -> None:
    """Only what the catalogue in force says is open may open; the catalogue comes first (第十一条、第十八条)."""
    if entry.in_force is None:
        raise RuleBroken("这一条目没有已公布的目录，不能开放。请先完成目录的审核和审定。", basis=OPEN_ALL)
    if not entry.in_force.is_open:
        raise RuleBroken(
            "现行目录把这一条目列为不开放。请先修订目录，改为向社会开放，经审定公布后再编制开放方案。",
            basis=OPEN_ALL,
        )
    if entry.frozen_at is not None:
        raise RuleBroken("这一条目因安全原因被冻结，冻结期间不能开放。解除冻结后再办理。", basis=OPEN_ALL)
