"""What follows for opened data when its entry changes below: new data, a revised or a withdrawn catalogue."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.services import tell_agency
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from opendata.services.finding import index_dataset
from opendata.services.locking import lock_dataset, lock_plan
from opendata.services.planning import is_still_cleared
from opendata.services.publishing import ask_for_job, describe, require_cleared, take_down
from opendata.workflow import DESENSITIZED, DatasetStatus, PlanStatus


@transaction.atomic
def open_new_data(*, entry_id: int, at: dt.datetime) -> PublishJob | None:
    """New data of an open entry opens by the plan already judged; None where there is nothing to do."""
    published = OpenDataset.objects.filter(entry=entry_id, status=DatasetStatus.PUBLISHED).exists()
    plan_id = (
        OpeningPlan.objects.filter(entry=entry_id, status=PlanStatus.PUBLISHED).values_list("pk", flat=True).first()
    )
    if not published or plan_id is None:
        return None
    plan = lock_plan(plan_id)
    try:
        require_cleared(plan)
        return ask_for_job(plan, by=None, at=at)
    except DomainError:
        # already open, or no longer cleared: the steward was told when the catalogue changed
        return None


@transaction.atomic
def follow_catalogue(*, entry_id: int, at: dt.datetime) -> None:
    """A revised catalogue: the data set says what it now says, or closes where it is listed as open no longer."""
    dataset = _published(entry_id)
    if dataset is None:
        return
    entry = dataset.entry
    if entry.in_force is None:
        return
    if not entry.in_force.is_open:
        reasons = entry.in_force.closed_basis or "修订后的目录不再列为开放。"
        take_down(dataset, by=PLATFORM, at=at, reasons=f"目录已修订，不再向社会开放：{reasons}")
        return
    describe(dataset, entry)
    dataset.save()
    index_dataset(dataset)
    _tell_if_outdated(dataset, at=at)


def _tell_if_outdated(dataset: OpenDataset, *, at: dt.datetime) -> None:
    entry = dataset.entry
    plan = (
        OpeningPlan.objects.select_related("revision", "review")
        .filter(entry=entry, status=PlanStatus.PUBLISHED)
        .first()
    )
    if plan is None or entry.in_force is None or is_still_cleared(plan, entry):
        return
    tell_agency(
        entry.provider,
        [Role.DATA_STEWARD],
        about=entry,
        kind="opendata",
        key=f"opendata-outdated:{plan.pk}:{entry.in_force_id}",
        title=f"请重新编制开放方案：{entry.in_force.title}",
        body="目录的信息项已经变动，原开放方案不再适用。新的数据暂不开放，公众看到的仍是原来的版本。",
        path=f"/desk/opening/entries/{entry.pk}/",
        at=at,
        basis=DESENSITIZED,
    )


@transaction.atomic
def close_with_catalogue(*, entry_id: int, at: dt.datetime, reasons: str) -> None:
    """The entry was withdrawn from the catalogue: its data set closes with it."""
    dataset = _published(entry_id)
    if dataset is not None:
        take_down(dataset, by=PLATFORM, at=at, reasons=f"目录条目已撤销：{reasons}")


def _published(entry_id: int) -> OpenDataset | None:
    pk = OpenDataset.objects.filter(entry=entry_id, status=DatasetStatus.PUBLISHED).values_list("pk", flat=True).first()
    return None if pk is None else lock_dataset(pk)
