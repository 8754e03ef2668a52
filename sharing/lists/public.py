"""What the public lists may tell of: entries of public catalogues that are no secret (第八条、第十一条第三款).

The city's own are public as of right, those of counties by decision (``LetOut``).

Left out, and counted nowhere: entries that are closed as state secrets, those with important or core data, and those
that their provider keeps out with reasons. Left out of an agency's demand besides: applications that it marked so, and
what the supervisory organ asks for. No typed text of an application is told, nor anybody's name; of a data need what
it is called, once an officer of the authority has read it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import CatalogEntry, InformationItem, SharingType
from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from sharing.lists.counties import LetOut
from sharing.models import Coordination, DataNeed, ListReserve, SharingApplication, SharingGrant
from sharing.needs.workflow import NeedStatus
from sharing.workflow import ApplicationStatus, CoordinationStatus, GrantStatus

STATE_SECRETS = 1
"""The ground of Art. 18-1, item 1."""
SECRET = Q(in_force__closed_ground=STATE_SECRETS) | Q(in_force__grade__gte=InformationItem.Grade.IMPORTANT)


def listed_entries(let_out: LetOut) -> QuerySet[CatalogEntry]:
    """Entries in force of which the lists may tell."""
    entries = entries_in_force().filter(let_out.entries()).select_related("provider__region__parent")
    reserved = ListReserve.objects.filter(entry=OuterRef("pk"), released_at=None)
    return entries.exclude(SECRET).exclude(Exists(reserved))


def duties(let_out: LetOut) -> QuerySet[CatalogEntry]:
    """Entries that their provider owes to other agencies: whatever is not withheld (第十四条)."""
    return listed_entries(let_out).exclude(in_force__sharing_type=SharingType.WITHHELD)


def withheld(let_out: LetOut) -> QuerySet[CatalogEntry]:
    """Entries that are shared with nobody, each with its legal basis (第十四条)."""
    return listed_entries(let_out).filter(in_force__sharing_type=SharingType.WITHHELD)


def refusals(let_out: LetOut) -> QuerySet[Coordination]:
    """Refusals that a coordination, or the municipal government, confirmed (第十五条第三款)."""
    rows = _confirmed().filter(application__in=_told(let_out).values("pk"))
    return rows.select_related(
        "application__entry__in_force", "application__entry__provider", "application__provider__region__parent"
    )


def demands(let_out: LetOut) -> QuerySet[SharingApplication]:
    """What agencies apply for, and what they lack still: all applications that were not taken back."""
    return (
        _told(let_out)
        .exclude(status=ApplicationStatus.WITHDRAWN)
        .select_related("entry__in_force", "entry__provider", "provider__region__parent", "requester")
        .annotate(is_supplied=Exists(_supplied()), is_confirmed=Exists(_confirmed().filter(application=OuterRef("pk"))))
    )


def needs(let_out: LetOut) -> QuerySet[DataNeed]:
    """Data that agencies need and find in no catalogue, from when an officer first confirmed whose it is.

    What it is called was typed by the agency; the officer read it, and may have kept the need out.
    """
    known = Q(entry=None) | Q(entry__in_force=None) | Q(entry__in=listed_entries(let_out).values("pk"))
    rows = DataNeed.objects.filter(known, let_out.needs(), is_unlisted=False, confirmed_on__isnull=False)
    rows = rows.exclude(status=NeedStatus.WITHDRAWN).exclude(requester__kind=Agency.Kind.SUPERVISORY)
    return rows.select_related("requester__region__parent", "provider__region__parent", "entry")


def _confirmed() -> QuerySet[Coordination]:
    return Coordination.objects.filter(status=CoordinationStatus.CLOSED, opinion=Coordination.Opinion.KEEP)


def _supplied() -> QuerySet[SharingGrant]:
    grants = SharingGrant.objects.filter(source=OuterRef("pk"), supplied_on__isnull=False)
    return grants.exclude(status=GrantStatus.ENDED)


def _told(let_out: LetOut) -> QuerySet[SharingApplication]:
    rows = SharingApplication.objects.filter(entry__in=listed_entries(let_out).values("pk"), is_unlisted=False)
    return rows.exclude(requester__kind=Agency.Kind.SUPERVISORY)


def grants_told(entries: list[CatalogEntry]) -> QuerySet[SharingGrant]:
    """Running grants on these entries that may be told of."""
    rows = SharingGrant.objects.filter(entry__in=[entry.pk for entry in entries]).exclude(status=GrantStatus.ENDED)
    rows = rows.exclude(grantee__kind=Agency.Kind.SUPERVISORY).exclude(source__is_unlisted=True)
    return rows.select_related("grantee", "source").order_by("entry", "grantee__level", "grantee__code", "pk")


def applications_told(entries: list[CatalogEntry], let_out: LetOut) -> QuerySet[SharingApplication]:
    """Applications for these entries that wait for a reply and may be told of."""
    pks = [entry.pk for entry in entries]
    return _told(let_out).filter(entry__in=pks, status=ApplicationStatus.SUBMITTED)


def providers_of(entries: QuerySet[Any]) -> QuerySet[Agency]:
    """The agencies with entries in a list, to choose from above it; no other is named."""
    return in_order(Agency.objects.filter(pk__in=entries.order_by().values("provider")))


def requesters_of(demanded: QuerySet[Any]) -> QuerySet[Agency]:
    """The agencies with demands in the list."""
    return in_order(Agency.objects.filter(pk__in=demanded.order_by().values("requester")))
