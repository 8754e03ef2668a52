"""Reading data needs, what the catalogue may hold of them already, and how many stand open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from catalog.models import CatalogEntry
from catalog.naming import FOUND_AS
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.search.like import like
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.workflow import NeedStatus
from sharing.selectors import shareable_entries

MOST_LIKE = 5


def needs_with_parties(needs: QuerySet[DataNeed]) -> QuerySet[DataNeed]:
    """What lists and pages of needs show besides themselves."""
    return needs.select_related(
        "requester", "provider", "suspected", "submitted_by", "entry__in_force", "entry__provider", "adjustment"
    )


def assignments_of(need: DataNeed) -> list[NeedAssignment]:
    """Whom the need was put to, the first on top."""
    return list(need.assignments.select_related("agency", "draft_entry", "drafted_by").order_by("pk"))


def open_assignment(need: DataNeed) -> NeedAssignment | None:
    """The one that waits for an answer."""
    waiting = need.assignments.filter(answer="", taken_back_on=None)
    return waiting.select_related("agency", "draft_entry", "drafted_by").order_by("-pk").first()


def was_asked(need: DataNeed, agency: Agency) -> bool:
    """Whether the agency answered this need before: who confirms it once more decides for good."""
    return need.assignments.filter(agency=agency).exclude(answer="").exists()


def is_silent(need: DataNeed, on: dt.date) -> bool:
    """Whether the responsible agency has let the day pass by which it was to answer."""
    return need.status == NeedStatus.ASSIGNED and need.next_due_on is not None and need.next_due_on < on


def entries_like(text: str) -> list[CatalogEntry]:
    """Shared entries that may hold what is meant, the likeliest first; two queries."""
    keys = [int(hit.key) for hit in like(text, kinds=(FOUND_AS,), limit=MOST_LIKE, public_only=False)]
    found = {entry.pk: entry for entry in shareable_entries().filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def clocks_on(need: DataNeed) -> list[Clock]:
    """The clocks of the need, and that of the adjustment which takes the place of one."""
    found = list(clocks_of(need))
    return found + (list(clocks_of(need.adjustment)) if need.adjustment else [])


@dataclass(frozen=True, kw_only=True)
class AgencyNeeds:
    """How many needs an agency has to answer (``waiting``), catalogues (``cataloguing``), and is late with."""

    agency: Agency
    waiting: int
    cataloguing: int
    late: int
    done: int


COUNTED = ("waiting", "cataloguing", "late", "done")


def open_by_agency(needs: QuerySet[DataNeed], *, late: Q) -> list[AgencyNeeds]:
    """The responsible agencies of these needs, the most open first; two queries. ``late``: what is overdue."""
    ended = Q(status__in=[NeedStatus.COVERED, NeedStatus.MET, NeedStatus.WITHHELD])
    waiting, cataloguing = Q(status=NeedStatus.ASSIGNED), Q(status=NeedStatus.CATALOGUING)
    rows = needs.filter(waiting | cataloguing | ended, provider__isnull=False).order_by().values("provider")
    counted = rows.annotate(
        waiting=Count("pk", filter=waiting),
        cataloguing=Count("pk", filter=cataloguing),
        late=Count("pk", filter=late & (waiting | cataloguing)),
        done=Count("pk", filter=ended),
    )
    numbers = {pk: counts for pk, *counts in counted.values_list("provider", *COUNTED)}
    found = [
        AgencyNeeds(agency=agency, **dict(zip(COUNTED, numbers[agency.pk], strict=True)))
        for agency in in_order(Agency.objects.filter(pk__in=numbers))
    ]
    return sorted(found, key=lambda one: -(one.waiting + one.cataloguing))


def cataloguing_into(entry_id: int) -> QuerySet[DataNeed]:
    """Needs that end when an entry takes effect."""
    return DataNeed.objects.filter(entry=entry_id, status=NeedStatus.CATALOGUING).order_by("pk")


def catalogued_since(entry_id: int) -> list[tuple[int, dt.datetime]]:
    """Of these needs those whose data the entry in force holds now: (id, since when)."""
    changed = Q(adjustment__closed_at__isnull=False)
    rows = cataloguing_into(entry_id).filter(Q(adjustment=None) | changed, entry__in_force__isnull=False)
    moments = rows.values_list("pk", "adjustment__closed_at", "entry__in_force__updated_at")
    return [(pk, closed or in_force) for pk, closed, in_force in moments]
