"""Freshness and quality of what agencies have published, the worst first (第十三条第一款)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import policies
from catalog.models import CatalogEntry
from catalog.part_quality import parts_by_entry
from catalog.quality import freshness_of, quality_of, remember_last_loads, worst_first
from catalog.selectors import entries_of, provider_agencies, standing_of_quality
from catalog.views.shared import SHELL, crumbs, user_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import today

PER_PAGE = 30
ALL = "all"


def published(user: User) -> QuerySet[CatalogEntry]:
    """Entries in force that ``user`` sees."""
    return policies.visible_to(user, CatalogEntry.objects.filter(in_force__isnull=False))


def chosen_agency(user: User, asked: str) -> Agency | None:
    """The agency that is asked for; else one's own; None for all of them."""
    if asked == ALL:
        return None
    number = whole_number(asked[:9])
    if number:
        return Agency.objects.filter(pk=number).first()
    own = agencies_with(user) | ({user.agency.pk} if user.agency else set())
    return provider_agencies(published(user)).filter(pk__in=own).order_by("pk").first()


class QualityPage(SignedInCasePage):
    """An agency's entries, or everybody's, those with the lowest score first."""

    template_name = "catalog/quality.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        policies.require_staff(user)
        seen = published(user)
        agency = chosen_agency(user, request.GET.get("agency", ""))
        mine = seen.filter(entries_of(agency)) if agency is not None else seen
        rows = worst_first(mine, today())
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        entries = list(page)
        remember_last_loads(entries)
        parts = parts_by_entry(entries, today())
        return SHELL | {
            "agency": agency,
            "agencies": provider_agencies(seen),
            "standing": standing_of_quality(mine, today()),
            "page": page,
            "entries": [
                (entry, freshness_of(entry, today()), quality_of(entry, today()), parts.get(entry.pk, []))
                for entry in entries
            ],
            "crumbs": crumbs((_("更新与质量"), "")),
        }
