"""Opening plans and open data sets in every state, made by the acts themselves. Plain functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import CatalogEntry
from catalog.services import ItemSpec
from guiyang_data.accounts.models import Agency
from opendata import services
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from tests.factories.catalog import AT, ITEMS, ROWS, approver_of, entry_in_force, steward_of
from tests.remembering import remembered

PEOPLE_ITEMS = (
    ItemSpec(name="编号", code="number", data_type="C", length=10, required=True, is_key=True),
    ItemSpec(name="姓名", code="name", data_type="C", length=40, sensitivity="direct"),
    ItemSpec(name="手机号码", code="phone", data_type="C", length=20, sensitivity="direct"),
    ItemSpec(name="性别", code="sex", data_type="C", length=4, sensitivity="quasi"),
    ItemSpec(name="补助金额", code="amount", data_type="Y", unit="元"),
)
"""Information about persons: two direct identifiers, one quasi-identifier."""
PEOPLE_TECHNIQUES: dict[str, dict[str, Any]] = {
    "number": {"technique": "suppress"},
    "name": {"technique": "mask", "keep_first": 1},
    "phone": {"technique": "mask", "keep_first": 3, "keep_last": 4},
    "amount": {"technique": "round", "step": 100},
}


def people_rows(count: int = 50) -> list[dict[str, str]]:
    """Made-up persons, half of them of each sex: classes of ``count`` / 2."""
    return [
        {
            "编号": f"P{number:04d}",
            "姓名": f"王示{'一二三四五六七八九十'[number % 10]}",
            "手机号码": f"1380000{number:04d}",
            "性别": "男" if number % 2 else "女",
            "补助金额": f"{300 + number}.50",
        }
        for number in range(count)
    ]


@remembered
def drafted_plan(
    entry: CatalogEntry, *, at: dt.datetime = AT, techniques: Mapping[str, Mapping[str, Any]] | None = None
) -> OpeningPlan:
    """A plan drawn up by the provider's steward."""
    return services.plan_opening(entry_id=entry.pk, by=steward_of(entry.provider), at=at, techniques=techniques)


@remembered
def submitted_plan(entry: CatalogEntry, *, at: dt.datetime = AT, **arguments: Any) -> OpeningPlan:
    """A plan that waits for the second person."""
    plan = drafted_plan(entry, at=at, **arguments)
    return services.submit_plan(plan_id=plan.pk, by=steward_of(entry.provider), at=at)


@remembered
def cleared_plan(entry: CatalogEntry, *, at: dt.datetime = AT, **arguments: Any) -> OpeningPlan:
    """A plan that a second person found fit."""
    plan = submitted_plan(entry, at=at, **arguments)
    return services.decide_plan(plan_id=plan.pk, passed=True, by=approver_of(entry.provider), at=at)


@remembered
def refused_plan(entry: CatalogEntry, *, at: dt.datetime = AT, **arguments: Any) -> OpeningPlan:
    """A plan that a second person found unfit."""
    plan = submitted_plan(entry, at=at, **arguments)
    return services.decide_plan(
        plan_id=plan.pk, passed=False, by=approver_of(entry.provider), at=at, opinion="长度一项涉及在建线路，请不开放。"
    )


@remembered
def waiting_job(entry: CatalogEntry, *, at: dt.datetime = AT, **arguments: Any) -> PublishJob:
    """A cleared plan whose opening was asked for; the worker has not begun."""
    plan = cleared_plan(entry, at=at, **arguments)
    return services.publish(plan_id=plan.pk, by=steward_of(entry.provider), at=at)


@remembered
def carried_out(entry: CatalogEntry, *, at: dt.datetime = AT, **arguments: Any) -> OpenDataset:
    """The entry, open: planned, judged, made and published."""
    job = waiting_job(entry, at=at, **arguments)
    done = services.run_publish(job.pk, at=at)
    assert done.state == PublishJob.State.DONE, done.message
    return OpenDataset.objects.select_related("current", "entry__provider").get(entry=entry)


@remembered
def dataset_open(
    provider: Agency,
    *,
    items: Sequence[ItemSpec] = ITEMS,
    rows: Sequence[Mapping[str, str]] = ROWS,
    techniques: Mapping[str, Mapping[str, Any]] | None = None,
    at: dt.datetime = AT,
    **changed: Any,
) -> OpenDataset:
    """An open data set of the provider, from its catalogue entry on. ``changed``: elements other than the usual."""
    entry = entry_in_force(provider, items=items, rows=rows, at=at, is_open=True, **changed)
    return carried_out(entry, at=at, techniques=techniques)


@remembered
def people_entry(provider: Agency, *, count: int = 50, at: dt.datetime = AT, **changed: Any) -> CatalogEntry:
    """An entry in force about persons, with its data."""
    return entry_in_force(provider, items=PEOPLE_ITEMS, rows=people_rows(count), at=at, is_open=True, **changed)


@remembered
def dataset_withdrawn(provider: Agency, *, at: dt.datetime = AT, **arguments: Any) -> OpenDataset:
    """A data set that was taken back."""
    dataset = dataset_open(provider, at=at, **arguments)
    return services.withdraw_dataset(
        dataset_id=dataset.pk, by=approver_of(provider), at=at, reasons="数据有误，正在校核。"
    )
