"""What an agency does about a material that it asks for, and how that is judged (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import record
from guiyang_data.notices.services import tell_agency
from sharing.materials.policies import MATERIAL_POLICY
from sharing.materials.workflow import MATERIALS, NO_REPEAT
from sharing.models import MatterMaterial
from sharing.policies import DECIDERS
from sharing.services.checks import reasons_or_refuse, refuse_if, require_valid_fields
from sharing.services.locking import GONE
from sharing.services.materials.mending import settle

MISSING = "请写明理由。没有理由不能办理这一事项。"
ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条")
INSTRUMENTS = ("法", "法典", "条例", "规定", "办法", "细则", "决定", "解释")
"""How laws and regulations are called, at the end of their names."""
LEAST_REASONS = 10


def lock_material(pk: int) -> MatterMaterial:
    """The material, locked until the transaction ends."""
    rows = MatterMaterial.objects.select_for_update(of=("self",))
    found = rows.select_related("matter__agency", "name", "decided_by").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def _begin(material_id: int, by: User, verb: str) -> MatterMaterial:
    material = lock_material(material_id)
    MATERIAL_POLICY.require(by, verb, material)
    material.status = MATERIALS.target(verb, material.status)
    return material


def _done(material: MatterMaterial, verb: str, *, by: User, at: dt.datetime, told: str = "") -> MatterMaterial:
    """Save, record, and let what has to be mended follow."""
    material.decided_by, material.decided_on = by, day_of(at)
    names = ["status", "reasons", "exception_instrument", "exception_article", "decided_by", "decided_on"]
    material.save(update_fields=names)
    payload = {"matter": material.matter.code or material.matter.name, "material": material.label}
    payload |= {"exception": material.exception} if material.exception else {}
    record(material, verb, by=by, at=at, basis=NO_REPEAT, payload=payload)
    settle(names=[material.name_id], agency=material.matter.agency, by=by, at=at)
    if told:
        _tell(material, told, verb, at)
    return material


def _tell(material: MatterMaterial, title: str, verb: str, at: dt.datetime) -> None:
    tell_agency(
        material.matter.agency,
        DECIDERS,
        key=f"material:{material.pk}:{verb}:{at.isoformat()}",
        about=material,
        kind="sharing",
        title=f"{title}：{material.label}（{material.matter.name}）"[:200],
        body=material.reasons,
        path=material.matter.get_absolute_url(),
        at=at,
        basis=NO_REPEAT,
    )


@transaction.atomic
def drop_material(*, material_id: int, by: User, at: dt.datetime) -> MatterMaterial:
    """Ask applicants for it no longer: the agency has it from the platform."""
    material = _begin(material_id, by, "drop-material")
    material.exception_instrument = material.exception_article = ""
    return _done(material, "drop-material", by=by, at=at)


@transaction.atomic
def ask_again(*, material_id: int, by: User, at: dt.datetime) -> MatterMaterial:
    """Ask for it again; where the platform supplies it, it has to be mended again."""
    return _done(_begin(material_id, by, "ask-again"), "ask-again", by=by, at=at)


@transaction.atomic
def record_exception(*, material_id: int, by: User, at: dt.datetime, instrument: str, article: str) -> MatterMaterial:
    """Record the law or regulation that does not admit electronic documents, the only exception that there is."""
    material = _begin(material_id, by, "record-exception")
    material.exception_instrument = instrument.strip().strip("《》").strip()
    material.exception_article = article.strip()
    refuse_if(_wrong_basis(material), NO_REPEAT)
    require_valid_fields(material, ("exception_instrument", "exception_article"), NO_REPEAT)
    material.reasons = ""
    return _done(material, "record-exception", by=by, at=at)


def _wrong_basis(material: MatterMaterial) -> dict[str, str]:
    """Whether the law says so is judged by people; here it must be named so that they can."""
    wrong = {}
    if len(material.exception_instrument) < 4 or not material.exception_instrument.endswith(INSTRUMENTS):
        wrong["instrument"] = "请写法律或者法规的全称，例如「中华人民共和国公证法」。规章和规范性文件不能作为依据。"
    if not ARTICLE.search(material.exception_article):
        wrong["article"] = "请写明是第几条，例如「第十二条第一款」。"
    return wrong


@transaction.atomic
def state_reasons(*, material_id: int, by: User, at: dt.datetime, reasons: str) -> MatterMaterial:
    """Say why the platform's data does not do in place of it; the municipal authority judges. The target runs on."""
    material = _begin(material_id, by, "state-reasons")
    material.reasons = reasons_or_refuse(reasons, NO_REPEAT, MISSING)
    if len(material.reasons) < LEAST_REASONS:
        refuse_if({"reasons": f"请写明平台数据缺什么、为什么不能代替，至少 {LEAST_REASONS} 个字。"}, NO_REPEAT)
    require_valid_fields(material, ("reasons",), NO_REPEAT)
    return _done(material, "state-reasons", by=by, at=at)


@transaction.atomic
def accept_reasons(*, material_id: int, by: User, at: dt.datetime, reasons: str = "") -> MatterMaterial:
    """Find that the platform's data does not do in place of it in this matter: it may still be asked for."""
    material = _begin(material_id, by, "accept-reasons")
    material.reasons = f"{material.reasons}\n核对意见：{reasons.strip()}" if reasons.strip() else material.reasons
    return _done(material, "accept-reasons", by=by, at=at, told="已核对，可以继续要求提交")


@transaction.atomic
def decline_reasons(*, material_id: int, by: User, at: dt.datetime, reasons: str) -> MatterMaterial:
    """Find with reasons that the platform's data does: the agency has to mend it."""
    material = _begin(material_id, by, "decline-reasons")
    material.reasons = reasons_or_refuse(reasons, NO_REPEAT, MISSING)
    return _done(material, "decline-reasons", by=by, at=at, told="所说明的理由不成立，请清理")


@transaction.atomic
def strike_exception(*, material_id: int, by: User, at: dt.datetime, reasons: str) -> MatterMaterial:
    """Strike an exception whose law does not say so, with reasons; the agency has to mend it."""
    material = _begin(material_id, by, "strike-exception")
    material.reasons = reasons_or_refuse(reasons, NO_REPEAT, MISSING)
    material.exception_instrument = material.exception_article = ""
    return _done(material, "strike-exception", by=by, at=at, told="不适用电子文书的登记已撤销，请清理")
