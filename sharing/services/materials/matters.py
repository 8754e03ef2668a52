"""Keeping the list of an agency's matters and their materials by hand (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import record
from guiyang_data.texts import one_line
from sharing.materials.policies import MATERIAL_POLICY, MATTER_POLICY
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MaterialForm, MatterKind, MatterMaterial, ServiceMatter
from sharing.services.checks import refuse_if, require_valid_fields
from sharing.services.locking import GONE
from sharing.services.materials.demanding import lock_material
from sharing.services.materials.mending import settle
from sharing.services.materials.names import names_for
from sharing.services.materials.suggesting import look_for

MOST_MATERIALS = 200


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A material as a person describes it. ``document``: the electronic document that there is of it."""

    label: str
    form: str = MaterialForm.ORIGINAL
    source: str = ""
    document: str = ""
    required: bool = True


@transaction.atomic
def add_matter(
    *,
    agency: Agency,
    by: User,
    at: dt.datetime,
    name: str,
    code: str = "",
    kind: str = MatterKind.OTHER,
    basis: str = "",
    materials: Sequence[Wanted] = (),
) -> ServiceMatter:
    """Enter a matter that people apply for with the agency, with the materials it asks for."""
    MATTER_POLICY.require(by, "add-matter", agency)
    matter = ServiceMatter(agency=agency, changed_at=at)
    _fill(matter, name=name, code=code, kind=kind, basis=basis)
    record(matter, "add-matter", by=by, at=at, basis=NO_REPEAT, payload={"agency": agency.code, "name": matter.name})
    labels = [one_line(wanted.label) for wanted in materials]
    if len(set(labels)) < len(labels):
        refuse_if({"materials": "同一事项里有重名的材料，请合并或者写出区别。"}, NO_REPEAT)
    for wanted in materials:
        add_material(matter_id=matter.pk, by=by, at=at, wanted=wanted)
    return matter


def lock_matter(pk: int) -> ServiceMatter:
    """The matter, locked until the transaction ends."""
    rows = ServiceMatter.objects.select_for_update(of=("self",)).select_related("agency")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


@transaction.atomic
def change_matter(
    *,
    matter_id: int,
    by: User,
    at: dt.datetime,
    name: str,
    code: str = "",
    kind: str = MatterKind.OTHER,
    basis: str = "",
    is_active: bool = True,
) -> ServiceMatter:
    """Change what is said of a matter, or say that it is handled no longer (``is_active``)."""
    matter = lock_matter(matter_id)
    MATTER_POLICY.require(by, "change-matter", matter)
    was_active = matter.is_active
    matter.is_active, matter.changed_at = is_active, at
    _fill(matter, name=name, code=code, kind=kind, basis=basis)
    payload = {"name": matter.name, "is_active": is_active}
    record(matter, "change-matter", by=by, at=at, basis=NO_REPEAT, payload=payload)
    if was_active != is_active:
        settle(names=_names_of(matter), agency=matter.agency, by=by, at=at)
    return matter


def _names_of(matter: ServiceMatter) -> set[int]:
    return set(matter.materials.values_list("name", flat=True))


def _fill(matter: ServiceMatter, *, name: str, code: str, kind: str, basis: str) -> None:
    matter.name, matter.code, matter.kind, matter.basis = one_line(name), one_line(code), kind, basis.strip()
    refuse_if({} if matter.name else {"name": "请填写事项名称。"}, NO_REPEAT)
    require_valid_fields(matter, ("name", "code", "kind", "basis"), NO_REPEAT)
    same = ServiceMatter.objects.filter(agency=matter.agency, code=matter.code).exclude(pk=matter.pk)
    if (same if matter.code else same.filter(name=matter.name)).exists():
        field, what = ("code", "事项编码") if matter.code else ("name", "没有编码的同名事项")
        message = f"本机关已经有这个{what}。请打开原来的事项修改。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={field: message})
    try:
        with transaction.atomic():
            matter.save()
    except IntegrityError as error:
        message = "本机关刚刚登记了同一事项。请打开原来的事项修改。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={"code": message}) from error


@transaction.atomic
def add_material(*, matter_id: int, by: User, at: dt.datetime, wanted: Wanted) -> MatterMaterial:
    """Enter a material that the matter asks for; where the platform supplies it, it has to be mended."""
    matter = lock_matter(matter_id)
    MATTER_POLICY.require(by, "change-matter", matter)
    if matter.materials.count() >= MOST_MATERIALS:
        refuse_if({"label": f"一个事项最多 {MOST_MATERIALS} 份材料。"}, NO_REPEAT)
    last = matter.materials.order_by("-position").values_list("position", flat=True).first()
    material = MatterMaterial(matter=matter, position=(last or 0) + 1)
    _say(material, wanted)
    _followed(material, "add-material", by=by, at=at, before=set())
    return material


@transaction.atomic
def change_material(*, material_id: int, by: User, at: dt.datetime, wanted: Wanted) -> MatterMaterial:
    """Change what is said of a material."""
    material = lock_material(material_id)
    MATERIAL_POLICY.require(by, "change-material", material)
    before = material.name_id
    _say(material, wanted)
    _followed(material, "change-material", by=by, at=at, before={before})
    return material


def _say(material: MatterMaterial, wanted: Wanted) -> None:
    material.label, material.form = one_line(wanted.label), wanted.form
    material.source, material.required = one_line(wanted.source), wanted.required
    says_new = one_line(wanted.document) not in {"", material.document}
    material.document = one_line(wanted.document)
    refuse_if({} if material.label else {"label": "请填写材料名称。"}, NO_REPEAT)
    require_valid_fields(material, ("label", "form", "source", "document"), NO_REPEAT)
    others = MatterMaterial.objects.filter(matter=material.matter, label=material.label).exclude(pk=material.pk)
    if others.exists():
        refuse_if({"label": "这个事项已经有同名的材料。请打开原来的材料修改，或者写出区别。"}, NO_REPEAT)
    material.name = names_for([material.label])[material.label]
    if says_new:
        material.name.looked_at = None  # another kind of document may fit now
    material.save()


def _followed(material: MatterMaterial, verb: str, *, by: User, at: dt.datetime, before: Collection[int]) -> None:
    ServiceMatter.objects.filter(pk=material.matter_id).update(changed_at=at)
    payload = {"matter": material.matter.name, "material": material.label, "form": str(material.form)}
    record(material, verb, by=by, at=at, basis=NO_REPEAT, payload=payload)
    if material.name.looked_at is None:
        look_for([material.name], at=at)
    settle(names={material.name_id, *before}, agency=material.matter.agency, by=by, at=at)


@transaction.atomic
def count_report(*, matter_id: int, material_ids: Collection[int]) -> ServiceMatter:
    """Note that somebody reported a repeated demand of these materials; who, is told to nobody here."""
    matter = lock_matter(matter_id)
    matter.reported += 1
    matter.save(update_fields=["reported"])
    for material in matter.materials.select_for_update(of=("self",)).filter(pk__in=material_ids).order_by("pk"):
        material.reported += 1
        material.save(update_fields=["reported"])
    return matter
