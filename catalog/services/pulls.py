"""Pulls of an entry's rows (第十二条): set up, changed, paused, taken up, made now, ended; and how each ended."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import policies
from catalog.collecting import is_shared
from catalog.contracts.sampling import FIT_FOR_HEADER
from catalog.deadlines import BY_CYCLE, CYCLE_MINUTES, PULL_INTERVALS
from catalog.models import CatalogEntry, Interface, Load, Pull
from catalog.pulling import Plan
from catalog.services.interfaces import HEADER_NAME, SET_BY_THE_CALL
from catalog.workflow import GATHER, PULL_WORKFLOW, InterfaceStatus, PullStatus, SystemStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import record
from guiyang_data.texts import one_line
from guiyang_data.waking import wake

JOB = "catalog.run_pulls"
GONE = "没有找到这项定时拉取，或者您不能查看。请返回目录条目重新选择。"
MOST = 20
"""Pulls of one entry that are kept at a time."""
DAY = 1440
POINTER = re.compile(r"^(/[^/]*)*$")


@dataclass(frozen=True, kw_only=True)
class PullFacts:
    """What is pulled and when. ``mapping``: field (or JSON pointer into a row) -> item; empty: fields are items.

    ``header_name``, ``header_value``: credentials of this pull; without a value the one deposited stays, without a name
    the interface's are used.
    """

    interface: int
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    paging: str = Pull.Paging.NONE
    page_name: str = ""
    size_name: str = ""
    page_size: int = 500
    first_page: int = 1
    next_at: str = ""
    rows_at: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    mode: str = Load.Mode.REPLACE
    every: int = 1440
    at_time: dt.time | None = None
    header_name: str = ""
    header_value: str = ""


PLAIN = [one.name for one in fields(PullFacts) if one.name not in {"interface", "header_name", "header_value"}]


@transaction.atomic
def add_pull(*, entry_id: int, by: User, at: dt.datetime, facts: PullFacts) -> Pull:
    """Have rows of an entry pulled from an interface of its provider; the first time at once."""
    entry = _lock_entry(entry_id, by, "add-pull")
    if entry.pulls.exclude(status=PullStatus.ENDED).count() >= MOST:
        raise RuleBroken(_("一个条目最多设置 %(most)d 项定时拉取。请先终止不用的。") % {"most": MOST}, basis=GATHER)
    pull = Pull(entry=entry, made_by=by, made_at=at, next_run_at=at)
    _fill(pull, facts, by)
    pull.save()
    payload = {"pull": pull.pk, "interface": pull.interface_id, "mode": pull.mode, "every": pull.every}
    record(entry, "add-pull", by=by, at=at, basis=GATHER, payload=payload)
    wake(JOB)
    return pull


@transaction.atomic
def change_pull(*, pull_id: int, by: User, at: dt.datetime, facts: PullFacts) -> Pull:
    """Change what is pulled, or when; where it is not paused it is pulled again at once."""
    pull = _lock(pull_id, by, "change-pull")
    before = {name: getattr(pull, name) for name in PLAIN}
    _fill(pull, facts, by)
    pull.failures, pull.told_at = 0, None
    pull.next_run_at = at if pull.status == PullStatus.RUNNING else None
    pull.save()
    changed = [name for name in PLAIN if getattr(pull, name) != before[name]]
    _note(pull, "change-pull", by=by, at=at, payload={"changed": changed})
    wake(JOB)
    return pull


@transaction.atomic
def pause_pull(*, pull_id: int, by: User, at: dt.datetime, reasons: str) -> Pull:
    """Pull no more for the time being."""
    return _stop(pull_id, "pause-pull", by=by, at=at, reasons=reasons)


@transaction.atomic
def end_pull(*, pull_id: int, by: User, at: dt.datetime, reasons: str) -> Pull:
    """Pull no more, for good."""
    return _stop(pull_id, "end-pull", by=by, at=at, reasons=reasons)


@transaction.atomic
def resume_pull(*, pull_id: int, by: User, at: dt.datetime) -> Pull:
    """Pull again, the first time at once."""
    pull = _lock(pull_id, by, "resume-pull")
    pull.status, pull.status_reasons = PULL_WORKFLOW.target("resume-pull", pull.status), ""
    pull.failures, pull.told_at = 0, None
    return _due(pull, "resume-pull", by=by, at=at)


@transaction.atomic
def run_pull(*, pull_id: int, by: User, at: dt.datetime) -> Pull:
    """Pull at once instead of at its next time."""
    return _due(_lock(pull_id, by, "run-pull"), "run-pull", by=by, at=at)


def plan_of(pull: Pull) -> Plan:
    """A pull as it is made."""
    try:
        headers = pull.credentials()
    except InvalidToken:
        headers = {}
    plain = {name: getattr(pull, name) for name in ("query", "paging", "page_name", "size_name", "page_size")}
    plain |= {name: getattr(pull, name) for name in ("first_page", "next_at", "rows_at", "mapping")}
    url = f"{pull.interface.url.rstrip('/')}/{pull.path.lstrip('/')}" if pull.path else pull.interface.url
    return Plan(url=url, host=pull.interface.host, headers=headers, **plain)


def plan_to_try(*, entry_id: int, by: User, facts: PullFacts, pull: Pull | None = None) -> Plan:
    """What would be pulled, for a look at the first rows; nothing is kept."""
    entry = CatalogEntry.objects.select_related("provider", "in_force").filter(pk=entry_id).first()
    if entry is None:
        raise NotSeen(GONE)
    policies.require(by, "try-pull", entry)
    tried = pull or Pull(entry=entry, made_by=by)
    _fill(tried, facts, by)
    return plan_of(tried)


def next_run(pull: Pull, at: dt.datetime) -> dt.datetime:
    """When it is pulled after ``at``, by its own interval or the update cycle of its entry."""
    minutes = pull.every
    if minutes == BY_CYCLE:
        cycle = pull.entry.in_force.update_cycle if pull.entry.in_force else "daily"
        minutes = CYCLE_MINUTES.get(cycle, 1440)
    soonest = at + dt.timedelta(minutes=minutes)
    if pull.at_time is None or minutes < DAY:
        return soonest
    day = timezone.localdate(at) + dt.timedelta(days=minutes // DAY)
    return timezone.make_aware(dt.datetime.combine(day, pull.at_time))


def _due(pull: Pull, verb: str, *, by: User, at: dt.datetime) -> Pull:
    if pull.idle_because:
        raise WrongState(pull.idle_because, basis=GATHER, verb=verb)
    pull.next_run_at = at
    pull.save(update_fields=["status", "status_reasons", "failures", "told_at", "next_run_at"])
    _note(pull, verb, by=by, at=at, payload={})
    wake(JOB)
    return pull


def _stop(pull_id: int, verb: str, *, by: User, at: dt.datetime, reasons: str) -> Pull:
    pull = _lock(pull_id, by, verb)
    said = one_line(reasons)[:500]
    if not said:
        message = _("请写明理由。没有理由不能办理这一事项。")
        raise RuleBroken(message, basis=GATHER, fields={"reasons": message})
    pull.status, pull.status_reasons, pull.next_run_at = PULL_WORKFLOW.target(verb, pull.status), said, None
    pull.save(update_fields=["status", "status_reasons", "next_run_at"])
    _note(pull, verb, by=by, at=at, payload={"reasons": said})
    return pull


def _lock_entry(entry_id: int, by: User, verb: str) -> CatalogEntry:
    entries = CatalogEntry.objects.select_for_update(of=("self",)).select_related("provider", "in_force")
    entry = entries.filter(pk=entry_id).first()
    if entry is None:
        raise NotSeen(GONE)
    policies.require(by, verb, entry)
    if entry.in_force is None:
        raise RuleBroken(_("目录公布之后才能设置定时拉取。"), basis=GATHER)
    return entry


def _lock(pull_id: int, by: User, verb: str) -> Pull:
    pulls = Pull.objects.select_for_update(of=("self",)).select_related("entry__provider", "entry__in_force")
    pull = pulls.select_related("interface__system").filter(pk=pull_id).first()
    if pull is None:
        raise NotSeen(GONE)
    policies.require(by, verb, pull)
    PULL_WORKFLOW.target(verb, pull.status)
    return pull


def _note(pull: Pull, verb: str, *, by: User, at: dt.datetime, payload: Mapping[str, Any]) -> None:
    record(pull.entry, verb, by=by, at=at, basis=GATHER, payload={"pull": pull.pk, **payload})


def _fill(pull: Pull, facts: PullFacts, by: User) -> None:
    """Write the facts into the row, or raise RuleBroken with every field that is wrong."""
    wrong: dict[str, str] = {}
    interfaces = Interface.objects.select_related("system").exclude(status=InterfaceStatus.ENDED)
    mine = policies.pulling_agencies(by, pull.entry)
    own = interfaces.filter(system__agency__in=mine, system__status=SystemStatus.IN_USE)
    chosen = own.filter(pk=facts.interface).first()
    if chosen is None:
        wrong["interface"] = _("请选择本机关在用系统的接口。还没有的，先在信息系统里登记。")
    else:
        pull.interface = chosen
    for name in PLAIN:
        setattr(pull, name, getattr(facts, name))
    pull.path = facts.path.strip()
    pull.query = {str(name): str(value) for name, value in facts.query.items()}
    pull.mapping = dict(facts.mapping)
    _check_reading(pull, wrong)
    _check_paging(pull, wrong)
    _fill_header(pull, facts, wrong)
    if wrong:
        raise RuleBroken(_("定时拉取没有设置，请按提示更正。您填写的内容都还在。"), basis=GATHER, fields=wrong)


def _check_reading(pull: Pull, wrong: dict[str, str]) -> None:
    if len(pull.path) > 300 or re.search(r"[?#\s]|^[a-z]+://|(^|/)\.\.(/|$)", pull.path):
        wrong["path"] = _("只写接口地址之后的路径，例如 /stops。参数写在固定参数里。")
    if not POINTER.fullmatch(pull.rows_at) or len(pull.rows_at) > 200:
        wrong["rows_at"] = _("写成 /data/items 的样子；答复本身就是数组的不填。")
    if len(json.dumps([pull.query, pull.mapping])) > 20_000:
        wrong["query"] = _("固定参数和字段对应写得太长了。")
    if pull.every not in dict(PULL_INTERVALS):
        wrong["every"] = _("请从列出的间隔中选择。")
    _check_items(pull, wrong)


def _check_items(pull: Pull, wrong: dict[str, str]) -> None:
    items = list(pull.entry.in_force.items.all()) if pull.entry.in_force else []
    known = {one for item in items for one in (item.name, item.code)}
    unknown = [str(item) for item in pull.mapping.values() if item not in known]
    if unknown:
        wrong["mapping"] = _("目录里没有这些信息项：%(names)s。") % {"names": "、".join(unknown[:5])}
    elif len(set(pull.mapping.values())) != len(pull.mapping):
        wrong["mapping"] = _("一个信息项只能对应一个字段。")
    if pull.mode not in Load.Mode.values:
        wrong["mode"] = _("请选择入库的方式。")
    elif pull.mode == Load.Mode.UPSERT and not any(item.is_key for item in items):
        wrong["mode"] = _("目录没有规定主键，不能按主键更新。请选择别的方式。")
    elif pull.mode == Load.Mode.APPEND and is_shared(pull.entry.in_force):
        wrong["mode"] = _("这一条目由几个机关共同采集，不能追加。请选择「按主键更新」或者「整表替换」。")


def _check_paging(pull: Pull, wrong: dict[str, str]) -> None:
    kinds = Pull.Paging
    if pull.paging not in kinds.values:
        wrong["paging"] = _("请选择分页的方式。")
    if pull.paging in {kinds.PAGE, kinds.OFFSET, kinds.CURSOR} and not pull.page_name:
        wrong["page_name"] = _("请填写这种分页的参数名称，例如 page、offset、cursor。")
    if pull.paging in {kinds.CURSOR, kinds.LINK} and not (pull.next_at and POINTER.fullmatch(pull.next_at)):
        wrong["next_at"] = _("请写明答复里下一个游标或者地址的位置，例如 /links/next。")
    if not 1 <= pull.page_size <= 10_000:
        wrong["page_size"] = _("每页行数在 1 到 10,000 之间。")


def _fill_header(pull: Pull, facts: PullFacts, wrong: dict[str, str]) -> None:
    name, value = facts.header_name.strip(), facts.header_value.strip()
    if name and (not HEADER_NAME.fullmatch(name) or name.lower() in SET_BY_THE_CALL):
        wrong["header_name"] = _("请求头的名称只用字母、数字和连字符，例如 Authorization、X-API-Key。")
    if value and not FIT_FOR_HEADER.fullmatch(value):
        wrong["header_value"] = _("凭据只能用英文字母、数字和符号，500 个字符以内。")
    if value and not name:
        wrong["header_name"] = _("填了凭据，请写明放在哪个请求头里，例如 Authorization。")
    if name and not value and (not pull.header_encrypted or name != pull.header_name):
        wrong["header_value"] = _("请填写这个请求头的值。平台加密保存，之后不再显示。")
    pull.header_name = name
    pull.header_encrypted = encrypt(value) if value else pull.header_encrypted if name else ""
