"""What the demonstration city has opened to the public, each by plan, review and publication."""

from __future__ import annotations

import datetime as dt

from catalog.models import CatalogEntry, UpdateCycle
from guiyang_data.web.demonstration.catalogue import gather, staff_of
from guiyang_data.web.demonstration.datasets import Dataset
from opendata import services


def open_entry(dataset: Dataset, entry: CatalogEntry, *, at: dt.datetime) -> None:
    """Draw up the plan, have it judged by a second person, make the published version."""
    hour = dt.timedelta(hours=1)
    people = staff_of(entry.provider, at=at)
    plan = services.plan_opening(entry_id=entry.pk, by=people.steward, at=at, techniques=dataset.techniques)
    services.submit_plan(plan_id=plan.pk, by=people.steward, at=at + hour)
    services.decide_plan(plan_id=plan.pk, passed=True, by=people.approver, at=at + 2 * hour)
    job = services.publish(plan_id=plan.pk, by=people.steward, at=at + 3 * hour)
    services.run_publish(job.pk, at=at + 3 * hour)


FRESH = {
    UpdateCycle.REAL_TIME: dt.timedelta(minutes=20),
    UpdateCycle.DAILY: dt.timedelta(hours=7),
    UpdateCycle.WEEKLY: dt.timedelta(days=2),
}
"""How long ago data of a cycle was last brought up to date."""


def update(dataset: Dataset, entry: CatalogEntry, *, at: dt.datetime, on: dt.date) -> None:
    """Gather newer rows for what changes often; what is open opens again by itself."""
    age = FRESH.get(dataset.cycle)
    if age is None or entry.in_force is None:
        return
    gather(entry.in_force, dataset, staff_of(entry.provider, at=at).steward, at=at - age, on=on)
    job = services.open_new_data(entry_id=entry.pk, at=at - age)
    if job is not None:
        services.run_publish(job.pk, at=at - age)
