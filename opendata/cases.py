"""Finding what a page or an API call is about, and the acts that may be done on it."""

from __future__ import annotations

from collections.abc import Collection

from catalog.models import CatalogEntry
from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.timeline import TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from opendata import policies, selectors
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from opendata.services.locking import NO_PLAN
from opendata.workflow import DATASET_WORKFLOW, WORKFLOW, PlanStatus

LABELS = {
    **{verb: transition.past for verb, transition in WORKFLOW.transitions.items() if verb != "decide-plan"},
    **{verb: transition.past for verb, transition in DATASET_WORKFLOW.transitions.items()},
    "pass-confidentiality": "保密审查通过",
    "refuse-confidentiality": "保密审查不通过",
    "publish-failed": "开放没有完成",
}
"""What the timeline of a plan or data set calls the events of its entry."""


def course(entry: CatalogEntry) -> list[TimelineEvent]:
    """What happened to the opening of an entry; the reviews for sharing are another matter."""
    events = [event for event in events_of(entry) if event.payload.get("scope") != "sharing"]
    return timeline(events, LABELS)


UNSEEN_ENTRY = "没有找到这个目录条目，或者它不属于您所在的机关。请返回「开放」清单重新选择。"


def find_entry(user: Principal, pk: int) -> CatalogEntry:
    """An entry that ``user`` may open, or ``NotSeen``."""
    entries = CatalogEntry.objects.select_related("provider", "in_force", "current_data")
    found = policies.entries_to_open(user, entries).filter(pk=pk).first()
    if found is None:
        raise NotSeen(UNSEEN_ENTRY)
    return found


def find_plan(user: Principal, pk: int) -> OpeningPlan:
    """A visible plan, or ``NotSeen``."""
    found = policies.plans_visible_to(user, selectors.plans_with_all()).filter(pk=pk).first()
    if found is None:
        raise NotSeen(NO_PLAN)
    return found


def find_dataset(user: Principal, pk: int) -> OpenDataset:
    """A data set of one's own agency, or ``NotSeen``."""
    datasets = OpenDataset.objects.select_related("entry__provider", "entry__in_force", "current")
    found = policies.managed_by(user, datasets).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这个数据集，或者它不属于您所在的机关。请返回「开放」清单重新选择。")
    return found


def plan_acts(user: Principal, plan: OpeningPlan, base: str = "") -> list[Act]:
    """What ``user`` may do on a plan now."""
    base = base or plan.get_absolute_url()
    return acts(
        user,
        plan,
        status=plan.status,
        workflow=WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{base}{'review' if verb == 'decide-plan' else verb}/",
        hidden=_not_now(plan),
    )


def _not_now(plan: OpeningPlan) -> Collection[str]:
    """Acts that the state allows and the review does not (yet)."""
    hidden = {"supersede-plan", "plan-opening"}
    if plan.status == PlanStatus.PUBLISHED:
        return hidden | ({"publish"} if _is_opened(plan) else set())
    if plan.is_waiting:
        return hidden | {"edit-plan", "drop-plan", "publish"}
    return hidden | {"decide-plan"} | ({"publish"} if not plan.is_cleared or _is_opened(plan) else set())


def _is_opened(plan: OpeningPlan) -> bool:
    """Whether the current data is open by this plan, or just being opened."""
    data = plan.entry.current_data
    busy = [PublishJob.State.DONE, PublishJob.State.WAITING, PublishJob.State.RUNNING]
    return data is None or plan.jobs.filter(source=data, state__in=busy).exists()


def dataset_acts(user: Principal, dataset: OpenDataset, base: str = "") -> list[Act]:
    """What ``user`` may do on a data set now."""
    base = base or f"/desk/opening/datasets/{dataset.pk}/"
    return acts(
        user,
        dataset,
        status=dataset.status,
        workflow=DATASET_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{base}{verb}/",
        hidden=() if dataset.is_withdrawn else ("republish",),
    )
