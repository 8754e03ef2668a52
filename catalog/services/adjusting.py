"""Events that make the catalogue change within 15 days (第十三条第二款), and whose hands that lies in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import policies
from catalog.collecting import items_by_collector
from catalog.models import CatalogAdjustment, CatalogEntry, EntryRevision
from catalog.selectors import running_adjustments
from catalog.services.locking import day_of, lock_entry
from catalog.services.sending import sender_of
from catalog.workflow import ADJUST, WORKFLOW
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, record
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock

MOST_ENTRIES = 500
"""How many entries one event may be declared for at once."""
IN_FORCE_SINCE = dt.date(2017, 5, 1)
"""The regulation's first day (第三十三条): an event before it started no period."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What makes the catalogue change. ``event_on`` counts: for a law the day from which it is in force.

    ``promulgated_on`` stands beside it; ``other_on``: another day that superior law gives, with its ``other_basis``.
    ``collector``: the other agency whose items it hits, where several collect.
    """

    kind: str
    event_on: dt.date
    description: str
    document: str = ""
    promulgated_on: dt.date | None = None
    other_on: dt.date | None = None
    other_basis: str = ""
    collector: Agency | None = None


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
    promulgated_on: dt.date | None = None,
    other_on: dt.date | None = None,
    other_basis: str = "",
    collector: Agency | None = None,
) -> CatalogAdjustment:
    """Declare an event; its clock runs from the day of the event, and may be late already (第十三条第二款).

    Law, function and the like: the catalogue within 15 days, until the adjusted revision takes effect. Data alone:
    promptly, until new data is gathered. The authority may declare too; an agency that collects some of the items of
    these alone.
    """
    days = {"promulgated_on": promulgated_on, "other_on": other_on, "other_basis": other_basis, "collector": collector}
    event = Event(kind=kind, event_on=event_on, description=description, document=document, **days)  # type: ignore[arg-type]
    return _declare(entry_id, event, by=by, at=at, occasion=None)


@transaction.atomic
def declare_for_many(*, entry_ids: Sequence[int], event: Event, by: User, at: dt.datetime) -> list[CatalogAdjustment]:
    """One event hits many entries (第十三条第二款): a record and a clock for each, all or none."""
    wanted = sorted(set(entry_ids))
    if not 0 < len(wanted) <= MOST_ENTRIES:
        message = f"请选择 1 到 {MOST_ENTRIES} 个目录条目。"
        raise RuleBroken(message, basis=ADJUST, fields={"entries": message})
    occasion = uuid.uuid4()
    return [_declare(pk, event, by=by, at=at, occasion=occasion) for pk in wanted]


def _declare(
    entry_id: int, event: Event, *, by: User, at: dt.datetime, occasion: uuid.UUID | None
) -> CatalogAdjustment:
    entry = lock_entry(entry_id)
    policies.require(by, "adjust", entry)
    if entry.in_force is None:
        raise WrongState("这一条目还没有公布，不需要登记调整情形。请直接修改草稿。", basis=ADJUST)
    WORKFLOW.target("adjust", entry.in_force.status)
    _check_event(event, today=day_of(at))
    collector = _whose_items(entry, event, by)
    adjustment = CatalogAdjustment.objects.create(
        entry=entry,
        kind=event.kind,
        event_on=event.event_on,
        document=event.document.strip(),
        description=event.description.strip(),
        promulgated_on=event.promulgated_on,
        other_on=event.other_on,
        other_basis=event.other_basis.strip(),
        occasion=occasion,
        collector=collector,
        declared_by=by,
        declared_at=at,
    )
    due_on = _start_clock(adjustment, entry, by=by, at=at)
    payload = {"adjustment": adjustment.pk, "kind": str(event.kind), "event_on": event.event_on.isoformat()}
    payload |= {"collector": collector.code} if collector is not None else {}
    record(entry, "adjust", by=by, at=at, basis=ADJUST, payload=payload | {"due_on": due_on.isoformat()})
    _tell(adjustment, entry, due_on, at=at)
    return adjustment


def _whose_items(entry: CatalogEntry, event: Event, by: User) -> Agency | None:
    """The other collecting agency that an event is about: as stated; for whom only collects, its own."""
    if event.collector is None or event.collector.pk == entry.provider_id:
        is_for_all = not policies.collects(by, entry) or policies.declares_for_all(by, entry)
        return None if is_for_all else sender_of(by, entry)
    collectors = items_by_collector(entry.in_force) if entry.in_force is not None else {}
    own = policies.collecting_agencies(by, entry)
    if event.collector not in collectors or not (policies.declares_for_all(by, entry) or event.collector.pk in own):
        message = "请选择采集这一条目的信息项、并且由您经办的机关。"
        raise RuleBroken(message, basis=ADJUST, fields={"collector": message})
    return event.collector


@transaction.atomic
def correct_event_day(
    *, adjustment_id: int, event_on: dt.date, reasons: str, by: User, at: dt.datetime
) -> CatalogAdjustment:
    """The authority corrects the day of an event: its clock runs from that day instead (第十三条第二款).

    Who held the case stays known. Overdue from the corrected day, it is so at once.
    """
    entry_id = CatalogAdjustment.objects.filter(pk=adjustment_id).values_list("entry", flat=True).first()
    if entry_id is None:
        raise NotSeen("没有找到这个调整情形，或者您不能查看。请返回目录条目重新选择。")
    entry = lock_entry(entry_id)
    adjustment = CatalogAdjustment.objects.select_for_update(of=("self",)).get(pk=adjustment_id)
    policies.require(by, "correct-event-day", entry)
    if adjustment.closed_at is not None:
        raise WrongState("这个情形已经办结，不能再更正发生之日。", basis=ADJUST, verb="correct-event-day")
    _check_day(event_on, today=day_of(at))
    _check_corrected(adjustment, event_on, reasons)
    before = adjustment.event_on
    adjustment.event_on = event_on
    adjustment.save(update_fields=["event_on"])
    cause = Clock.Stop.SUPERSEDED
    old = clocks.stop(adjustment, adjustment.clock_kind, on=day_of(at), at=at, by=by, cause=cause)
    due_on = _start_clock(adjustment, entry, by=by, at=at, instead_of=old)
    payload = {
        "adjustment": adjustment.pk,
        "from": before.isoformat(),
        "event_on": event_on.isoformat(),
        "due_on": due_on.isoformat(),
        "reasons": reasons.strip(),
    }
    record(entry, "correct-event-day", by=by, at=at, basis=ADJUST, payload=payload)
    _tell(adjustment, entry, due_on, at=at, occasion=f"corrected:{at.isoformat()}", why=reasons.strip())
    return adjustment


def _check_corrected(adjustment: CatalogAdjustment, event_on: dt.date, reasons: str) -> None:
    wrong = {}
    if event_on == adjustment.event_on:
        wrong["event_on"] = "这就是登记的日期。要更正的，请填写另一个日期。"
    if not reasons.strip():
        wrong["reasons"] = "请写明为什么更正，提供机关需要知道缘由。"
    if wrong:
        raise RuleBroken("".join(wrong.values()), basis=ADJUST, fields=wrong)


def _start_clock(
    adjustment: CatalogAdjustment, entry: CatalogEntry, *, by: User, at: dt.datetime, instead_of: Clock | None = None
) -> dt.date:
    clock = clocks.start(
        adjustment.clock_kind,
        adjustment,
        on=adjustment.event_on,
        at=at,
        by=by,
        owed_by=_owed_by(adjustment, entry),
        number=entry.resource_code,
        title=f"{_duty(adjustment)}：{entry.in_force.title if entry.in_force else entry.resource_code}",
        path=entry.get_absolute_url(),
    )
    if instead_of is not None:
        clocks.take_over_hands(clock, instead_of)
    return clock.due_on


def _check_event(event: Event, *, today: dt.date) -> None:
    _check_day(event.event_on, today=today)
    if not event.description.strip():
        message = "请说明发生了什么、目录哪里要调整。"
        raise RuleBroken(message, basis=ADJUST, fields={"description": message})
    if event.promulgated_on is not None and event.promulgated_on > event.event_on:
        message = "公布之日不能晚于施行之日。请核对两个日期。"
        raise RuleBroken(message, basis=ADJUST, fields={"promulgated_on": message})
    if event.other_on is not None and not event.other_basis.strip():
        message = "请写明另行规定日期的法律、法规及其条款。"
        raise RuleBroken(message, basis=ADJUST, fields={"other_basis": message})


def _check_day(event_on: dt.date, *, today: dt.date) -> None:
    if event_on > today:
        message = "情形发生之日不能晚于今天。法律法规尚未施行的，请在其施行之日登记。"
        raise RuleBroken(message, basis=ADJUST, fields={"event_on": message})
    if event_on < IN_FORCE_SINCE:
        message = "情形发生之日不能早于条例施行之日（2017年5月1日）。请核对日期。"
        raise RuleBroken(message, basis=ADJUST, fields={"event_on": message})


def _owed_by(adjustment: CatalogAdjustment, entry: CatalogEntry) -> Agency:
    """The catalogue is the leading agency's to change, whoever collects; data that of its collecting agency."""
    is_data = adjustment.kind == CatalogAdjustment.EventKind.DATA
    return adjustment.collector if is_data and adjustment.collector is not None else entry.provider


def _duty(adjustment: CatalogAdjustment) -> str:
    return "数据更新" if adjustment.kind == CatalogAdjustment.EventKind.DATA else "目录更新"


def _tell(
    adjustment: CatalogAdjustment,
    entry: CatalogEntry,
    due_on: dt.date,
    *,
    at: dt.datetime,
    occasion: str = "",
    why: str = "",
) -> None:
    title = entry.in_force.title if entry.in_force else entry.resource_code
    late = (day_of(at) - due_on).days
    said = f"已经逾期 {late} 天" if late > 0 else f"{due_on:%Y年%m月%d日}前完成"
    corrected = f"发生之日更正为 {adjustment.event_on:%Y年%m月%d日}：{why}" if why else ""
    others = [adjustment.collector] if adjustment.collector is not None else []
    about = _("涉及%(name)s采集的信息项。") % {"name": others[0].name} if others else ""
    for agency in (entry.provider, *others):
        whose = f":{agency.code}" if agency in others else ""
        tell_agency(
            agency,
            [Role.DATA_STEWARD, Role.APPROVER],
            key=f"catalog-adjustment:{adjustment.pk}{f':{occasion}' if occasion else ''}{whose}",
            about=entry,
            kind="catalog",
            title=f"{_duty(adjustment)}：{title}，{said}",
            body="\n".join(filter(None, [corrected, adjustment.description, about])),
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


def answer_data_changes(
    revision: EntryRevision, *, by: Actor, at: dt.datetime, collector_id: int | None = None
) -> None:
    """New data is gathered: the clocks of data that had changed stop, of the agency that gathered it."""
    declared = running_adjustments(revision.entry).filter(kind=CatalogAdjustment.EventKind.DATA)
    declared = declared.filter(collector=collector_id)
    for adjustment in declared.select_for_update(of=("self",)).order_by("pk"):
        _close(adjustment, revision, by=by, at=at)


def _close(adjustment: CatalogAdjustment, revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    adjustment.closed_by_revision, adjustment.closed_at = revision, at
    adjustment.save(update_fields=["closed_by_revision", "closed_at"])
    clocks.stop(adjustment, adjustment.clock_kind, on=day_of(at), at=at, by=by)
