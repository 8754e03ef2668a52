"""Doubts about data of the demonstration: one waiting, one found right and not mended yet, one found not right."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.ledger.services import Actor
from guiyang_data.web.demonstration.accounts import CITIZEN
from guiyang_data.web.demonstration.catalogue import staff_of
from opendata.models import OpenDataset
from requests_app import services
from requests_app.corrections.models import CorrectionReport, Mend, Target
from requests_app.services import Doubt

DAY = dt.timedelta(days=1)


def build(found: dict[str, Agency], entries: dict[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Report and answer, each act on its own past day."""
    citizen = User.objects.get(username=CITIZEN)
    _not_right(_doubted(entries["公交线路与站点"], LAST_BUS, by=citizen, at=at - 20 * DAY), at=at - 17 * DAY)
    asker = staff_of(found["市人社局"], at=at).steward
    _right(_doubted(entries["医疗机构基本信息"], BEDS, by=asker, at=at - 6 * DAY), at=at - 2 * DAY)
    _doubted(entries["公共停车场与泊位"], SPACES, by=citizen, at=at - 3 * DAY)


LAST_BUS = Doubt(
    target=Target.ITEM,
    item="last",
    description="末班时间和站牌上写的不一样，站牌上晚半小时，请核对。（演示，内容为虚构）",
)
BEDS = Doubt(
    target=Target.ITEM,
    item="beds",
    description="与医保定点机构年审时报的床位数不一致，请核对是否更新。（演示，内容为虚构）",
)
SPACES = Doubt(
    target=Target.ROWS,
    item="spaces",
    description="现场数过，东侧一片已改成非机动车位，泊位比数据里的少。（演示，内容为虚构）",
    rows=({"key": "TC00001", "value": "350", "should_be": "312"},),
)


def _doubted(entry: CatalogEntry, doubt: Doubt, *, by: Actor, at: dt.datetime) -> CorrectionReport:
    dataset = OpenDataset.objects.filter(entry=entry).first()
    on = timezone.localdate(at)
    return services.report_correction(by=by, entry=entry, dataset=dataset, doubt=doubt, on=on, at=at).report


def _not_right(report: CorrectionReport, *, at: dt.datetime) -> None:
    services.find_not_right(
        report_id=report.pk,
        by=staff_of(report.provider, at=at).steward,
        answer="已与营运调度核对：站牌是夏季时刻，10 月起末班提前半小时，数据是现行时刻。站牌正在更换。（演示）",
        on=timezone.localdate(at),
        at=at,
    )


def _right(report: CorrectionReport, *, at: dt.datetime) -> None:
    services.find_right(
        report_id=report.pk,
        by=staff_of(report.provider, at=at).steward,
        answer="经核对，三家医院今年核增了床位，数据没有更新。更正后的数据将在近日汇聚。（演示）",
        mend_by=Mend.DATA,
        on=timezone.localdate(at),
        at=at,
    )
