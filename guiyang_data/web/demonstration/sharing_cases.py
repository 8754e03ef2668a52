"""Applications between agencies of the demonstration: one granted, one waiting, one refused and being coordinated."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.web.demonstration.catalogue import staff_of
from sharing import services
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


def _apply(
    requester: Agency, entry: CatalogEntry, items: tuple[str, ...], duty: str, purpose: str, at: dt.datetime
) -> SharingApplication:
    on = timezone.localdate(at)
    return services.apply(
        entry_id=entry.pk,
        requester=requester,
        by=staff_of(requester, at=at).steward,
        at=at,
        wish=Wish(
            items=items,
            duty=duty,
            duty_basis="本机关职能配置规定",
            purpose=purpose,
            period_from=on,
            period_until=on + 365 * DAY,
        ),
    )
