"""Rows locked for an act, always in the order application, coordination, need, entry, grant."""

from __future__ import annotations

from catalog.models import CatalogEntry
from guiyang_data.errors import NotSeen, WrongState
from guiyang_data.faces.faster import leading_to, with_who_was_faster
from guiyang_data.statute.workflow import Workflow
from sharing.found import GONE
from sharing.models import (
    ChangeSubscription,
    Coordination,
    DataNeed,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    Taking,
)
from sharing.workflow import (
    APPLICATION_WORKFLOW,
    COORDINATION_WORKFLOW,
    GRANT_WORKFLOW,
    NEED_WORKFLOW,
    STANDING_WORKFLOW,
)


def lock_application(pk: int) -> SharingApplication:
    """The application, locked until the transaction ends."""
    rows = SharingApplication.objects.select_for_update(of=("self",))
    found = rows.select_related("entry__provider", "provider", "requester", "system").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_coordination(pk: int) -> Coordination:
    """The coordination and its application, locked until the transaction ends."""
    application_id = Coordination.objects.filter(pk=pk).values_list("application", flat=True).first()
    if application_id is None:
        raise NotSeen(GONE)
    application = lock_application(application_id)
    coordination = Coordination.objects.select_for_update(of=("self",)).get(pk=pk)
    coordination.application = application
    return coordination


def lock_grant(pk: int) -> SharingGrant:
    """The grant, locked until the transaction ends."""
    rows = SharingGrant.objects.select_for_update(of=("self",))
    found = rows.select_related("entry__provider", "grantee", "source").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_taking(pk: int) -> Taking:
    """The taking, locked until the transaction ends."""
    rows = Taking.objects.select_for_update(of=("self",))
    found = rows.select_related("entry__provider", "entry__in_force", "agency").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_entry(pk: int) -> CatalogEntry:
    """The entry, locked, so that no load or revision of it comes between."""
    rows = CatalogEntry.objects.select_for_update(of=("self",))
    found = rows.select_related("provider", "in_force", "current_data").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_need(pk: int) -> DataNeed:
    """The data need, locked until the transaction ends."""
    rows = DataNeed.objects.select_for_update(of=("self",))
    found = rows.select_related("requester", "provider", "entry", "adjustment", "submitted_by").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_subscription(pk: int) -> ChangeSubscription:
    """The subscription, locked until the transaction ends."""
    rows = ChangeSubscription.objects.select_for_update(of=("self",))
    found = rows.select_related("entry__in_force", "agency", "grant", "taking").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


Case = SharingApplication | Coordination | SharingGrant | StandingAuthorisation | DataNeed


def next_state(case: Case, verb: str) -> str:
    """The state that ``verb`` leads to. Where somebody was faster, the refusal says who, when and with what."""
    workflow = _workflow_of(case)
    try:
        return workflow.target(verb, case.status)
    except WrongState as refusal:
        raise with_who_was_faster(refusal, case, workflow, leading_to(workflow, case.status)) from refusal


def _workflow_of(case: Case) -> Workflow:
    workflows: dict[type, Workflow] = {
        SharingApplication: APPLICATION_WORKFLOW,
        Coordination: COORDINATION_WORKFLOW,
        SharingGrant: GRANT_WORKFLOW,
        StandingAuthorisation: STANDING_WORKFLOW,
        DataNeed: NEED_WORKFLOW,
    }
    return workflows[type(case)]
