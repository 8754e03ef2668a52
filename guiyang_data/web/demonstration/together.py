"""Entries of the demonstration for which two agencies collect (第十二条第二款): one in force, one that is asked."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile

from catalog import services
from catalog.models import CatalogEntry, Category, EntryRevision
from catalog.services import ItemSpec
from guiyang_data.accounts.models import Agency, User
from guiyang_data.web.demonstration.catalogue import MADE_UP, approve, staff_of
from guiyang_data.web.demonstration.datasets import SEED
from guiyang_data.web.demonstration.rows import COUNTIES

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PUBLISHED, ASKED = 24, 2
"""Days ago."""

CARE = (
    ItemSpec(name="机构编号", code="home", length=8, is_key=True, required=True, meaning="两个机关报送的行按它合并"),
    ItemSpec(name="养老机构名称", code="name", length=60, required=True),
    ItemSpec(name="区（市、县）", code="county", length=20),
    ItemSpec(name="护理型床位数", code="nursing_beds", data_type="I", unit="张"),
)
CARE_OF_HEALTH = (
    ItemSpec(
        name="医养结合方式", code="way", length=20, required=True, code_list=("内设医疗机构", "签约医疗机构", "无")
    ),
    ItemSpec(name="医疗机构名称", code="clinic", length=60),
    ItemSpec(name="执业医师数", code="doctors", data_type="I", unit="人"),
)
RELIEF = (
    ItemSpec(name="救助编号", code="case", length=12, is_key=True, required=True),
    ItemSpec(name="救助类别", code="kind", length=20, required=True),
    ItemSpec(name="救助日期", code="given_on", data_type="D"),
)
RELIEF_OF_HEALTH = (
    ItemSpec(name="就诊机构", code="hospital", length=60, required=True),
    ItemSpec(name="医疗费用", code="cost", data_type="Y", unit="元", sensitivity="sensitive", grade=2),
)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """An entry: the items of the agency that leads, and those that the other collects."""

    title: str
    abstract: str
    category: str
    cycle: str
    own: Sequence[ItemSpec]
    others: Sequence[ItemSpec]
    sharing: str = "unconditional"
    condition: str = ""
    closed_basis: str = ""


HOMES = Shared(
    title="养老机构医养结合情况",
    abstract="养老机构的护理型床位，和内设、签约的医疗机构、执业医师。民政部门牵头，卫生健康部门采集医疗部分。",
    category="养老服务",
    cycle="quarterly",
    own=CARE,
    others=CARE_OF_HEALTH,
)
ILLNESS = Shared(
    title="医疗救助对象就诊费用",
    abstract="医疗救助的类别、日期和就诊费用，用于核定救助。",
    category="社会救助",
    cycle="monthly",
    own=RELIEF,
    others=RELIEF_OF_HEALTH,
    sharing="conditional",
    condition="用于救助审核、医疗保障经办，限经办人员使用。",
    closed_basis="《中华人民共和国个人信息保护法》第二十八条",
)


def build(found: dict[str, Agency], *, at: dt.datetime) -> None:
    """Ask, agree, publish and send; then ask again for another entry, which waits for an answer."""
    lead, other = found["市民政局"], found["市卫健局"]
    begun = at - PUBLISHED * DAY
    revision = _compiled(HOMES, lead, other, at=begun)
    (asked,) = services.ask_co_collection(revision_id=revision.pk, by=staff_of(lead, at=begun).steward, at=begun + HOUR)
    collector = staff_of(other, at=begun).steward
    services.decide_co_collection(co_collection_id=asked.pk, agreed=True, by=collector, at=begun + DAY)
    approve(revision, staff_of(lead, at=begun), at=begun + 2 * DAY)
    entry = CatalogEntry.objects.get(pk=revision.entry_id)
    _send(entry, CARE, _homes, staff_of(lead, at=begun).steward, at=begun + 6 * DAY)
    _send(entry, (CARE[0], *CARE_OF_HEALTH), _clinics, collector, at=begun + 7 * DAY)
    waiting = _compiled(ILLNESS, lead, other, at=at - ASKED * DAY)
    services.ask_co_collection(revision_id=waiting.pk, by=staff_of(lead, at=at).steward, at=at - ASKED * DAY + HOUR)


def _compiled(shared: Shared, lead: Agency, other: Agency, *, at: dt.datetime) -> EntryRevision:
    return services.compile_entry(
        provider=lead,
        by=staff_of(lead, at=at).steward,
        at=at,
        elements={
            "title": shared.title,
            "abstract": f"{shared.abstract}{MADE_UP}",
            "category": Category.objects.filter(name=shared.category).order_by("code").first(),
            "field": "other",
            "format_class": "spreadsheet",
            "format_type": "CSV",
            "sharing_type": shared.sharing,
            "sharing_condition": shared.condition,
            "sharing_method": "共享平台",
            "is_open": not shared.closed_basis,
            "closed_ground": 3 if shared.closed_basis else None,
            "closed_basis": shared.closed_basis,
            "update_cycle": shared.cycle,
            "spatial_scope": "贵阳市",
            "contact": "数据管理科",
            "contact_phone": "0851-00000000",
        },
        items=[*shared.own, *(_of(item, other) for item in shared.others)],
    )


def _of(item: ItemSpec, collector: Agency) -> ItemSpec:
    return ItemSpec(**{**vars(item), "collector_id": collector.pk})


Made = Callable[[random.Random], Iterator[Sequence[object]]]


def _send(entry: CatalogEntry, items: Sequence[ItemSpec], made: Made, by: User, *, at: dt.datetime) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([item.name for item in items])
    writer.writerows(made(random.Random(f"{SEED}-{entry.pk}")))  # noqa: S311  made-up data, not a secret
    file = ContentFile(out.getvalue().encode(), name=f"{HOMES.title}.csv")
    load = services.land_file(entry_id=entry.pk, uploaded=file, by=by, at=at, mode="upsert")
    done = services.run_load(load.pk, at=at)
    if done.rows_refused or done.state != "done":
        raise RuntimeError(f"{HOMES.title}: {done.message or done.reasons}")


def _homes(rng: random.Random) -> Iterator[Sequence[object]]:
    for number in range(1, 141):
        county = rng.choice(COUNTIES)
        yield f"YA{number:04d}", f"{county.rstrip('区县市')}示例养老院{number}", county, rng.randrange(0, 90)


def _clinics(rng: random.Random) -> Iterator[Sequence[object]]:
    for number in range(1, 129):
        way = rng.choice(("内设医疗机构", "签约医疗机构", "签约医疗机构", "无"))
        clinic = "" if way == "无" else f"示例{'护理院' if way == '内设医疗机构' else '社区卫生服务中心'}{number}"
        yield f"YA{number:04d}", way, clinic, 0 if way == "无" else rng.randrange(1, 12)
