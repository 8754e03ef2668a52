"""Service matters, their materials and what supplies them, made by the acts themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders, municipal_authority
from sharing import services
from sharing.models import MaterialMending, MaterialSupply, MatterMaterial, ServiceMatter
from tests.factories.accounts import City, city, staff
from tests.factories.catalog import approver_of, entry_in_force, steward_of
from tests.remembering import remembered

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=SHANGHAI)
"""A Monday: twenty working days end on Monday 2026-11-30."""
DUE_ON = dt.date(2026, 11, 30)
ROUTE = "公交线路证明"
MATERIALS = ("公交线路证明（原件及复印件）", "居民身份证")
REASONS = "平台的数据没有外省的线路，需要由其所在地出具。"


def later(days: int) -> dt.datetime:
    """A moment so many days after ``AT``."""
    return AT + dt.timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An agency whose matter asks for what another's entry holds."""

    city: City
    entry: CatalogEntry
    agency: Agency
    steward: User
    approver: User
    provider_steward: User
    officer: User
    matter: ServiceMatter

    @property
    def material(self) -> MatterMaterial:
        """The material that the entry can take the place of, as it is now."""
        return self.matter.materials.select_related("name", "matter__agency").order_by("pk")[0]

    @property
    def other(self) -> MatterMaterial:
        """The material that nothing supplies."""
        return self.matter.materials.select_related("name", "matter__agency").order_by("pk")[1]

    @property
    def mending(self) -> MaterialMending | None:
        """What the agency has to mend."""
        return MaterialMending.objects.filter(agency=self.agency).order_by("-pk").first()


def officer() -> User:
    """An officer of the municipal authority, made where there is none."""
    authority = municipal_authority()
    found = holders(authority, [Role.MUNICIPAL_AUTHORITY]).first()
    return found or staff(authority, Role.MUNICIPAL_AUTHORITY)


@remembered
def matter(
    agency: Agency, *labels: str, name: str = "道路客运经营许可", code: str = "", at: dt.datetime = AT
) -> ServiceMatter:
    """A matter that asks for these materials."""
    wanted = [services.Wanted(label=label) for label in labels or MATERIALS]
    return services.add_matter(
        agency=agency, by=steward_of(agency), at=at, name=name, code=code, kind="licence", materials=wanted
    )


@remembered
def scene(*, town: City | None = None, sharing_type: str = "conditional", **entry: Any) -> Scene:
    """The health agency's matter, and an entry of the transport agency."""
    town = town or city()
    agency = town.requester
    held = entry_in_force(town.provider, sharing_type=sharing_type, **entry)
    return Scene(
        city=town,
        entry=held,
        agency=agency,
        steward=steward_of(agency),
        approver=approver_of(agency),
        provider_steward=steward_of(town.provider),
        officer=officer(),
        matter=matter(agency),
    )


@remembered
def proposed(made: Scene, *, by: User | None = None, items: Sequence[str] = ("route", "name")) -> MaterialSupply:
    """The entry is proposed for the material."""
    return services.propose_supply(
        name_id=made.material.name_id, entry_id=made.entry.pk, by=by or made.provider_steward, at=AT, items=items
    )


@remembered
def confirmed(made: Scene) -> MaterialSupply:
    """The entry supplies the material: proposed by its provider, confirmed by an officer."""
    return services.confirm_supply(supply_id=proposed(made).pk, by=made.officer, at=AT)


@remembered
def explained(made: Scene) -> MatterMaterial:
    """The agency said why the entry does not do."""
    return services.state_reasons(material_id=made.material.pk, by=made.steward, at=later(1), reasons=REASONS)


@remembered
def exempt(made: Scene) -> MatterMaterial:
    """The agency named the law that stands against it."""
    return services.record_exception(
        material_id=made.material.pk,
        by=made.approver,
        at=later(1),
        instrument="中华人民共和国电子签名法",
        article="第三条第三款",
    )
