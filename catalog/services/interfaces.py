"""Interfaces of information systems (第十条): added, changed, their checks paused, taken up, asked for, ended."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import policies
from catalog.contracts.sampling import FIT_FOR_HEADER, OURS
from catalog.deadlines import INTERVALS
from catalog.models import InformationSystem, Interface
from catalog.workflow import INTERFACE_WORKFLOW, SYSTEM_WORKFLOW, SYSTEMS, InterfaceStatus, SystemStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor, record
from guiyang_data.outbound.client import destination
from guiyang_data.outbound.errors import OutboundRefused
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from guiyang_data.texts import legible, one_line
from guiyang_data.waking import wake

GONE = "没有找到这个接口，或者您不能查看。请返回信息系统重新选择。"
REPAIR = "interface-repair"
"""The clock that runs while an interface stays broken."""
JOB = "catalog.check_interfaces"
MOST = 50
"""Interfaces of one system that are offered at a time."""
PLAIN = ("name", "purpose", "url", "document_url", "header_name", "every")
HEADER_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9-]{0,59}$")
SET_BY_THE_CALL = OURS - {"authorization"}


@dataclass(frozen=True, kw_only=True)
class InterfaceFacts:
    """What the register says of an interface.

    ``url``: what the paths of its document are added to. ``header_name``, ``header_value``: the header that lets the
    portal in; without a value the one deposited stays, without a name it goes.
    """

    name: str
    url: str
    purpose: str = ""
    document_url: str = ""
    header_name: str = ""
    header_value: str = ""
    every: int = 60


@transaction.atomic
def add_interface(*, system_id: int, by: User, at: dt.datetime, facts: InterfaceFacts) -> Interface:
    """Add an interface to a system; where the system is in use it is checked from now on."""
    systems = InformationSystem.objects.select_for_update(of=("self",)).select_related("agency")
    system = systems.filter(pk=system_id).first()
    if system is None:
        raise NotSeen(GONE)
    policies.require(by, "add-interface", system)
    SYSTEM_WORKFLOW.target("add-interface", system.status)
    if system.interfaces.exclude(status=InterfaceStatus.ENDED).count() >= MOST:
        raise RuleBroken(_("一个系统最多登记 %(most)d 个接口。请先停用不再提供的。") % {"most": MOST}, basis=SYSTEMS)
    interface = Interface(system=system, added_at=at)
    _fill(interface, facts)
    interface.save()
    payload = {"interface": interface.pk, "name": interface.name, "host": interface.host}
    record(system, "add-interface", by=by, at=at, basis=SYSTEMS, payload=payload)
    note(interface, "add-interface", by=by, at=at, payload={"host": interface.host})
    start_checking(interface, at=at)
    return interface


@transaction.atomic
def change_interface(*, interface_id: int, by: User, at: dt.datetime, facts: InterfaceFacts) -> Interface:
    """Change what the register says. At another address, or with other credentials, it is checked at once."""
    interface = lock_interface(interface_id, by, "change-interface")
    before = {
        one: getattr(interface, one) for one in ("name", "purpose", "url", "document_url", "header_name", "every")
    }
    _fill(interface, facts)
    interface.save()
    changed = [name for name, value in before.items() if getattr(interface, name) != value]
    changed += ["header_value"] if facts.header_value else []
    note(interface, "change-interface", by=by, at=at, payload={"changed": changed, "host": interface.host})
    if interface.next_check_at is not None:
        start_checking(interface, at=at)
    return interface


@transaction.atomic
def pause_checking(*, interface_id: int, by: User, at: dt.datetime, reasons: str) -> Interface:
    """Check an interface no more for the time being. What it is to be mended by goes on: a pause mends nothing."""
    interface = lock_interface(interface_id, by, "pause-checking")
    said = _reasons(reasons)
    _move(interface, "pause-checking", said)
    note(interface, "pause-checking", by=by, at=at, payload={"reasons": said})
    return interface


@transaction.atomic
def resume_checking(*, interface_id: int, by: User, at: dt.datetime) -> Interface:
    """Check an interface again, at once."""
    interface = lock_interface(interface_id, by, "resume-checking")
    _move(interface, "resume-checking", "")
    note(interface, "resume-checking", by=by, at=at)
    start_checking(interface, at=at)
    return interface


@transaction.atomic
def check_now(*, interface_id: int, by: User, at: dt.datetime) -> Interface:
    """Have an interface checked at once instead of at its next time."""
    interface = lock_interface(interface_id, by, "check-now")
    if interface.system.status != SystemStatus.IN_USE:
        raise WrongState(_("系统还没有投入使用，接口不检查。请先办理「投入使用」。"), basis=SYSTEMS, verb="check-now")
    note(interface, "check-now", by=by, at=at)
    start_checking(interface, at=at)
    return interface


@transaction.atomic
def end_interface(*, interface_id: int, by: User, at: dt.datetime, reasons: str) -> Interface:
    """An interface is offered no more, for good."""
    interface = lock_interface(interface_id, by, "end-interface")
    said = _reasons(reasons)
    _move(interface, "end-interface", said)
    note(interface, "end-interface", by=by, at=at, payload={"reasons": said})
    end_repair(interface, by=by, at=at)
    return interface


def lock_interface(interface_id: int, by: User, verb: str) -> Interface:
    """The interface, locked until the transaction ends, in a state from which ``by`` may do this."""
    interfaces = Interface.objects.select_for_update(of=("self",))
    interface = interfaces.select_related("system__agency", "contract").filter(pk=interface_id).first()
    if interface is None:
        raise NotSeen(GONE)
    policies.require(by, verb, interface)
    INTERFACE_WORKFLOW.target(verb, interface.status)
    return interface


def note(
    interface: Interface, verb: str, *, by: Actor, at: dt.datetime, payload: Mapping[str, Any] | None = None
) -> None:
    """Append the act to the interface's chain."""
    record(interface, verb, by=by, at=at, basis=SYSTEMS, payload=payload)


def start_checking(interface: Interface, *, at: dt.datetime) -> None:
    """It is due now, where its system is in use; the worker is woken."""
    if interface.system.status != SystemStatus.IN_USE:
        return
    interface.next_check_at = at
    interface.save(update_fields=["next_check_at"])
    wake(JOB)


def end_repair(interface: Interface, *, by: Actor, at: dt.datetime) -> None:
    """Nothing is to be mended any more: the interface, or its system, is offered no longer."""
    interface.next_check_at = None
    interface.save(update_fields=["next_check_at"])
    clocks.stop(interface, REPAIR, on=timezone.localdate(at), at=at, by=by, cause=Clock.Stop.SUPERSEDED)


def _move(interface: Interface, verb: str, reasons: str) -> None:
    interface.status = INTERFACE_WORKFLOW.target(verb, interface.status)
    interface.status_reasons, interface.next_check_at = reasons, None
    interface.save(update_fields=["status", "status_reasons", "next_check_at"])


def _reasons(reasons: str) -> str:
    said = one_line(reasons)[:500]
    if not said:
        message = _("请写明理由。没有理由不能办理这一事项。")
        raise RuleBroken(message, basis=SYSTEMS, fields={"reasons": message})
    return said


def _fill(interface: Interface, facts: InterfaceFacts) -> None:
    """Write the facts into the row, or raise RuleBroken with every field that is wrong."""
    wrong: dict[str, str] = {}
    interface.name, interface.purpose = one_line(facts.name), legible(facts.purpose)
    if not interface.name or len(interface.name) > 120:
        wrong["name"] = _("请写明接口的名称，120 字以内。")
    elif _twins(interface).exists():
        wrong["name"] = _("这个系统已经登记了同名的接口。请打开那一个，或者换一个名称。")
    if len(interface.purpose) > 1000:
        wrong["purpose"] = _("写得太长了，最多 1000 个字。")
    interface.url, interface.host = _address("url", facts.url.strip(), wrong)
    if urlsplit(interface.url).query or urlsplit(interface.url).fragment:
        wrong["url"] = _("接口地址里不要带问号和井号，只写到各个路径之前的部分。")
    interface.document_url, interface.document_host = "", ""
    if facts.document_url.strip():
        interface.document_url, interface.document_host = _address("document_url", facts.document_url.strip(), wrong)
    if facts.every not in dict(INTERVALS):
        wrong["every"] = _("请从列出的检查间隔中选择。")
    interface.every = facts.every
    _fill_header(interface, facts, wrong)
    if wrong:
        raise RuleBroken(_("接口没有登记，请按提示更正。您填写的内容都还在。"), basis=SYSTEMS, fields=wrong)


def _twins(interface: Interface) -> Any:
    twins = Interface.objects.filter(system=interface.system, name=interface.name).exclude(pk=interface.pk)
    return twins.exclude(status=InterfaceStatus.ENDED)


def _address(field: str, url: str, wrong: dict[str, str]) -> tuple[str, str]:
    """An address with its host and port, by its letters alone: whether it may be connected to is asked at each call."""
    if len(url) > 500:
        wrong[field] = _("地址太长，请控制在 500 个字符以内。")
        return url[:500], ""
    try:
        return url, destination(url)
    except OutboundRefused as error:
        wrong[field] = error.message
        return url, ""


def _fill_header(interface: Interface, facts: InterfaceFacts, wrong: dict[str, str]) -> None:
    name, value = facts.header_name.strip(), facts.header_value.strip()
    if name and (not HEADER_NAME.fullmatch(name) or name.lower() in SET_BY_THE_CALL):
        wrong["header_name"] = _("请求头的名称只用字母、数字和连字符，例如 Authorization、X-API-Key。")
    if value and not FIT_FOR_HEADER.fullmatch(value):
        wrong["header_value"] = _("凭据只能用英文字母、数字和符号，500 个字符以内。")
    if value and not name:
        wrong["header_name"] = _("填了凭据，请写明放在哪个请求头里，例如 Authorization。")
    if name and not value and (not interface.header_encrypted or name != interface.header_name):
        wrong["header_value"] = _("请填写这个请求头的值。平台加密保存，之后不再显示。")
    interface.header_name = name
    interface.header_encrypted = encrypt(value) if value else interface.header_encrypted if name else ""


def as_interface_facts(values: Mapping[str, Any]) -> InterfaceFacts:
    """The facts among the values of a form or a call."""
    known = {one.name for one in fields(InterfaceFacts)}
    return InterfaceFacts(**{name: value for name, value in values.items() if name in known})
