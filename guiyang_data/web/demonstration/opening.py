"""What the demonstration city has opened to the public, each by plan, review and publication."""

from __future__ import annotations

import datetime as dt

from catalog.models import CatalogEntry
from guiyang_data.web.demonstration.catalogue import staff_of
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
