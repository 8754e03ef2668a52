"""Sharing between agencies of the demonstration: in advance, granted, cut, refused, coordinated, applied again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from catalog import services as catalog
from catalog.models import CatalogEntry, Category, SharingType, UpdateCycle
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders, municipal_authority
from guiyang_data.web.demonstration.catalogue import approve, staff_of
from sharing import services
from sharing.kinds import KindOfAgency
from sharing.models import SharingApplication
from sharing.services import Wish

DAY = dt.timedelta(days=1)


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Apply and answer, each act on its own past day."""
    low_income, marriage = entries["最低生活保障对象"], entries["婚姻登记核验"]
    granted = _apply(
        found["市卫健局"],
        low_income,
        ("name", "id_number", "kind"),
        "医疗救助对象身份核对",
        "办理医疗救助时核对申请人是否为低保对象。",
        at - 25 * DAY,
    )
    provider = staff_of(low_income.provider, at=at)
    services.agree(application_id=granted.pk, by=provider.approver, at=at - 21 * DAY)
    _apply(
        found["市住建局"],
        low_income,
        ("name", "id_number", "kind", "amount"),
        "公共租赁住房保障资格审核",
        "审核公共租赁住房申请人的收入情况。",
        at - 7 * DAY,
    )
    refused = _apply(
        found["市自然资源和规划局"],
        marriage,
        ("name", "id_number", "kind", "registered_on"),
        "不动产登记",
        "办理不动产登记时核验权利人的婚姻状况。",
        at - 12 * DAY,
    )
    reasons = "申请的信息项超出核验婚姻状况的需要，登记日期不予提供；请缩小范围后重新申请。"
    services.refuse(application_id=refused.pk, by=provider.approver, at=at - 9 * DAY, reasons=reasons)
    services.request_coordination(
        application_id=refused.pk,
        by=staff_of(found["市自然资源和规划局"], at=at).approver,
        at=at - 5 * DAY,
        reasons="登记日期是判断财产归属的必要信息，没有其他来源。",
    )
    _in_advance(low_income, at=at)
    _several_and_again(found, entries, at=at)
    _in_part(found["市人社局"], low_income, at=at)
    _confirmed(found["市投资促进局"], marriage, at=at)
    _withhold(found["市公安局"], at=at)


def _in_advance(entry: CatalogEntry, *, at: dt.datetime) -> None:
    """The entry opened to the departments of all counties, and what it lets one of them have cut down later."""
    provider = staff_of(entry.provider, at=at)
    standing = services.authorise_kind(
        entry_id=entry.pk,
        to=KindOfAgency(kinds=["department"], levels=["county"]),
        by=provider.approver,
        at=at - 20 * DAY,
        terms=services.StandingTerms(
            items=["name", "id_number", "county", "kind"],
            duty="社会救助、住房保障中核对家庭情况",
            purpose="受理救助、保障申请时核对申请人是否为低保对象。",
            valid_from=timezone.localdate(at - 20 * DAY),
            limits=services.Limits(rows_per_day=5_000),
        ),
    )
    grant = standing.grants.order_by("pk")[0]
    services.change_grant(
        grant_id=grant.pk,
        by=provider.approver,
        at=at - 6 * DAY,
        terms=services.GrantTerms(
            items=["name", "id_number", "kind"],
            purpose=grant.purpose,
            valid_until=grant.valid_until,
            limits=services.Limits(rows_per_day=1_000),
        ),
        reasons="该机关受理的事项不需要所在区，每日核对量也不足一千人次。",
    )


def _several_and_again(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Two entries applied for in one form; one of them taken back and applied for again with less."""
    requester = found["市医保局"]
    people = staff_of(requester, at=at)
    wished = {
        entries["最低生活保障对象"].pk: ("name", "id_number", "kind"),
        entries["婚姻登记核验"].pk: ("name", "id_number", "kind", "county"),
    }
    duty, purpose = "医疗救助资格核定", "核定医疗救助对象的资格和家庭关系。"
    first = services.apply_together(
        requester=requester,
        by=people.steward,
        at=at - 4 * DAY,
        wishes={pk: _wish(items, duty, purpose, at - 4 * DAY, ways=("verify",)) for pk, items in wished.items()},
    )[-1]
    services.withdraw_application(application_id=first.pk, by=people.steward, at=at - 3 * DAY)
    services.apply(
        entry_id=first.entry_id,
        requester=requester,
        by=people.steward,
        at=at - 2 * DAY,
        wish=_wish(("name", "id_number", "kind"), duty, purpose, at - 2 * DAY, ways=("verify",)),
        previous=first,
    )


def _in_part(requester: Agency, entry: CatalogEntry, *, at: dt.datetime) -> None:
    """Agreed in part: an item less, half a year, and no downloads."""
    items = ("name", "id_number", "kind", "amount")
    asked = _apply(requester, entry, items, "就业困难人员认定", "认定就业困难人员时核对低保情况。", at - 15 * DAY)
    services.agree_in_part(
        application_id=asked.pk,
        by=staff_of(entry.provider, at=at).approver,
        at=at - 11 * DAY,
        items=["name", "id_number", "kind"],
        valid_until=timezone.localdate(at + 170 * DAY),
        ways=["query", "interface"],
        reasons="认定只需核对是否为低保对象，不需要保障金额；逐人核对即可，不提供批量下载；期限先定半年。",
    )


def _confirmed(requester: Agency, entry: CatalogEntry, *, at: dt.datetime) -> None:
    """Refused, and the refusal confirmed by a coordination."""
    items, duty = ("name", "id_number", "registered_on"), "招商服务"
    asked = _apply(requester, entry, items, duty, "了解意向投资人的家庭情况。", at - 24 * DAY)
    provider = staff_of(entry.provider, at=at)
    reasons = "招商服务不属于须核验婚姻状况的法定职责，提供将超出必要范围。"
    services.refuse(application_id=asked.pk, by=provider.approver, at=at - 20 * DAY, reasons=reasons)
    case = services.request_coordination(
        application_id=asked.pk,
        by=staff_of(requester, at=at).approver,
        at=at - 19 * DAY,
        reasons="希望更好地服务投资人。",
    )
    statement = "婚姻登记信息属于个人信息，只能为履行法定职责所必需提供。"
    services.submit_statement(coordination_id=case.pk, by=provider.approver, at=at - 18 * DAY, text=statement)
    coordinator = holders(municipal_authority(), [Role.COORDINATOR]).first()
    if coordinator is not None:
        services.conclude_coordination(
            coordination_id=case.pk,
            by=coordinator,
            at=at - 14 * DAY,
            opinion="keep",
            text="申请的数据不是履行法定职责所必需，可以不提供。",
        )


def _withhold(provider: Agency, *, at: dt.datetime) -> None:
    """An entry that is shared with nobody, by law."""
    people, moment = staff_of(provider, at=at), at - 30 * DAY
    revision = catalog.compile_entry(
        provider=provider,
        by=people.steward,
        at=moment,
        elements={
            "title": "防范恐怖袭击重点目标名录",
            "abstract": "依法确定的防范恐怖袭击重点目标。（演示数据，内容为虚构。）",
            "category": Category.objects.filter(level=Category.Level.ITEM).order_by("code")[0],
            "sharing_type": SharingType.WITHHELD,
            "sharing_basis": "《中华人民共和国反恐怖主义法》第三十一条：名录由公安机关会同有关部门确定。",
            "is_open": False,
            "closed_ground": 4,
            "closed_basis": "《中华人民共和国反恐怖主义法》第三十一条",
            "update_cycle": UpdateCycle.YEARLY,
            "contact": "数据管理科",
            "contact_phone": "0851-00000000",
        },
        items=[
            catalog.ItemSpec(name="编号", code="code", length=10, required=True, is_key=True),
            catalog.ItemSpec(name="目标名称", code="name", length=60, required=True, grade=4),
        ],
    )
    approve(revision, people, at=moment)


def _wish(items: tuple[str, ...], duty: str, purpose: str, at: dt.datetime, **more: Any) -> Wish:
    on = timezone.localdate(at)
    return Wish(
        items=items,
        duty=duty,
        duty_basis="本机关职能配置规定",
        purpose=purpose,
        period_from=on,
        period_until=on + 365 * DAY,
        **more,
    )


def _apply(
    requester: Agency, entry: CatalogEntry, items: tuple[str, ...], duty: str, purpose: str, at: dt.datetime
) -> SharingApplication:
    return services.apply(
        entry_id=entry.pk,
        requester=requester,
        by=staff_of(requester, at=at).steward,
        at=at,
        wish=_wish(items, duty, purpose, at),
    )
