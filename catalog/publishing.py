"""Which catalogues are public, and what of them: as of right, or by a recorded decision (第十一条第三款)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.db.models.functions import Left
from django.db.models.lookups import In

from catalog import records
from catalog.models import CatalogEntry, PublicationDecision, SharingType
from catalog.selectors import entries_in_force
from catalog.workflow import DecisionStatus
from guiyang_data.accounts.counties import CITY_REGION, COUNTY_DIGITS, county_at, county_in, county_of
from guiyang_data.accounts.models import Agency, Region, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import in_order, municipal_authority, municipal_government

Catalogue = PublicationDecision.Catalogue
CATEGORY, GRADE = "category", "grade"
CHOOSABLE: dict[str, str] = {
    CATEGORY: records.CATEGORY,
    **{element.name: element.label for element in records.ELEMENTS if element is not records.TITLE},
    GRADE: records.GRADE,
}
"""Elements of an entry that a decision may let out, beside code, title, provider and day of publication."""
CHOOSABLE_OF_ITEMS: dict[str, str] = {element.name: element.label for element in records.ITEM_COLUMNS}
ALWAYS = (records.CODE, records.TITLE.label, records.PROVIDER, records.PROVIDER_CODE, records.PUBLISHED)
USUAL = [CATEGORY, *(one.name for one in records.ELEMENTS if one.is_public and one is not records.TITLE)]
USUAL_OF_ITEMS = [element.name for element in records.ITEM_COLUMNS if element.is_public]
"""What the municipal catalogues show, as a decision begins with."""


def is_public_as_of_right(catalogue: str, agency: Agency | None, region: Region | None) -> bool:
    """Whether it is, or is a part of, the municipal sharing and open catalogues."""
    is_municipal = region.code == CITY_REGION if region is not None else agency is not None and _is_municipal(agency)
    return is_municipal and catalogue in {Catalogue.SHARING, Catalogue.OPEN}


def _is_municipal(agency: Agency) -> bool:
    return agency.level == Agency.Level.MUNICIPAL


def authority_for(agency: Agency | None, region: Region | None) -> Agency:
    """The authority that decides: of the county that the catalogue belongs to, else the municipal one."""
    code = county_of_catalogue(agency, region)
    found = (
        Agency.objects.filter(is_authority=True, region_id=code, level=Agency.Level.COUNTY).first() if code else None
    )
    return found or municipal_authority()


def county_of_catalogue(agency: Agency | None, region: Region | None) -> str:
    """The code of the county that the catalogue of an agency, or of a region, belongs to; empty for the city's own."""
    return county_of(agency) if agency is not None else county_in(region)


def concerned(decision: PublicationDecision) -> Agency:
    """Who is told: the agency whose catalogue it is, or the government of the region."""
    if decision.agency is not None:
        return decision.agency
    code = county_in(decision.region)
    governments = Agency.objects.filter(kind=Agency.Kind.GOVERNMENT, level=Agency.Level.COUNTY, region_id=code)
    return (governments.first() if code else None) or municipal_government()


def decisions_in_force() -> QuerySet[PublicationDecision]:
    """The catalogues that are public by decision, the newest first."""
    found = PublicationDecision.objects.filter(status=DecisionStatus.IN_FORCE)
    return found.select_related("agency", "region", "authority").order_by("-confirmed_at", "-pk")


def to_decide(user: User) -> QuerySet[PublicationDecision]:
    """What waits for ``user`` to review it for secrets or to confirm it, the oldest first; no period is set for it."""
    mine = agencies_with(user, Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)
    waiting = PublicationDecision.objects.filter(
        authority__in=mine, status__in=[DecisionStatus.PROPOSED, DecisionStatus.REVIEWED]
    )
    return waiting.exclude(proposed_by=user).select_related("agency", "region").order_by("proposed_at", "pk")


def entries_of(decision: PublicationDecision) -> QuerySet[CatalogEntry]:
    """The entries in force that a decision makes public."""
    return entries_in_force().filter(made_public([decision]))


def made_public(decisions: Iterable[PublicationDecision]) -> Q:
    """A condition over entries in force: those that one of the decisions makes public, however many there are."""
    alike: defaultdict[tuple[bool, bool], list[PublicationDecision]] = defaultdict(list)
    for decision in decisions:
        alike[decision.catalogue == Catalogue.OPEN, _leaves_out_withheld(decision)].append(decision)
    found = Q(pk__in=[])
    for (only_open, leaves_out), some in alike.items():
        entries = _of_whom(some)
        entries = entries & Q(in_force__is_open=True) if only_open else entries
        found |= entries & ~Q(in_force__sharing_type=SharingType.WITHHELD) if leaves_out else entries
    return found


def makes_public(decision: PublicationDecision, entry: CatalogEntry) -> bool:
    """The same of one decision and one entry in force that have been read, with its provider and revision."""
    municipal, revision = _is_municipal(entry.provider), entry.in_force
    code = county_in(decision.region)
    if decision.agency_id is not None:
        own = entry.provider_id == decision.agency_id
    else:
        own = not municipal and entry.provider.region_id.startswith(code) if code else municipal
    if revision is None or not own or (decision.catalogue == Catalogue.OPEN and not revision.is_open):
        return False
    return revision.sharing_type != SharingType.WITHHELD or not _leaves_out_withheld(decision)


def _leaves_out_withheld(decision: PublicationDecision) -> bool:
    return decision.catalogue == Catalogue.SHARING or not decision.includes_withheld


def _of_whom(decisions: Sequence[PublicationDecision]) -> Q:
    """Entries of the agencies, of the counties and of the city whose catalogues these are."""
    municipal = Q(provider__level=Agency.Level.MUNICIPAL)
    codes = {county_in(decision.region) for decision in decisions if decision.agency_id is None}
    found = Q(provider__in={decision.agency_id for decision in decisions if decision.agency_id is not None})
    if counties := sorted(codes - {""}):
        found |= ~municipal & Q(In(Left("provider__region__code", COUNTY_DIGITS), counties))
    return found | municipal if "" in codes else found


def extent_of(decision: PublicationDecision) -> records.Extent:
    """What a decision lets out of an entry and of its information items, as columns."""
    shown = {*ALWAYS, *(CHOOSABLE[name] for name in decision.elements if name in CHOOSABLE)}
    items = {CHOOSABLE_OF_ITEMS[name] for name in decision.item_elements if name in CHOOSABLE_OF_ITEMS}
    return records.Extent(
        entry=tuple(label for label in records.entry_columns() if label in shown),
        items=tuple(label for label in records.item_columns() if label in items),
    )


def regions_under(authority: Agency) -> QuerySet[Region]:
    """The regions whose catalogues an authority may decide to publish: a county's own; the city, and its other ones."""
    if authority.level != Agency.Level.MUNICIPAL:
        return Region.objects.filter(code=county_at(authority.region_id))
    with_own = Agency.objects.filter(is_authority=True, level=Agency.Level.COUNTY).values("region")
    regions = Region.objects.filter(Q(code=CITY_REGION) | Q(level=Region.Level.COUNTY)).exclude(pk__in=with_own)
    return regions.order_by("code")


def agencies_under(authority: Agency) -> QuerySet[Agency]:
    """The agencies whose catalogues an authority may decide to publish."""
    municipal = Q(level=Agency.Level.MUNICIPAL)
    active = in_order(Agency.objects.filter(is_active=True))
    if authority.level != Agency.Level.MUNICIPAL:
        return active.exclude(municipal).filter(region__code__startswith=county_at(authority.region_id))
    under = municipal
    for code in regions_under(authority).exclude(code=CITY_REGION).values_list("code", flat=True):
        under |= ~municipal & Q(region__code__startswith=code)
    return active.filter(under)
