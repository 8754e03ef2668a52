"""Matters, materials and data needs for the matrix: of the providing agency and of the one that asks it."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile

from guiyang_data.accounts.models import User
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import take_in
from guiyang_data.ledger.services import subject_of
from sharing import services
from sharing.models import DataNeed, MaterialMending, MaterialName, MatterMaterial, NeedAssignment
from tests.factories import catalog, materials, needs
from tests.factories.accounts import City

Values = dict[str, Any]


def materials_of(town: City, people: dict[str, User]) -> dict[str, Values]:
    """Materials in every state, what supplies them, what is to be mended, and a file on its way in."""
    provider, steward = town.provider, people["steward"]
    entry = catalog.entry_in_force(town.requester, title="院前急救站点", sharing_type="conditional")
    matter = materials.matter(provider, "急救站点证明", "无关材料", name="转运许可")
    name = MaterialName.objects.get(name="急救站点证明")
    supply = services.propose_supply(
        name_id=name.pk, entry_id=entry.pk, by=people["requester"], at=materials.AT, items=["route"]
    )
    services.confirm_supply(supply_id=supply.pk, by=materials.officer(), at=materials.AT)
    asked, explained, exempt, dropped = (_asked(town, number) for number in range(4))
    services.state_reasons(material_id=explained.pk, by=steward, at=materials.AT, reasons=materials.REASONS)
    services.record_exception(
        material_id=exempt.pk, by=people["approver"], at=materials.AT, instrument="电子签名法", article="第三条第三款"
    )
    services.drop_material(material_id=dropped.pk, by=steward, at=materials.AT)
    job = services.start_matter_import(
        agency=provider,
        uploaded=ContentFile("事项名称,材料名称\n新事项,证明\n".encode(), name="事项.csv"),
        by=steward,
        at=materials.AT,
    )
    return {
        "matter": _pk(matter),
        "asked-material": _pk(asked),
        "explained-material": _pk(explained),
        "exempt-material": _pk(exempt),
        "dropped-material": _pk(dropped),
        "supply": _pk(supply),
        "proposed-supply": _pk(_proposed(town, people, "出车单证明", "出车单")),
        "material-name": _pk(name),
        "other-supply": {"pk": name.pk, "entry": catalog.entry_in_force(town.requester, title="体检站点").pk},
        "material-mending": _pk(MaterialMending.objects.get(name=name, agency=provider)),
        "matter-import": _pk(job),
    }


def needs_of(town: City, people: dict[str, User]) -> dict[str, Values]:
    """Data needs of the asking agency: with the authority, with the provider, being catalogued, and covered."""
    play = needs.Scene(
        city=town,
        requester=town.requester,
        provider=town.provider,
        asker=people["requester"],
        steward=people["steward"],
        approver=people["approver"],
        officer=people["municipal"],
    )
    entry = catalog.entry_in_force(town.provider, title="公交站点无障碍")
    found = {
        "need": needs.need(play),
        "assigned-need": needs.assigned(play, title="公交站点照片"),
        "undertaken-need": needs.undertaken(play, title="公交站点客流"),
        "covered-need": needs.covered(play, entry.pk, title="公交站点坐标"),
    }
    numbers: dict[str, Values] = {key: {"number": row.number} for key, row in found.items()}
    answered = found["undertaken-need"].assignments.get()
    papers = {
        "need-paper": _pk(_paper(found["assigned-need"], people["requester"])),
        "answer-paper": _pk(_paper(answered, people["approver"])),
    }
    return numbers | papers | {"needed-code": {"code": entry.resource_code}}


def _paper(of: DataNeed | NeedAssignment, by: User) -> Attachment:
    file = ContentFile("甲".encode(), name="依据.txt")
    return take_in(file, subject=subject_of(of), by=by, at=needs.AT)


def _pk(obj: Any) -> Values:
    return {"pk": obj.pk}


def _asked(town: City, number: int) -> MatterMaterial:
    matter = materials.matter(town.provider, "急救站点证明", name=f"转运许可（第{number}类）")
    return matter.materials.get()


def _proposed(town: City, people: dict[str, User], label: str, title: str) -> Any:
    materials.matter(town.provider, label, name=f"{title}许可")
    entry = catalog.entry_in_force(town.requester, title=title)
    name = MaterialName.objects.get(name=label)
    return services.propose_supply(
        name_id=name.pk, entry_id=entry.pk, by=people["requester"], at=materials.AT, items=["route"]
    )
