"""Who draws up, judges and carries out an opening; the published is everybody's."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from catalog.models import CatalogEntry
from catalog.policies import compiles, same_person
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Policy, Principal, agencies_with, has_role, is_system
from guiyang_data.accounts.roles import Role
from opendata.models import OpenDataset, OpeningPlan
from opendata.workflow import DatasetStatus


def _compiles_plan(user: Principal, plan: OpeningPlan) -> bool:
    return compiles(user, plan.entry)


def _judges(user: Principal, plan: OpeningPlan) -> bool:
    if not isinstance(user, User) or same_person(user, plan.compiled_by):
        return False
    return has_role(user, plan.entry.provider_id, Role.APPROVER)


def _publishes(user: Principal, plan: OpeningPlan) -> bool:
    return compiles(user, plan.entry) or has_role(user, plan.entry.provider_id, Role.APPROVER)


def _withdraws(user: Principal, dataset: OpenDataset) -> bool:
    return has_role(user, dataset.entry.provider_id, Role.APPROVER)


POLICY = Policy(
    {
        "plan-opening": compiles,
        "edit-plan": _compiles_plan,
        "submit-plan": _compiles_plan,
        "drop-plan": _compiles_plan,
        "decide-plan": _judges,
        "publish": _publishes,
        "supersede-plan": _publishes,
        "withdraw-dataset": _withdraws,
        "republish": _withdraws,
    }
)
may = POLICY.may
require = POLICY.require


def entries_to_open(user: Principal, entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Entries of the agencies the person compiles or approves for."""
    if isinstance(user, User) and is_system(user):
        return entries.filter(provider=user.agency)
    return entries.filter(provider__in=agencies_with(user, Role.DATA_STEWARD, Role.APPROVER))


def plans_visible_to(user: Principal, plans: QuerySet[OpeningPlan]) -> QuerySet[OpeningPlan]:
    """Plans of one's own agencies: they say what is hidden from the public."""
    if isinstance(user, User) and is_system(user):
        return plans.filter(entry__provider=user.agency)
    return plans.filter(entry__provider__in=agencies_with(user, Role.DATA_STEWARD, Role.APPROVER))


def visible_to(user: Any, datasets: QuerySet[OpenDataset]) -> QuerySet[OpenDataset]:
    """What is open is everybody's. The entry is asked at every read: withdrawn, closed or frozen, its data is gone."""
    return datasets.filter(
        status=DatasetStatus.PUBLISHED,
        current__isnull=False,
        entry__in_force__is_open=True,
        entry__frozen_at__isnull=True,
    )


def managed_by(user: Principal, datasets: QuerySet[OpenDataset]) -> QuerySet[OpenDataset]:
    """Data sets of one's own agencies, withdrawn ones too."""
    if isinstance(user, User) and is_system(user):
        return datasets.filter(entry__provider=user.agency)
    return datasets.filter(entry__provider__in=agencies_with(user, Role.DATA_STEWARD, Role.APPROVER))
