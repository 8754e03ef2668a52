"""The register of information systems (第十条): registered, changed, put in use, stopped, taken up again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import policies
from catalog.models import CatalogEntry, InformationSystem, Interface
from catalog.services.interfaces import end_repair, start_checking
from catalog.workflow import SYSTEM_WORKFLOW, SYSTEMS, InterfaceStatus, SystemStatus
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import record
from guiyang_data.texts import legible, one_line

GONE = "没有找到这个信息系统，或者您不能查看。请返回信息系统清单重新选择。"


@dataclass(frozen=True, kw_only=True)
class SystemFacts:
    """What the register says of a system. ``entries``: ids of the catalogue entries whose data it holds."""

    name: str
    purpose: str
    operator: str
    network: str
    operator_phone: str = ""
    protection: int | None = None
    protection_record: str = ""
    planned_on: dt.date | None = None
    in_use_on: dt.date | None = None
    entries: tuple[int, ...] = ()
    service_account: int | None = None


PLAIN = [name for name in (one.name for one in fields(SystemFacts)) if name not in {"entries", "service_account"}]


@transaction.atomic
def register_system(
    *, agency: Agency, by: User, on: dt.date, at: dt.datetime, facts: SystemFacts, status: str = SystemStatus.PLANNED
) -> InformationSystem:
    """Bring an information system under management (第十条), as planned or as in use."""
    policies.require(by, "register-system", agency)
    Agency.objects.select_for_update().get(pk=agency.pk)
    system = InformationSystem(agency=agency, registered_by=by, registered_at=at, changed_at=at)
    system.status = SystemStatus.IN_USE if status == SystemStatus.IN_USE else SystemStatus.PLANNED
    _fill(system, facts, on=on)
    system.save()
    system.entries.set(facts.entries)
    payload = {"name": system.name, "status": str(system.status), "network": system.network}
    record(system, "register-system", by=by, at=at, basis=SYSTEMS, payload=payload)
    return system


@transaction.atomic
def change_system(*, system_id: int, by: User, on: dt.date, at: dt.datetime, facts: SystemFacts) -> InformationSystem:
    """Change what the register says."""
    system = _lock(system_id, by, "change-system")
    before = {name: getattr(system, name) for name in PLAIN}
    held = set(system.entries.values_list("pk", flat=True))
    _fill(system, facts, on=on)
    system.changed_at = at
    system.save()
    system.entries.set(facts.entries)
    changed = [name for name in PLAIN if getattr(system, name) != before[name]]
    changed += ["entries"] if held != set(facts.entries) else []
    record(system, "change-system", by=by, at=at, basis=SYSTEMS, payload={"changed": changed})
    return system


@transaction.atomic
def put_in_use(
    *, system_id: int, by: User, on: dt.date, at: dt.datetime, in_use_on: dt.date | None = None
) -> InformationSystem:
    """A planned system is in use, from today or a day before; its interfaces are checked from now on."""
    system = _lock(system_id, by, "put-in-use")
    system.in_use_on = in_use_on or on
    _check_days(system, on=on)
    _move(system, "put-in-use", at=at)
    record(system, "put-in-use", by=by, at=at, basis=SYSTEMS, payload={"on": system.in_use_on.isoformat()})
    _check_again(system, at=at)
    return system


@transaction.atomic
def stop_system(
    *, system_id: int, by: User, on: dt.date, at: dt.datetime, reasons: str, stopped_on: dt.date | None = None
) -> InformationSystem:
    """A system is used no more: its interfaces are checked no longer, what they were to be mended by ends."""
    system = _lock(system_id, by, "stop-system")
    said = one_line(reasons)
    day = stopped_on or on
    if not said:
        raise _wrong("reasons", _("请写明为什么停用，由什么接替。"))
    if day > on:
        raise _wrong("stopped_on", _("停用日期不能晚于今天。还没有停用的，到那一天再登记。"))
    if day < (system.in_use_on or day):
        raise _wrong("stopped_on", _("停用日期不能早于投入使用日期。请核对。"))
    system.stopped_on = day
    _move(system, "stop-system", at=at)
    payload = {"on": day.isoformat(), "reasons": said[:500]}
    record(system, "stop-system", by=by, at=at, basis=SYSTEMS, payload=payload)
    for interface in _interfaces(system):
        end_repair(interface, by=by, at=at)
    return system


@transaction.atomic
def resume_system(*, system_id: int, by: User, on: dt.date, at: dt.datetime) -> InformationSystem:
    """A stopped system is used again."""
    system = _lock(system_id, by, "resume-system")
    _name_is_free(system)
    system.stopped_on, system.in_use_on = None, system.in_use_on or on
    _move(system, "resume-system", at=at)
    record(system, "resume-system", by=by, at=at, basis=SYSTEMS)
    _check_again(system, at=at)
    return system


def _lock(system_id: int, by: User, verb: str) -> InformationSystem:
    """The system, locked until the transaction ends, in a state from which ``by`` may do this."""
    systems = InformationSystem.objects.select_for_update(of=("self",)).select_related("agency")
    system = systems.filter(pk=system_id).first()
    if system is None:
        raise NotSeen(GONE)
    policies.require(by, verb, system)
    SYSTEM_WORKFLOW.target(verb, system.status)
    return system


def _move(system: InformationSystem, verb: str, *, at: dt.datetime) -> None:
    system.status = SYSTEM_WORKFLOW.target(verb, system.status)
    system.changed_at = at
    system.save(update_fields=["status", "in_use_on", "stopped_on", "changed_at"])


def _interfaces(system: InformationSystem) -> list[Interface]:
    offered = system.interfaces.exclude(status=InterfaceStatus.ENDED).select_for_update(of=("self",)).order_by("pk")
    found = list(offered)
    for interface in found:
        interface.system = system
    return found


def _check_again(system: InformationSystem, *, at: dt.datetime) -> None:
    for interface in _interfaces(system):
        if interface.status == InterfaceStatus.CHECKED:
            start_checking(interface, at=at)


def _fill(system: InformationSystem, facts: SystemFacts, *, on: dt.date) -> None:
    """Write the facts into the row, or raise RuleBroken with every field that is wrong."""
    for name in PLAIN:
        value = getattr(facts, name)
        setattr(system, name, _tidy(name, value) if isinstance(value, str) else value)
    wrong = _gaps(system)
    if len(set(facts.entries)) != CatalogEntry.objects.filter(pk__in=facts.entries, provider=system.agency).count():
        wrong["entries"] = _("只能选择本机关提供的目录条目。请重新选择。")
    system.service_account = _account(system, facts.service_account, wrong)
    if wrong:
        raise RuleBroken(_("信息系统没有登记，请按提示更正。您填写的内容都还在。"), basis=SYSTEMS, fields=wrong)
    _check_days(system, on=on)
    _name_is_free(system)


def _tidy(name: str, value: str) -> str:
    return legible(value) if name == "purpose" else one_line(value)


def _gaps(system: InformationSystem) -> dict[str, str]:
    wrong: dict[str, str] = {}
    needed = {
        "name": _("请填写系统名称。"),
        "purpose": _("请写明系统办什么事、供谁使用。"),
        "operator": _("请填写负责运行维护的单位。"),
    }
    for name, text in needed.items():
        longest = getattr(InformationSystem._meta.get_field(name), "max_length", None)
        if not getattr(system, name):
            wrong[name] = text
        elif longest and len(getattr(system, name)) > longest:
            wrong[name] = _("写得太长了，最多 %(most)d 个字。") % {"most": longest}
    if system.network not in InformationSystem.Network.values:
        wrong["network"] = _("请选择系统所在的网络。")
    if system.protection is not None and system.protection not in InformationSystem.Protection.values:
        wrong["protection"] = _("请选择第一级至第五级中的一级。")
    if system.status == SystemStatus.IN_USE and system.in_use_on is None:
        wrong["in_use_on"] = _("在用的系统，请填写投入使用的日期。")
    return wrong


def _account(system: InformationSystem, chosen: int | None, wrong: dict[str, str]) -> ServiceAccount | None:
    """The account under which the system acts over REST; one of the agency's, of no other system."""
    if chosen is None:
        return None
    account = ServiceAccount.objects.filter(pk=chosen, agency=system.agency).first()
    taken = InformationSystem.objects.filter(service_account=chosen).exclude(pk=system.pk)
    if account is None or taken.exists():
        wrong["service_account"] = _("这个系统账号不属于本机关，或者已经登记给另一个系统。请重新选择。")
    return account


def _check_days(system: InformationSystem, *, on: dt.date) -> None:
    if system.in_use_on and system.in_use_on > on:
        raise _wrong("in_use_on", _("投入使用日期不能晚于今天。尚未投入使用的，请登记为「计划建设」。"))
    if system.in_use_on and system.planned_on and system.planned_on > system.in_use_on:
        raise _wrong("planned_on", _("立项日期不能晚于投入使用日期。请核对。"))


def _name_is_free(system: InformationSystem) -> None:
    standing = InformationSystem.objects.filter(agency=system.agency, name=system.name).exclude(pk=system.pk)
    if standing.exclude(status=SystemStatus.STOPPED).exists():
        raise _wrong("name", _("本机关已经登记了同名的系统。请打开那一个，或者换一个能区分的名称。"))


def _wrong(field: str, message: str) -> RuleBroken:
    return RuleBroken(message, basis=SYSTEMS, fields={field: message})


def as_facts(values: dict[str, Any]) -> SystemFacts:
    """The facts among the values of a form or a call."""
    known = {one.name for one in fields(SystemFacts)}
    return SystemFacts(**{name: value for name, value in values.items() if name in known})
