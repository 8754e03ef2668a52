"""Service matters of the demonstration: what they ask for, what the platform supplies of it, and what is done about it.

Matters and their materials are those that a city like this has; their codes are made up.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.web.demonstration.catalogue import staff_of
from guiyang_data.web.demonstration.licensed import REGISTER
from guiyang_data.web.demonstration.matters import IMPORTED, MATTERS, Material, Matter
from oversight.services import report_repeated_demand
from sharing import services
from sharing.materials.files import MATERIAL_COLUMNS, MATTER_COLUMNS
from sharing.materials.selectors import find_name
from sharing.models import DocumentTemplate, MatterKind, MatterMaterial, ServiceMatter, SupplyWay
from sharing.services.materials.importing import run_matter_import

DAY = dt.timedelta(days=1)
LISTED_BEFORE, MARRIAGE_BEFORE, INCOME_BEFORE, PROPOSED_BEFORE, DONE_BEFORE = 40, 26, 12, 3, 2
"""Days before today on which things were done."""
SUPPLIES: tuple[tuple[str, str, str, tuple[str, ...], int], ...] = (
    ("婚姻状况证明", "婚姻登记核验", SupplyWay.VERIFY, ("name", "id_number", "kind"), MARRIAGE_BEFORE),
    ("最低生活保障证明", "最低生活保障对象", SupplyWay.QUERY, ("name", "id_number", "kind"), INCOME_BEFORE),
    ("医疗机构执业许可证", "医疗机构基本信息", SupplyWay.QUERY, ("hospital", "name", "grade"), INCOME_BEFORE),
)
"""Material, entry, way, items, and how many days ago it was confirmed."""


def build(found: Mapping[str, Agency], entries: Mapping[str, CatalogEntry], *, at: dt.datetime) -> None:
    """Enter the matters, confirm what supplies their materials, and let some agencies act, each on its past day."""
    for agency, matters in MATTERS.items():
        for matter in matters:
            _enter(found[agency], matter, at - LISTED_BEFORE * DAY)
    for agency, matters in IMPORTED.items():
        _import(found[agency], matters, at - LISTED_BEFORE * DAY)
    for material, title, way, items, before in SUPPLIES:
        _confirm(material, entries[title], way, items, at - before * DAY, found["市大数据局"])
    _propose(entries["行政处罚公示"], at - PROPOSED_BEFORE * DAY)
    _act(found, at - DONE_BEFORE * DAY)
    _report(found["市住建局"], at - DAY)


def _enter(agency: Agency, matter: Matter, at: dt.datetime) -> None:
    services.add_matter(
        agency=agency,
        by=staff_of(agency, at=at).steward,
        at=at,
        name=matter.name,
        code=matter.code,
        kind=matter.kind,
        basis=matter.basis,
        materials=[
            services.Wanted(label=one.label, form=one.form, source=one.source, required=one.required)
            for one in matter.materials
        ],
    )


def _import(agency: Agency, matters: tuple[Matter, ...], at: dt.datetime) -> None:
    """The same from a file, as an agency with a long list does it."""
    steward = staff_of(agency, at=at).steward
    content = json.dumps([_as_record(matter) for matter in matters], ensure_ascii=False).encode()
    uploaded = ContentFile(content, name=f"{agency.short_name}事项材料.json")
    job = services.start_matter_import(agency=agency, uploaded=uploaded, by=steward, at=at)
    services.begin_matter_import(import_id=job.pk, by=steward, at=at, mapping=job.mapping)
    done = run_matter_import(job.pk, at=at)
    if done.created != len(matters):
        raise RuntimeError(f"{agency.short_name}: {done.message or done.refusals}")


def _as_record(matter: Matter) -> dict[str, Any]:
    kind = str(MatterKind(matter.kind).label)
    cells = dict(zip(MATTER_COLUMNS, (matter.code, matter.name, "", kind, matter.basis), strict=True))
    return cells | {"申请材料": [_as_part(one) for one in matter.materials]}


def _as_part(one: Material) -> dict[str, str]:
    form = str(one.form)
    return dict(
        zip(MATERIAL_COLUMNS, (one.label, form, one.source, "", "是" if one.required else "否", ""), strict=True)
    )


def _confirm(
    material: str, entry: CatalogEntry, way: str, items: tuple[str, ...], at: dt.datetime, authority: Agency
) -> None:
    name = find_name(material)
    if name is None:
        raise LookupError(material)
    supply = services.propose_supply(
        name_id=name.pk,
        entry_id=entry.pk,
        by=staff_of(entry.provider, at=at).steward,
        at=at,
        way=way,
        items=items,
        note="按申请人授权查询本人的记录。",
    )
    services.confirm_supply(supply_id=supply.pk, by=staff_of(authority, at=at).reviewer, at=at)


def _propose(entry: CatalogEntry, at: dt.datetime) -> None:
    name = find_name("无行政处罚记录证明")
    if name is None:
        raise LookupError
    services.propose_supply(
        name_id=name.pk,
        entry_id=entry.pk,
        by=staff_of(entry.provider, at=at).steward,
        at=at,
        way=SupplyWay.QUERY,
        items=("document", "party", "kind", "decided_on"),
        note="按当事人名称查询近三年的处罚决定。",
    )


def propose_documents(entries: Mapping[str, CatalogEntry], *, at: dt.datetime) -> None:
    """After the electronic documents are there: one that the platform issues is proposed for a material."""
    entry, name = entries[REGISTER.title], find_name("营业执照")
    if name is None:
        raise LookupError
    services.propose_supply(
        name_id=name.pk,
        entry_id=entry.pk,
        by=staff_of(entry.provider, at=at).steward,
        at=at - PROPOSED_BEFORE * DAY,
        way=SupplyWay.DOCUMENT,
        template_id=DocumentTemplate.objects.get(entry=entry, title="营业执照", ended_at=None).pk,
        note="凭授权查找并取用，不再要求提交复印件。",
    )


def _material(agency: Agency, matter: str, label: str) -> MatterMaterial:
    return MatterMaterial.objects.get(matter__agency=agency, matter__name=matter, label=label)


def _act(found: Mapping[str, Agency], at: dt.datetime) -> None:
    """One asks for it no longer, one names the law that stands against it, one says why the data does not do."""
    civil, education = found["市民政局"], found["市教育局"]
    for matter in ("临时救助申请", "特困人员救助供养认定"):
        material = _material(civil, matter, "最低生活保障证明")
        services.drop_material(material_id=material.pk, by=staff_of(civil, at=at).steward, at=at)
    adoption = _material(civil, "收养登记", "婚姻状况证明（原件）")
    services.record_exception(
        material_id=adoption.pk,
        by=staff_of(civil, at=at).approver,
        at=at,
        instrument="中华人民共和国电子签名法",
        article="第三条第三款",
    )
    aid = _material(education, "家庭经济困难学生资助", "最低生活保障证明")
    services.state_reasons(
        material_id=aid.pk,
        by=staff_of(education, at=at).steward,
        at=at,
        reasons="平台的数据只有本市的低保对象，外省户籍的学生查不到，需要由其户籍地出具证明。",
    )


def _report(agency: Agency, at: dt.datetime) -> None:
    """A citizen says that a material was asked for all the same."""
    matter = ServiceMatter.objects.get(agency=agency, name="公共租赁住房保障资格申请")
    material = _material(agency, matter.name, "最低生活保障证明（原件）")
    report_repeated_demand(
        by=PUBLIC,
        matter=matter,
        materials=[material.pk],
        text="在窗口申请公租房，工作人员说必须回社区开低保证明原件，否则不收件。（演示）",
        anonymous=True,
        on=timezone.localdate(at),
        at=at,
    )
