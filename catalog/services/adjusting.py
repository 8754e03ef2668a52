"""Events that make the catalogue change within 15 days (第十三条第二款), and whose hands that lies in."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog import policies
from catalog.models import CatalogAdjustment, CatalogEntry, EntryRevision
from catalog.selectors import running_adjustments
from catalog.services.locking import day_of, lock_entry
from catalog.workflow import ADJUST, WORKFLOW
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, record
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks

IN_FORCE_SINCE = dt.date(2017, 5, 1)
"""The regulation's first day (第三十三条): an event before it started no period."""


@transaction.atomic
def declare_adjustment(
    *,
    entry_id: int,
    kind: str,
    event_on: dt.date,
    description: str,
    by: User,
    at: dt.datetime,
    document: str = "",
) -> CatalogAdjustment:
    """Declare an event; its clock runs from the day of the event, and may be late already (第十三条第二款).

    Law, function and the like: the catalogue within 15 days, until the adjusted revision takes effect. Data alone:
    promptly, until new data is gathered. The authority may declare too.
    """
    entry = lock_entry(entry_id)
    policies.require(by, "adjust", entry)
    if entry.in_force is None:
        raise WrongState("这一条目还没有公布，不需要登记调整情形。请直接修改草稿。", basis=ADJUST)
    WORKFLOW.target("adjust", entry.in_force.status)
    _check_event(event_on, description, today=day_of(at))
    adjustment = CatalogAdjustment.objects.create(
        entry=entry,
        kind=kind,
        event_on=event_on,
        document=document.strip(),
        description=description.strip(),
        declared_by=by,
        declared_at=at,
    )
    due_on = _start_clock(adjustment, entry, by=by, at=at)
    payload = {"adjustment": adjustment.pk, "kind": str(kind), "event_on": event_on.isoformat()}
    record(entry, "adjust", by=by, at=at, basis=ADJUST, payload=payload | {"due_on": due_on.isoformat()})
    _tell(adjustment, entry, due_on, at=at)
    return adjustment


def _start_clock(adjustment: CatalogAdjustment, entry: CatalogEntry, *, by: User, at: dt.datetime) -> dt.date:
    clock = clocks.start(
        adjustment.clock_kind,
        adjustment,
        on=adjustment.event_on,
        at=at,
        by=by,
        owed_by=entry.provider,
        number=entry.resource_code,
        title=f"{_duty(adjustment)}：{entry.in_force.title if entry.in_force else entry.resource_code}",
        path=entry.get_absolute_url(),
    )
    return clock.due_on


def _check_event(event_on: dt.date, description: str, *, today: dt.date) -> None:
    if event_on > today:
        message = "情形发生之日不能晚于今天。法律法规尚未施行的，请在其施行之日登记。"
        raise RuleBroken(message, basis=ADJUST, fields={"event_on": message})
    if event_on < IN_FORCE_SINCE:
        message = "情形发生之日不能早于条例施行之日（2017年5月1日）。请核对日期。"
        raise RuleBroken(message, basis=ADJUST, fields={"event_on": message})
    if not description.strip():
        message = "请说明发生了什么、目录哪里要调整。"
        raise RuleBroken(message, basis=ADJUST, fields={"description": message})


def _duty(adjustment: CatalogAdjustment) -> str:
    return "数据更新" if adjustment.kind == CatalogAdjustment.EventKind.DATA else "目录更新"


def _tell(adjustment: CatalogAdjustment, entry: CatalogEntry, due_on: dt.date, *, at: dt.datetime) -> None:
    title = entry.in_force.title if entry.in_force else entry.resource_code
    tell_agency(
        entry.provider,
        [Role.DATA_STEWARD, Role.APPROVER],
        key=f"catalog-adjustment:{adjustment.pk}",
        about=entry,
        kind="catalog",
        title=f"{_duty(adjustment)}：{title}，{due_on:%Y年%m月%d日}前完成",
        body=adjustment.description,
        path=entry.get_absolute_url(),
        at=at,
        basis=ADJUST,
    )


def _catalogue_changes(entry: CatalogEntry) -> list[CatalogAdjustment]:
    declared = running_adjustments(entry).exclude(kind=CatalogAdjustment.EventKind.DATA)
    return list(declared.select_for_update(of=("self",)).order_by("pk"))


def _answers(revision: EntryRevision, adjustment: CatalogAdjustment) -> bool:
    """Only what was submitted after the event was declared can be the change that it asks for."""
    return revision.submitted_at is not None and revision.submitted_at >= adjustment.declared_at


def hand_adjustments_to(agency: Agency, revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    """Keep apart the days with agency, reviewer and government; who owes stays the same."""
    for adjustment in _catalogue_changes(revision.entry):
        clock = clocks.lock_running(adjustment, adjustment.clock_kind)
        if clock is not None and _answers(revision, adjustment):
            clocks.hand_on(clock, to=agency, on=day_of(at), at=at, by=by, owes=False)


def answer_adjustments(revision: EntryRevision, *, by: Actor, at: dt.datetime, every: bool = False) -> None:
    """The adjusted catalogue takes effect: the clocks of the events it answers stop. ``every``: a withdrawal does."""
    for adjustment in _catalogue_changes(revision.entry):
        if every or _answers(revision, adjustment):
            _close(adjustment, revision, by=by, at=at)


def answer_data_changes(revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    """New data is gathered: the clocks of data that had changed stop."""
    declared = running_adjustments(revision.entry).filter(kind=CatalogAdjustment.EventKind.DATA)
    for adjustment in declared.select_for_update(of=("self",)).order_by("pk"):
        _close(adjustment, revision, by=by, at=at)


def _close(adjustment: CatalogAdjustment, revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    adjustment.closed_by_revision, adjustment.closed_at = revision, at
    adjustment.save(update_fields=["closed_by_revision", "closed_at"])
    clocks.stop(adjustment, adjustment.clock_kind, on=day_of(at), at=at, by=by)
