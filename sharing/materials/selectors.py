"""Reading matters, materials, what supplies them, and what is asked for although it is supplied (第十六条第二款)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from catalog.models import SharingType
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal
from sharing.materials.naming import key_of
from sharing.materials.policies import agencies_in_sight
from sharing.materials.workflow import DEMANDED, LISTED, MaterialStatus, SupplyStatus
from sharing.models import MaterialMending, MaterialName, MaterialSupply, MatterImport, MatterMaterial, ServiceMatter


def supplies_in_force() -> QuerySet[MaterialSupply]:
    """What supplies a material now: confirmed, its entry in force and shared, its document issued still."""
    rows = MaterialSupply.objects.filter(status=SupplyStatus.IN_FORCE, entry__in_force__isnull=False)
    rows = rows.exclude(entry__in_force__sharing_type=SharingType.WITHHELD)
    return rows.filter(Q(template=None) | Q(template__ended_at=None))


def with_entries(supplies: QuerySet[MaterialSupply]) -> QuerySet[MaterialSupply]:
    """What lists and pages of supplies show besides themselves."""
    return supplies.select_related(
        "name", "entry__in_force", "entry__provider", "template", "proposed_by", "confirmed_by"
    )


def is_supplied(name: str = "name") -> Exists:
    """Whether something supplies the material that ``name`` leads to."""
    return Exists(supplies_in_force().filter(name=OuterRef(name)))


def materials_listed(materials: QuerySet[MatterMaterial] | None = None) -> QuerySet[MatterMaterial]:
    """Materials of matters that people can apply for, as lists of materials have them."""
    rows = MatterMaterial.objects.all() if materials is None else materials
    return rows.filter(matter__is_active=True, status__in=LISTED)


def overdemanded(materials: QuerySet[MatterMaterial] | None = None) -> QuerySet[MatterMaterial]:
    """Materials that are asked for although the platform supplies them: what 第十六条第二款 forbids."""
    rows = MatterMaterial.objects.all() if materials is None else materials
    return rows.filter(is_supplied(), matter__is_active=True, status__in=DEMANDED)


def find_name(label: str) -> MaterialName | None:
    """The material that is meant."""
    return MaterialName.objects.filter(key=key_of(label)).first()


def with_materials(matters: QuerySet[ServiceMatter]) -> QuerySet[ServiceMatter]:
    """With agency and materials in their order, each with whether it is supplied; two queries."""
    rows = MatterMaterial.objects.annotate(supplied=is_supplied()).select_related("name", "decided_by")
    return matters.select_related("agency").prefetch_related(Prefetch("materials", queryset=rows))


def counted(matters: QuerySet[ServiceMatter]) -> QuerySet[ServiceMatter]:
    """With how many materials each asks for, and how many of them against 第十六条第二款."""
    against = overdemanded().order_by().values("pk")
    listed = Q(materials__status__in=sorted(LISTED))
    return matters.select_related("agency").annotate(
        asked=Count("materials", filter=listed), against=Count("materials", filter=Q(materials__in=against))
    )


def matters_found(
    *, text: str = "", agency: str = "", only_against: bool = False, active_only: bool = True
) -> QuerySet[ServiceMatter]:
    """Matters by words of name or code, by the code of their agency, or those that ask for what can be had."""
    rows = ServiceMatter.objects.filter(is_active=True) if active_only else ServiceMatter.objects.all()
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(code__startswith=word) | Q(agency__name__icontains=word))
    if agency:
        rows = rows.filter(agency__code=agency)
    if only_against:
        rows = rows.filter(pk__in=overdemanded().values("matter"))
    return rows.order_by("agency__code", "name", "pk")


def in_sight(user: Principal, rows: QuerySet[MaterialMending]) -> QuerySet[MaterialMending]:
    """What one's agency has to mend, and what those do that one watches over."""
    mine = agencies_in_sight(user)
    return rows if mine is None else rows.filter(agency__in=mine)


def mendings_with_names(rows: QuerySet[MaterialMending]) -> QuerySet[MaterialMending]:
    """What lists of mendings show besides themselves."""
    return rows.select_related("name", "agency")


def demanded_by(names: Collection[int], agencies: Collection[int]) -> dict[tuple[int, int], int]:
    """For each (name, agency) how many matters ask for it against 第十六条第二款. One query."""
    rows = overdemanded().filter(name__in=names, matter__agency__in=agencies).order_by()
    numbers = rows.values_list("name", "matter__agency").annotate(number=Count("pk"))
    return {(name, agency): number for name, agency, number in numbers}


def visible_matter_imports(user: Principal, rows: QuerySet[MatterImport]) -> QuerySet[MatterImport]:
    """The imports of the agencies one works for."""
    mine = agencies_in_sight(user)
    return rows.filter(agency__in=mine) if mine is not None else rows


@dataclass(frozen=True, kw_only=True)
class AgencyFigures:
    """An agency's figures: its matters, their materials, and what became of those that the platform supplies.

    ``against``: asked for although supplied · ``freed``: supplied and no longer asked for · ``exempt`` by law.
    """

    agency: Agency
    matters: int
    matters_against: int
    materials: int
    against: int
    freed: int
    exempt: int
    kept: int

    @property
    def supplied(self) -> int:
        """Materials that the platform supplies, whatever the agency did about them."""
        return self.against + self.freed

    @property
    def freed_percent(self) -> int | None:
        """Of what the platform supplies, how much is no longer asked for; None where it supplies nothing."""
        return round(100 * self.freed / self.supplied) if self.supplied else None


COUNTED = ("materials", "against", "matters_against", "freed", "exempt", "kept")
"""Figures that are counted over materials."""


def figures(agencies: Collection[int] | None = None) -> list[AgencyFigures]:
    """The figures of every agency that has matters, the most demands first. Three queries."""
    matters = ServiceMatter.objects.filter(is_active=True)
    materials = MatterMaterial.objects.filter(matter__is_active=True)
    if agencies is not None:
        matters, materials = matters.filter(agency__in=agencies), materials.filter(matter__agency__in=agencies)
    by_agency = dict(matters.order_by().values_list("agency").annotate(number=Count("pk")))
    rows = materials.annotate(supplied=is_supplied()).order_by().values("matter__agency")
    demanded, supplied = Q(status__in=sorted(DEMANDED)), Q(supplied=True)
    numbers = rows.annotate(
        materials=Count("pk", filter=Q(status__in=sorted(LISTED))),
        against=Count("pk", filter=demanded & supplied),
        matters_against=Count("matter", filter=demanded & supplied, distinct=True),
        freed=Count("pk", filter=Q(status=MaterialStatus.DROPPED) & supplied),
        exempt=Count("pk", filter=Q(status=MaterialStatus.EXEMPT)),
        kept=Count("pk", filter=Q(status=MaterialStatus.KEPT)),
    )
    rows_of_numbers = numbers.values_list("matter__agency", *COUNTED)
    told = {agency: dict(zip(COUNTED, counts, strict=True)) for agency, *counts in rows_of_numbers}
    nothing = dict.fromkeys(COUNTED, 0)
    found = [
        AgencyFigures(agency=agency, matters=by_agency[agency.pk], **(told.get(agency.pk) or nothing))
        for agency in Agency.objects.filter(pk__in=by_agency).select_related("region")
    ]
    return sorted(found, key=lambda one: (-one.against, -one.materials, one.agency.code))


def total_of(rows: Iterable[AgencyFigures]) -> dict[str, int]:
    """All together."""
    names = ("matters", "matters_against", "materials", "against", "freed", "exempt", "kept")
    found = list(rows)
    return {name: sum(getattr(row, name) for row in found) for name in names}
