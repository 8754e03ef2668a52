"""Requests and reviews of the demonstration: some answered, some running, one overdue, one under review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from django.utils import timezone

from guiyang_data.accounts.models import Agency, User
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.web.demonstration.accounts import CITIZEN
from guiyang_data.web.demonstration.catalogue import staff_of
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.services import ReplyText

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FULFILLED_IN = 12
"""Days after which what was agreed is really there."""

AGREED = ReplyText(outcome="agree", agreed_to="open")
NOT_HELD = ReplyText(
    outcome="refuse",
    ground="not-held",
    searched_where="本机关业务系统和档案室",
    reasons="本机关没有采集这类数据，也没有其他机关提供的副本。",
)
BUSINESS_SECRET = ReplyText(
    outcome="agree-in-part",
    agreed_to="open",
    agreed_part="停车场名称、位置和泊位总数",
    ground="2",
    ground_basis="《中华人民共和国反不正当竞争法》第九条",
    why_still_closed="保密的是余位数值本身，脱敏后余位就没有了；名称、位置和泊位总数已经同意开放。",
    reasons="实时余位由合作企业采集，合同约定保密，不同意开放实时余位。",
)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A request that was answered: filed so many days ago, answered after so many days."""

    agency: str
    title: str
    filed: int
    took: int
    reply: ReplyText


ANSWERED: tuple[Answered, ...] = (
    Answered(agency="市教育局", title="幼儿园招生计划", filed=52, took=6, reply=AGREED),
    Answered(agency="市卫健局", title="发热门诊名单", filed=49, took=4, reply=AGREED),
    Answered(agency="市水务局", title="自来水厂每日供水量", filed=45, took=9, reply=NOT_HELD),
    Answered(agency="市生态环境局", title="噪声监测点小时值", filed=40, took=7, reply=AGREED),
    Answered(agency="市文化和旅游局", title="A级景区日承载量", filed=36, took=5, reply=AGREED),
    Answered(agency="市住建局", title="公租房配租结果", filed=33, took=13, reply=AGREED),
    Answered(agency="市人社局", title="职业技能培训机构名单", filed=28, took=3, reply=AGREED),
    Answered(agency="市商务局", title="家政服务企业名单", filed=21, took=8, reply=NOT_HELD),
    Answered(agency="市林业局", title="古树名木分布", filed=17, took=6, reply=AGREED),
    Answered(agency="市气象局", title="雨量站小时雨量", filed=14, took=5, reply=AGREED),
)
COUNTIES_ANSWERED: tuple[Answered, ...] = tuple(
    Answered(agency=f"{county}{office}", title=f"{county}{title}", filed=filed, took=took, reply=AGREED)
    for county, office, title, filed, took in (
        ("南明区", "教育局", "托育机构名单", 60, 5),
        ("云岩区", "住建局", "老旧小区改造进度", 58, 7),
        ("花溪区", "卫生健康局", "社区卫生服务中心接种时间", 55, 4),
        ("乌当区", "农业农村局", "果园采摘点", 50, 8),
        ("白云区", "教育局", "中小学课后服务项目", 47, 6),
        ("观山湖区", "住建局", "在建工程施工许可", 43, 3),
        ("开阳县", "农业农村局", "富硒农产品产地", 39, 9),
        ("息烽县", "住建局", "建筑工地扬尘监测", 37, 14),
        ("修文县", "农业农村局", "猕猴桃种植面积", 35, 6),
        ("清镇市", "卫生健康局", "乡镇卫生院门诊时间", 31, 7),
        ("息烽县", "教育局", "校车线路", 29, 6),
    )
)
"""In every county at least one; one of them late."""
RUNNING: tuple[tuple[str, str, int], ...] = (
    ("市交通委", "公交车辆实时位置", 6),
    ("市交通委", "公交车辆实时到站时间", 4),
    ("市公安局", "道路施工和交通管制公告", 8),
    ("南明区教育局", "南明区中小学学区划分", 2),
    ("市市场监管局", "特种设备检验结果", 1),
)
"""Agency, title, filed so many days ago."""
CITIZENS_OWN = 6
"""The running request that the demonstration's citizen filed."""
OVERDUE = ("市交通委", "出租汽车经营权名录", 16)
REVIEWED = ("市综合行政执法局", "公共停车场实时余位", 27)


def build(found: dict[str, Agency], *, at: dt.datetime) -> None:
    """File and answer them in the order of their days, each act on its own past day."""
    citizen = User.objects.get(username=CITIZEN)
    steps: list[tuple[int, Callable[[], object]]] = [
        (case.filed, partial(_answered, found[case.agency], case, at)) for case in (*ANSWERED, *COUNTIES_ANSWERED)
    ]
    steps += [
        (days, partial(_file, found[agency], title, at - days * DAY, by=citizen if days == CITIZENS_OWN else None))
        for agency, title, days in (*RUNNING, OVERDUE)
    ]
    steps.append((REVIEWED[2], partial(_reviewed, found, citizen, at)))
    for _days, step in sorted(steps, key=lambda dated: -dated[0]):
        step()


def _answered(agency: Agency, case: Answered, at: dt.datetime) -> None:
    filed = _file(agency, case.title, at - case.filed * DAY)
    replied = at - (case.filed - case.took) * DAY
    _answer(filed, case.reply, replied)
    if case.reply is AGREED and replied < at - FULFILLED_IN * DAY:
        _fulfil(filed, replied + FULFILLED_IN * DAY)


def _file(agency: Agency, title: str, at: dt.datetime, *, by: User | None = None) -> OpenRequest:
    return services.file_request(
        by=by or PUBLIC,
        agency=agency,
        title=title,
        description="希望以机器可读格式开放，并按周期更新。（演示申请，内容为虚构。）",
        on=timezone.localdate(at),
        at=at,
    ).request


def _answer(request: OpenRequest, reply: ReplyText, at: dt.datetime) -> None:
    people = staff_of(request.agency, at=at)
    on = timezone.localdate(at)
    text = replace(reply, searched_on=on) if reply.searched_where else reply
    services.draft_reply(request_id=request.pk, by=people.steward, text=text, on=on, at=at)
    services.deliver_reply(request_id=request.pk, by=people.approver, on=on, at=at + HOUR)


def _fulfil(request: OpenRequest, at: dt.datetime) -> None:
    services.fulfil(
        request_id=request.pk,
        by=staff_of(request.agency, at=at).steward,
        on=timezone.localdate(at),
        at=at,
        link="/data/",
        note="已列入本机关开放目录，按周期更新。（演示）",
    )


def _reviewed(found: dict[str, Agency], citizen: User, at: dt.datetime) -> None:
    agency, title, days = REVIEWED
    request = _file(found[agency], title, at - days * DAY, by=citizen)
    _answer(request, BUSINESS_SECRET, at - (days - 6) * DAY)
    applied, accepted = at - 11 * DAY, at - 8 * DAY
    review = services.apply_review(
        request_id=request.pk,
        by=citizen,
        parts="不同意开放实时余位",
        reasons="同一数据已在企业的手机应用中公开展示，不构成商业秘密。",
        on=timezone.localdate(applied),
        at=applied,
    ).review
    reviewer = User.objects.get(username="reviewer")
    services.accept_review(review_id=review.pk, by=reviewer, on=timezone.localdate(accepted), at=accepted)
