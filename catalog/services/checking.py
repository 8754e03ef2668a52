"""What becomes of a check: kept, counted by its day, told once where an interface stays broken or recovers (第十条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.deadlines import CHECKING
from catalog.models import Interface, InterfaceCheck, InterfaceDay
from catalog.services.interfaces import REPAIR, note
from catalog.workflow import SYSTEMS, InterfaceStatus, SystemStatus
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock

KEEPERS = (Role.DATA_STEWARD, Role.SYSTEM_ADMIN)
COLUMNS = {Interface.Outcome.DEVIATING: "deviating", Interface.Outcome.UNAVAILABLE: "unavailable"}
"""Where an outcome is counted; any other is good."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a check found. ``milliseconds``: how long an answer took; ``asked``: how many operations were looked at.

    ``findings``: mappings of ``rule``, ``what``, ``path``, ``where`` and ``times``, the gravest first.
    """

    outcome: str
    milliseconds: int | None
    asked: int
    findings: Sequence[dict[str, Any]] = ()


@transaction.atomic
def note_check(*, interface_id: int, document_id: int | None, found: Found, at: dt.datetime) -> Interface | None:
    """Keep what a check found by the document ``document_id``; None where it is about nothing that stands any more.

    Where another document was filed meanwhile, the interface is due again instead.
    """
    interfaces = Interface.objects.select_for_update(of=("self",)).select_related("system__agency")
    interface = interfaces.filter(pk=interface_id).exclude(status=InterfaceStatus.ENDED).first()
    if interface is None or interface.system.status != SystemStatus.IN_USE:
        return None
    if interface.contract_id != document_id:
        interface.next_check_at = at if interface.status == InterfaceStatus.CHECKED else None
        interface.save(update_fields=["next_check_at"])
        return None
    _keep(interface, found, at=at)
    _write(interface, found, at=at)
    if interface.is_broken:
        _stays_broken(interface, at=at)
    else:
        _recovered(interface, at=at)
    return interface


def _keep(interface: Interface, found: Found, *, at: dt.datetime) -> None:
    InterfaceCheck.objects.create(
        interface=interface,
        at=at,
        outcome=found.outcome,
        milliseconds=found.milliseconds,
        asked=found.asked,
        findings=list(found.findings),
    )
    column = COLUMNS.get(Interface.Outcome(found.outcome), "good")
    day, _new = InterfaceDay.objects.get_or_create(interface=interface, day=timezone.localdate(at))
    InterfaceDay.objects.filter(pk=day.pk).update(**{column: F(column) + 1})


def _write(interface: Interface, found: Found, *, at: dt.datetime) -> None:
    if interface.outcome != found.outcome or interface.outcome_since is None:
        interface.outcome, interface.outcome_since = found.outcome, at
    interface.checked_at, interface.milliseconds = at, found.milliseconds
    interface.finding = str(found.findings[0]["what"])[:300] if found.findings else ""
    interface.failures = interface.failures + 1 if interface.is_broken else 0
    if interface.status == InterfaceStatus.CHECKED:
        hasty = 0 < interface.failures < CHECKING.times
        every = dt.timedelta(minutes=interface.every)
        interface.next_check_at = at + (min(CHECKING.again, every) if hasty else every)
    interface.save()


def _stays_broken(interface: Interface, *, at: dt.datetime) -> None:
    """Found broken so many times in a row: the agency is told once, and a service target runs until it recovers."""
    if (
        interface.failures < CHECKING.times
        or not interface.system.agency.is_active
        or clocks.lock_running(interface, REPAIR) is not None
    ):
        return
    system = interface.system
    title = _("接口异常：%(system)s·%(name)s") % {"system": system.name, "name": interface.name}
    clock = clocks.start(
        REPAIR,
        interface,
        on=timezone.localdate(at),
        at=at,
        by=PLATFORM,
        owed_by=system.agency,
        number=interface.number,
        title=title,
        path=interface.get_absolute_url(),
    )
    payload = {"outcome": interface.outcome, "failures": interface.failures, "due_on": clock.due_on.isoformat()}
    note(interface, "interface-broken", by=PLATFORM, at=at, payload=payload)
    body = _(
        "连续 %(times)d 次检查%(outcome)s。%(finding)s请在 %(day)s 24:00 前恢复；恢复后平台自动核对，不用回报。"
    ) % {
        "times": interface.failures,
        "outcome": interface.get_outcome_display(),
        "finding": interface.finding,
        "day": f"{clock.due_on:%Y年%m月%d日}",
    }
    _tell(interface, clock, "broken", title, body, at=at)


def _recovered(interface: Interface, *, at: dt.datetime) -> None:
    clock = clocks.stop(interface, REPAIR, on=timezone.localdate(at), at=at, by=PLATFORM)
    if clock is None:
        return
    note(interface, "interface-recovered", by=PLATFORM, at=at, payload={"outcome": interface.outcome})
    title = _("接口已恢复：%(system)s·%(name)s") % {"system": interface.system.name, "name": interface.name}
    body = _("平台检查：%(outcome)s。恢复期限停止计算。") % {"outcome": interface.get_outcome_display()}
    _tell(interface, clock, "recovered", title, body, at=at)


def _tell(interface: Interface, clock: Clock, what: str, title: str, body: str, *, at: dt.datetime) -> None:
    tell_agency(
        interface.system.agency,
        KEEPERS,
        key=f"interface-{what}:{clock.pk}",
        about=interface,
        kind="catalog",
        title=title,
        body=body,
        path=interface.get_absolute_url(),
        at=at,
        basis=SYSTEMS,
        weight=Weight.REMINDER,
    )


def forget_old_checks(*, at: dt.datetime) -> int:
    """Single checks and days are kept for their time; returns how many rows were dropped."""
    checks = InterfaceCheck.objects.filter(at__lt=at - CHECKING.checks_kept).delete()[0]
    days = InterfaceDay.objects.filter(day__lt=timezone.localdate(at - CHECKING.days_kept)).delete()[0]
    return int(checks) + int(days)
