"""Information systems of the demonstration with interfaces, documents and a month of checks; their hosts are made up.

Nobody answers at made-up hosts, so the checks of all but one are paused. That one has stayed broken since yesterday and
is still checked, so that the portal's own checks go on finding what its page says.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog import services
from catalog.models import CatalogEntry, InformationSystem, Interface
from catalog.services import Found, InterfaceFacts, SystemFacts
from guiyang_data.accounts.models import Agency, User
from guiyang_data.web.demonstration.catalogue import staff_of

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
REGISTERED = 34
"""Days ago."""
MADE_UP = "演示数据，地址是虚构的，不实际检查。"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An interface: its name, path and items, and the days ago on which checks found it otherwise than good."""

    name: str
    path: str
    items: dict[str, str]
    milliseconds: int
    deviating: frozenset[int] = frozenset()
    unavailable: frozenset[int] = frozenset()
    until_now: bool = False


@dataclass(frozen=True, kw_only=True)
class System:
    """A system: whose, what for, by whom, which entries it holds, what it offers."""

    agency: str
    name: str
    purpose: str
    operator: str
    network: str
    protection: int
    host: str
    years: int
    holds: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    planned: bool = False


SYSTEMS: tuple[System, ...] = (
    System(
        agency="市交通委",
        name="公共交通综合调度系统",
        purpose="调度全市公交车辆，维护线路、站点和班次。",
        operator="市公交公司信息中心",
        network="extranet",
        protection=3,
        host="dispatch.transport.guiyang.example",
        years=5,
        holds=("公交线路与站点",),
        offers=(
            Offer(
                name="公交线路与站点查询",
                path="/lines",
                items={"line": "string", "stop": "string", "order": "integer"},
                milliseconds=86,
                unavailable=frozenset({19}),
            ),
            Offer(
                name="公交车辆到站预报",
                path="/arrivals",
                items={"stop": "string", "minutes": "integer"},
                milliseconds=140,
                unavailable=frozenset({0, 1}),
                until_now=True,
            ),
        ),
    ),
    System(
        agency="市生态环境局",
        name="环境质量自动监测系统",
        purpose="接收空气、水、噪声自动监测站的数据。",
        operator="市环境监测中心",
        network="internet",
        protection=2,
        host="monitor.environment.guiyang.example",
        years=7,
        holds=("空气质量监测站小时值",),
        offers=(
            Offer(
                name="空气质量小时值查询",
                path="/air/hours",
                items={"station": "string", "at": "string", "pm25": "number"},
                milliseconds=64,
            ),
            Offer(
                name="地表水断面查询",
                path="/water/sections",
                items={"section": "string", "grade": "string"},
                milliseconds=210,
                deviating=frozenset({0, 1, 2}),
            ),
        ),
    ),
    System(
        agency="市民政局",
        name="社会救助管理系统",
        purpose="办理最低生活保障等社会救助。",
        operator="市民政局信息中心",
        network="dedicated",
        protection=3,
        host="relief.civil.guiyang.example",
        years=4,
        holds=("最低生活保障对象",),
        offers=(Offer(name="救助对象身份核对", path="/status", items={"status": "string"}, milliseconds=118),),
    ),
    System(
        agency="市卫健局",
        name="全民健康信息平台",
        purpose="汇集医疗机构、卫生人员和诊疗服务信息。",
        operator="市卫生健康信息中心",
        network="extranet",
        protection=3,
        host="health.guiyang.example",
        years=3,
        holds=("医疗机构基本信息",),
    ),
    System(
        agency="市水务局",
        name="智慧供水监测系统",
        purpose="监测水厂供水量和管网压力。",
        operator="水务集团信息部",
        network="extranet",
        protection=2,
        host="water.guiyang.example",
        years=0,
        planned=True,
    ),
    System(
        agency="南明区教育局",
        name="义务教育招生管理系统",
        purpose="办理学区划分和入学登记。",
        operator="南明区教育局电教中心",
        network="internet",
        protection=2,
        host="school.nanming.example",
        years=2,
        offers=(Offer(name="学区查询", path="/districts", items={"school": "string"}, milliseconds=95),),
    ),
)


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Register and document them, then let a month of checks go by."""
    registered = at - REGISTERED * DAY
    for system in SYSTEMS:
        agency = found[system.agency]
        steward = staff_of(agency, at=registered).steward
        made = _register(system, agency, entries, steward, at=registered)
        for offer in system.offers:
            interface = _add(made, system, offer, steward, at=registered + HOUR)
            for moment, result in _month(offer, at):
                services.note_check(
                    interface_id=interface.pk, document_id=interface.contract_id, found=result, at=moment
                )
            if not offer.until_now:
                services.pause_checking(interface_id=interface.pk, by=steward, at=at, reasons=MADE_UP)


def _register(
    system: System, agency: Agency, entries: dict[str, CatalogEntry], by: User, *, at: dt.datetime
) -> InformationSystem:
    on = timezone.localdate(at)
    since = None if system.planned else on - system.years * 365 * DAY
    return services.register_system(
        agency=agency,
        by=by,
        on=on,
        at=at,
        status="planned" if system.planned else "in-use",
        facts=SystemFacts(
            name=system.name,
            purpose=f"{system.purpose}（演示）",
            operator=system.operator,
            operator_phone="0851-00000000",
            network=system.network,
            protection=system.protection,
            planned_on=on if system.planned else None,
            in_use_on=since,
            entries=tuple(entries[title].pk for title in system.holds if title in entries),
        ),
    )


def _add(made: InformationSystem, system: System, offer: Offer, by: User, *, at: dt.datetime) -> Interface:
    facts = InterfaceFacts(name=offer.name, url=f"https://{system.host}/api", every=360)
    interface = services.add_interface(system_id=made.pk, by=by, at=at, facts=facts)
    document = services.read_document(json.dumps(_document(offer), ensure_ascii=False, indent=2).encode())
    services.replace_document(interface_id=interface.pk, by=by, at=at, document=document)
    interface.refresh_from_db()
    return interface


def _document(offer: Offer) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in offer.items.items()}
    row = {"type": "object", "required": list(properties), "properties": properties}
    answer = {"description": offer.name, "content": {"application/json": {"schema": {"type": "array", "items": row}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": offer.name, "version": "1.0"},
        "paths": {offer.path: {"get": {"summary": offer.name, "responses": {"200": answer}}}},
    }


def _month(offer: Offer, at: dt.datetime) -> Iterator[tuple[dt.datetime, Found]]:
    """A check every six hours for thirty days."""
    today = timezone.localdate(at)
    for number in range(4 * 30, 0, -1):
        moment = at - number * 6 * HOUR
        yield moment, _found(offer, (today - timezone.localdate(moment)).days, number)


def _found(offer: Offer, days_ago: int, number: int) -> Found:
    if days_ago in offer.unavailable:
        what = "对方没有在规定时间内答复，已停止等待。请稍后再试。"
        finding = {"rule": "time", "what": what, "path": offer.path, "where": "", "times": 1}
        return Found(outcome="unavailable", milliseconds=None, asked=0, findings=[finding])
    milliseconds = offer.milliseconds + number * 7 % 23
    if days_ago in offer.deviating:
        name = list(offer.items)[-1]
        finding = {"rule": "schema", "what": f"缺少「{name}」。", "path": offer.path, "where": "[]", "times": 12}
        return Found(outcome="deviating", milliseconds=milliseconds, asked=1, findings=[finding])
    return Found(outcome="conforming", milliseconds=milliseconds, asked=1)
