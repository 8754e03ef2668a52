"""Decisions of the demonstration to publish other catalogues (第十一条第三款): one in force, one to be confirmed."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog import services
from catalog.publishing import USUAL, USUAL_OF_ITEMS
from catalog.services import Publication
from guiyang_data.accounts.models import Agency, User

DAY = dt.timedelta(days=1)


def build(found: dict[str, Agency], *, at: dt.datetime) -> None:
    """One officer proposes, another reviews and confirms; the second proposal waits for the other officer."""
    first, second = (User.objects.get(username=name) for name in ("authority", "authority-second"))
    decision = services.propose_publication(
        facts=_of(
            found["市交通委"],
            number=12,
            grounds="公交、停车等条目社会关注多，公布资源目录，方便公众知道有哪些数据、向谁申请。（演示）",
            on=timezone.localdate(at - 12 * DAY),
        ),
        by=first,
        at=at - 12 * DAY,
    )
    services.pass_decision_review(
        decision_id=decision.pk,
        opinion="逐条核对条目和所列要素，没有国家秘密、商业秘密和个人信息，可以公布。（演示）",
        by=second,
        at=at - 10 * DAY,
    )
    services.confirm_decision(decision_id=decision.pk, by=second, at=at - 10 * DAY)
    services.propose_publication(
        facts=_of(
            found["市生态环境局"],
            number=15,
            grounds="环境监测数据的种类、更新周期，公众和企业经常询问。（演示）",
            on=timezone.localdate(at - DAY),
        ),
        by=first,
        at=at - DAY,
    )


def _of(agency: Agency, *, number: int, grounds: str, on: dt.date) -> Publication:
    return Publication(
        catalogue="resource",
        agency=agency,
        document=f"筑数发示例〔{on.year}〕{number}号",
        decided_on=on,
        grounds=grounds,
        elements=USUAL,
        item_elements=USUAL_OF_ITEMS,
    )
