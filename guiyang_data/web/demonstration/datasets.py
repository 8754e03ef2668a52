"""Data sets of the demonstration city: realistic subjects, made-up content, the same at every load (fixed seed)."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.models import Field, SharingType, UpdateCycle
from guiyang_data.web.demonstration import rows

SEED = 20170501

Maker = Callable[[random.Random, dt.date], Iterator[rows.Row]]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One information item: name, code, data type letter, and what it means."""

    name: str
    code: str
    data_type: str = "C"
    length: int | None = None
    unit: str = ""
    meaning: str = ""
    key: bool = False
    required: bool = False
    sensitivity: str = "none"
    grade: int = 1
    rules: dict[str, str] = dataclasses.field(default_factory=dict)


LATITUDE = {"minimum": "26.1", "maximum": "27.4"}
LONGITUDE = {"minimum": "106.1", "maximum": "107.3"}


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A data set: its metadata, its items, how its rows are made, and how each item opens (``keep`` where unnamed)."""

    provider: str
    title: str
    abstract: str
    category: str
    field: Field
    cycle: UpdateCycle
    items: tuple[Item, ...]
    rows: Maker
    sharing: SharingType = SharingType.UNCONDITIONAL
    condition: str = ""
    is_open: bool = True
    ground: int | None = None
    ground_basis: str = ""
    techniques: dict[str, dict[str, object]] = dataclasses.field(default_factory=dict)
    keywords: str = ""


def csv_of(dataset: Dataset, *, on: dt.date) -> bytes:
    """The rows of a data set as a UTF-8 CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([item.name for item in dataset.items])
    writer.writerows(dataset.rows(random.Random(f"{SEED}-{dataset.title}"), on))  # noqa: S311  made-up data, not a secret
    return out.getvalue().encode()


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        provider="市生态环境局",
        title="空气质量监测站小时值",
        abstract="十个监测站每小时的 PM2.5、PM10、臭氧、一氧化碳浓度与空气质量级别。",
        category="空气质量",
        field=Field.ENVIRONMENT,
        cycle=UpdateCycle.REAL_TIME,
        keywords="空气质量 PM2.5 监测站",
        rows=rows.air,
        items=(
            Item(name="监测时间", code="observed_at", data_type="T", required=True, key=True, meaning="整点，北京时间"),
            Item(name="站点编号", code="station", length=8, required=True, key=True),
            Item(name="站点", code="station_name", length=40),
            Item(name="PM2.5", code="pm25", data_type="I", unit="μg/m³", rules={"minimum": "0"}),
            Item(name="PM10", code="pm10", data_type="I", unit="μg/m³"),
            Item(name="臭氧", code="o3", data_type="I", unit="μg/m³"),
            Item(name="一氧化碳", code="co", data_type="N", unit="mg/m³"),
            Item(name="级别", code="grade", length=10),
        ),
    ),
    Dataset(
        provider="市综合行政执法局",
        title="公共停车场与泊位",
        abstract="全市公共停车场的位置、泊位数、充电泊位数与收费方式。",
        category="停车设施",
        field=Field.TRANSPORT,
        cycle=UpdateCycle.MONTHLY,
        keywords="停车场 泊位 充电",
        rows=rows.lots,
        items=(
            Item(name="停车场编号", code="lot", length=10, required=True, key=True, rules={"pattern": r"TC\d{5}"}),
            Item(name="名称", code="name", length=60),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="泊位数", code="spaces", data_type="I", unit="个"),
            Item(name="充电泊位数", code="charging", data_type="I", unit="个"),
            Item(name="收费方式", code="pricing", length=20),
            Item(name="纬度", code="latitude", data_type="B", unit="度", rules=LATITUDE),
            Item(name="经度", code="longitude", data_type="B", unit="度", rules=LONGITUDE),
            Item(name="启用日期", code="opened_on", data_type="D"),
        ),
    ),
    Dataset(
        provider="市交通委",
        title="公交线路与站点",
        abstract="公交线路的站点次序、站名、位置与首末班时间。",
        category="交通出行",
        field=Field.TRANSPORT,
        cycle=UpdateCycle.WEEKLY,
        keywords="公交 线路 站点",
        rows=rows.stops,
        items=(
            Item(name="线路", code="line", length=10, required=True),
            Item(name="站点编号", code="stop", length=8, required=True, key=True),
            Item(name="站序", code="position", data_type="I"),
            Item(name="站名", code="name", length=40),
            Item(name="纬度", code="latitude", data_type="B", unit="度", rules=LATITUDE),
            Item(name="经度", code="longitude", data_type="B", unit="度", rules=LONGITUDE),
            Item(name="首班", code="first", length=5),
            Item(name="末班", code="last", length=5),
        ),
    ),
    Dataset(
        provider="市交通委",
        title="轨道交通站点客流（月）",
        abstract="轨道交通各站每月进站、出站人次。",
        category="交通出行",
        field=Field.TRANSPORT,
        cycle=UpdateCycle.MONTHLY,
        keywords="地铁 轨道 客流",
        rows=rows.metro,
        items=(
            Item(name="月份", code="month", length=7, required=True, key=True),
            Item(name="线路", code="line", length=10),
            Item(name="站点编号", code="station", length=6, required=True, key=True),
            Item(name="站名", code="name", length=30),
            Item(name="进站人次", code="entries", data_type="I", unit="人次"),
            Item(name="出站人次", code="exits", data_type="I", unit="人次"),
        ),
    ),
    Dataset(
        provider="市教育局",
        title="中小学幼儿园名录",
        abstract="全市幼儿园、小学、中学的名称、性质、所在区县、班级数与在校人数。",
        category="教育服务",
        field=Field.EDUCATION,
        cycle=UpdateCycle.YEARLY,
        keywords="学校 中小学名录 幼儿园",
        rows=rows.schools,
        items=(
            Item(name="学校编号", code="school", length=10, required=True, key=True),
            Item(name="名称", code="name", length=60),
            Item(name="类别", code="kind", length=20),
            Item(name="性质", code="ownership", length=10),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="区划代码", code="county_code", length=6),
            Item(name="班级数", code="classes", data_type="I", unit="个"),
            Item(name="在校人数", code="pupils", data_type="I", unit="人"),
            Item(name="办公电话", code="phone", length=20),
        ),
    ),
    Dataset(
        provider="市卫健局",
        title="医疗机构基本信息",
        abstract="医疗机构的名称、等级、所在区县、编制床位数与急诊设置。",
        category="医疗机构",
        field=Field.MEDICAL,
        cycle=UpdateCycle.QUARTERLY,
        keywords="医院 床位",
        rows=rows.hospitals,
        items=(
            Item(name="机构编号", code="hospital", length=10, required=True, key=True),
            Item(name="名称", code="name", length=60),
            Item(name="等级", code="grade", length=10),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="编制床位数", code="beds", data_type="I", unit="张"),
            Item(name="设急诊", code="emergency", data_type="L"),
        ),
    ),
    Dataset(
        provider="市水务局",
        title="水库每日蓄水量与水质",
        abstract="五座水库每日蓄水量与水质类别。",
        category="水环境",
        field=Field.RESOURCES,
        cycle=UpdateCycle.DAILY,
        keywords="水库 蓄水量 水质 红枫湖",
        rows=rows.water,
        items=(
            Item(name="日期", code="day", data_type="D", required=True, key=True),
            Item(name="水库", code="reservoir", length=20, required=True, key=True),
            Item(name="蓄水量", code="volume", data_type="N", unit="万立方米"),
            Item(name="水质类别", code="quality", length=6),
        ),
    ),
    Dataset(
        provider="市商务局",
        title="农贸市场蔬菜水果零售价格",
        abstract="二十个农贸市场每日主要蔬菜水果的零售价格。",
        category="商品价格",
        field=Field.AGRICULTURE,
        cycle=UpdateCycle.DAILY,
        keywords="菜价 农贸市场",
        rows=rows.prices,
        items=(
            Item(name="日期", code="day", data_type="D", required=True, key=True),
            Item(name="市场", code="market", length=40, required=True, key=True),
            Item(name="品种", code="product", length=20, required=True, key=True),
            Item(name="价格", code="price", data_type="Y", unit="元/千克"),
        ),
    ),
    Dataset(
        provider="市市场监管局",
        title="行政处罚公示",
        abstract="市场监管领域行政处罚决定的文号、当事人（企业）、依据、种类、金额与日期。",
        category="行政处罚",
        field=Field.COMPANIES,
        cycle=UpdateCycle.WEEKLY,
        keywords="双公示 行政处罚 企业",
        rows=rows.punish,
        items=(
            Item(name="决定书文号", code="document", length=60, required=True, key=True),
            Item(name="当事人", code="party", length=80),
            Item(name="依据", code="basis", length=60),
            Item(name="处罚种类", code="kind", length=20),
            Item(name="罚款金额", code="amount", data_type="Y", unit="元"),
            Item(name="决定日期", code="decided_on", data_type="D"),
        ),
    ),
    Dataset(
        provider="市医保局",
        title="定点医疗机构与药店",
        abstract="医疗保障定点医疗机构与药店名单。",
        category="医疗保障",
        field=Field.SOCIAL_SECURITY,
        cycle=UpdateCycle.MONTHLY,
        keywords="医保 定点 药店",
        rows=rows.pharmacies,
        items=(
            Item(name="机构编号", code="unit", length=10, required=True, key=True),
            Item(name="名称", code="name", length=60),
            Item(name="类别", code="kind", length=20),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="支持异地结算", code="remote", data_type="L"),
        ),
    ),
    Dataset(
        provider="市民政局",
        title="养老机构",
        abstract="养老机构名称、所在区县、床位数、入住人数与性质。",
        category="养老服务",
        field=Field.OTHER,
        cycle=UpdateCycle.QUARTERLY,
        keywords="养老院 床位",
        rows=rows.care_homes,
        items=(
            Item(name="机构编号", code="home", length=8, required=True, key=True),
            Item(name="名称", code="name", length=60),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="床位数", code="beds", data_type="I", unit="张"),
            Item(name="入住人数", code="residents", data_type="I", unit="人"),
            Item(name="性质", code="ownership", length=10),
        ),
    ),
    Dataset(
        provider="市综合行政执法局",
        title="公共厕所位置",
        abstract="公共厕所的名称、位置、无障碍设施与开放时间。",
        category="市政设施",
        field=Field.GEOGRAPHY,
        cycle=UpdateCycle.HALF_YEARLY,
        keywords="公厕 无障碍",
        rows=rows.toilets,
        items=(
            Item(name="编号", code="toilet", length=8, required=True, key=True),
            Item(name="名称", code="name", length=60),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="纬度", code="latitude", data_type="B", unit="度", rules=LATITUDE),
            Item(name="经度", code="longitude", data_type="B", unit="度", rules=LONGITUDE),
            Item(name="无障碍设施", code="accessible", data_type="L"),
            Item(name="开放时间", code="hours", length=20),
        ),
    ),
    Dataset(
        provider="市民政局",
        title="最低生活保障对象",
        abstract="最低生活保障对象的身份、类别与保障金额；开放版本隐去身份信息。",
        category="社会救助",
        field=Field.SOCIAL_SECURITY,
        cycle=UpdateCycle.MONTHLY,
        keywords="低保",
        rows=rows.low_income,
        sharing=SharingType.CONDITIONAL,
        condition="用于社会救助、住房保障等核对家庭情况；限依法负有核对职责的机关。",
        techniques={
            "name": {"technique": "suppress"},
            "id_number": {"technique": "suppress"},
            "phone": {"technique": "suppress"},
            "born_on": {"technique": "suppress"},
            "case": {"technique": "suppress"},
        },
        items=(
            Item(name="保障证号", code="case", length=10, required=True, key=True, sensitivity="direct", grade=3),
            Item(name="姓名", code="name", length=20, sensitivity="direct", grade=3),
            Item(
                name="身份证号",
                code="id_number",
                length=18,
                required=True,
                sensitivity="direct",
                grade=3,
                rules={"check_digits": "resident-id"},
            ),
            Item(name="手机号码", code="phone", length=11, sensitivity="direct", grade=3),
            Item(name="区（市、县）", code="county", length=20),
            Item(name="出生日期", code="born_on", data_type="D", sensitivity="quasi", grade=2),
            Item(name="保障类别", code="kind", length=10),
            Item(name="月保障金额", code="amount", data_type="Y", unit="元", sensitivity="sensitive", grade=2),
        ),
    ),
    Dataset(
        provider="市民政局",
        title="婚姻登记核验",
        abstract="婚姻登记的证号、当事人与登记日期，供依法核验婚姻状况。",
        category="婚姻登记",
        field=Field.OTHER,
        cycle=UpdateCycle.DAILY,
        keywords="婚姻 核验",
        rows=rows.marriage,
        sharing=SharingType.CONDITIONAL,
        condition="用于不动产登记、户籍等事项核验婚姻状况，限办理事项所涉当事人。",
        is_open=False,
        ground=3,
        ground_basis="《中华人民共和国民法典》第一千零三十四条：自然人的个人信息受法律保护。",
        items=(
            Item(
                name="登记证号", code="certificate", length=16, required=True, key=True, sensitivity="direct", grade=3
            ),
            Item(name="姓名", code="name", length=20, sensitivity="direct", grade=3),
            Item(name="身份证号", code="id_number", length=18, required=True, sensitivity="direct", grade=3),
            Item(name="登记日期", code="registered_on", data_type="D", sensitivity="quasi", grade=2),
            Item(name="登记种类", code="kind", length=10, sensitivity="sensitive", grade=2),
            Item(name="登记机关所在区", code="county", length=20),
        ),
    ),
)
