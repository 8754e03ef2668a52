"""Lists of the catalogue: the staff's, and the municipal sharing and open catalogues for everyone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import policies
from catalog.exporting import FORMATS
from catalog.forms.searching import EntryFilter, PublicFilter, tidy
from catalog.models import CatalogEntry, EntryRevision
from catalog.quality import freshness_of
from catalog.selectors import (
    in_public_rows,
    in_rows,
    open_catalogue,
    sharing_catalogue,
)
from catalog.views.shared import SHELL, user_of
from catalog.workflow import RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen
from guiyang_data.faces.kept import Keeper
from guiyang_data.faces.long_lists import MANY, LongPaginator, counted
from guiyang_data.faces.pages import CasePage, SignedInCasePage
from guiyang_data.labels import called
from guiyang_data.timekeeping import today

PER_PAGE = 30
COUNTED = (RevisionStatus.DRAFT, RevisionStatus.SENT_BACK, RevisionStatus.IN_REVIEW, RevisionStatus.IN_APPROVAL)


class EntryListPage(SignedInCasePage):
    """The catalogue as staff see it: everything in force, and what is on its way where they are inside."""

    template_name = "catalog/entries.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        sight = _sight(user)
        compiles = bool(agencies_with(user, Role.DATA_STEWARD))
        keeper = Keeper()

        def written() -> str:
            return self.written(request, keeper, sight, compiles=compiles)

        same = f"{today()} {sight} {compiles} {request.GET.urlencode()}"
        return SHELL | {
            "shown": keeper.part("desk-catalog", same, written, is_long=has_many_entries),
            "quality_url": reverse("catalog:quality"),
            "may_review": bool(agencies_with(user, *policies.AUTHORITY, Role.GOVERNMENT_APPROVER)),
            "may_compile": compiles,
            "may_judge": bool(agencies_with(user, Role.APPROVER)),
        }

    def written(self, request: HttpRequest, keeper: Keeper, sight: policies.Sight, *, compiles: bool) -> str:
        """The list as all with this sight see it."""
        chosen = EntryFilter(request.GET, sight)
        page = long_page(chosen.qs, in_rows(CatalogEntry.objects.all()), request)
        revised = [entry.pk for entry in page if entry.in_force_id and entry.unfinished]  # type: ignore[attr-defined]
        inside = set(chosen.inside.filter(pk__in=revised).values_list("pk", flat=True)) if revised else set()

        def head() -> str:
            chips = _chips(chosen.inside, request.GET.get("standing", ""))
            return render_to_string("catalog/entries_head.html", {"form": tidy(chosen.form), "chips": chips}, request)

        same = f"{sight} {any_page(request).urlencode()}"
        context = {
            "head": keeper.part("desk-catalog-head", same, head, is_long=has_many_entries),
            "page": page,
            "columns": COLUMNS,
            "rows": _rows(page, inside, today()),
            "exports": exports_of(request, "/desk/catalog/export"),
            "empty": _empty(request, compiles=compiles),
        }
        return render_to_string("catalog/entries_list.html", context, request)


def in_force_in_all() -> int:
    """How many entries are in force; of very many, as it was within the last minute."""
    return counted(EntryRevision.objects.filter(status=RevisionStatus.IN_FORCE), name="entries-in-force")


def has_many_entries() -> bool:
    """Whether the catalogue is so long that parts of its lists are kept, short ones that were looked for too."""
    return in_force_in_all() >= MANY


def any_page(request: HttpRequest) -> QueryDict:
    """What is looked for, whichever page of it."""
    query = request.GET.copy()
    query.pop("page", None)
    return query


def long_page(
    sought: QuerySet[CatalogEntry], shown: QuerySet[CatalogEntry], request: HttpRequest
) -> Page[CatalogEntry]:
    """The page that the address asks for, by resource code."""
    return LongPaginator(sought.order_by("resource_code"), PER_PAGE, shown=shown).get_page(request.GET.get("page"))


def _sight(user: User) -> policies.Sight:
    sight = policies.sight_of(user)
    if not sight.is_staff:
        raise NotSeen(_("这里是机关工作人员编制目录的地方。公开的共享目录和开放目录在「数据」栏目。"))
    return sight


def chosen_entries(request: HttpRequest, user: User) -> EntryFilter:
    """What the address picks out of all that ``user`` sees."""
    return EntryFilter(request.GET, _sight(user))


COLUMNS = [
    {"name": "资源名称", "code": "title"},
    {"name": "提供机关", "code": "provider"},
    {"name": "领域", "code": "field"},
    {"name": "共享", "code": "sharing"},
    {"name": "开放", "code": "open"},
    {"name": "状态", "code": "status"},
    {"name": "更新", "code": "fresh"},
    {"name": "数据", "code": "rows", "numeric": True},
]


def _rows(page: Page[CatalogEntry], inside: set[int], on: dt.date) -> list[dict[str, Any]]:
    """What stands in the columns for each entry; ``inside``: ids of those whose drafts are seen."""
    opening = {True: _("开放"), False: _("不开放")}
    rows = _("%(rows)s 行")
    return [
        {
            "title": {"text": entry.shown.title, "url": entry.get_absolute_url()},
            "provider": entry.provider.short_name,
            "field": entry.shown.field_label,
            "sharing": entry.shown.sharing_label,
            "open": opening[entry.shown.is_open],
            "status": _status(entry, inside),
            "fresh": freshness_of(entry, on).words if entry.in_force_id else "",
            "rows": rows % {"rows": f"{entry.current_data.rows:,}"} if entry.current_data else "",
        }
        for entry in page
    ]


def _status(entry: Any, inside: set[int]) -> str:
    status = called(RevisionStatus, entry.shown.status)
    if entry.in_force_id and entry.unfinished and entry.pk in inside:
        return _("%(shown)s，修订稿%(open)s") % {
            "shown": status,
            "open": called(RevisionStatus, entry.unfinished[0].status),
        }
    return status


def _chips(inside: QuerySet[CatalogEntry], current: str) -> list[dict[str, Any]]:
    """How many entries stand where: all that are in force, which all staff see, and drafts where one is inside."""
    under_way = EntryRevision.objects.filter(status__in=COUNTED, entry__in=inside.values("pk")).order_by()
    # whole rows are counted, not their ids: then the index that finds them is all that is read
    waiting = dict(under_way.values_list("status").annotate(number=Count("*")))
    chips = [{"label": _("已公布"), "value": "in-force", "count": in_force_in_all()}]
    chips += [
        {"label": str(state.label), "value": state.value, "count": waiting.get(state.value, 0)} for state in COUNTED
    ]
    for chip in chips:
        chip["current"] = chip["value"] == current
        chip["url"] = "?" if chip["current"] else f"?standing={chip['value']}"
        chip["state"] = "near" if chip["value"] == RevisionStatus.SENT_BACK and chip["count"] else ""
    return chips


def _empty(request: HttpRequest, *, compiles: bool) -> dict[str, Any]:
    if any(value for name, value in request.GET.items() if name != "page"):
        return {
            "title": _("没有符合条件的目录条目"),
            "text": _("可以换一个说法，或者去掉几个条件。"),
            "action": {"label": _("查看全部"), "url": request.path},
        }
    action = {"label": _("编制第一个条目"), "url": "/desk/catalog/new/"}
    return {
        "title": _("还没有目录条目"),
        "text": _("本机关编制的、各机关已公布的目录条目会列在这里。"),
        "action": action if compiles else None,
    }


class PublicCataloguePage(CasePage):
    """A municipal catalogue, public as of right (第十一条第三款): its records, never rows."""

    template_name = "catalog/public.html"
    which = "sharing"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        keeper = Keeper()
        shown = keeper.part(
            f"catalog-{self.which}",
            request.GET.urlencode(),
            lambda: render_to_string("catalog/public_list.html", self.listed(request, keeper), request),
            is_long=has_many_entries,
        )
        return render(request, self.template_name, {"which": self.which, "shown": shown})

    def listed(self, request: HttpRequest, keeper: Keeper) -> dict[str, Any]:
        """The list as everyone sees it."""
        chosen = PublicFilter(request.GET, entries=CATALOGUES[self.which]())
        page = long_page(chosen.qs, in_public_rows(), request)

        def filters() -> str:
            return render_to_string("catalog/filter_row.html", {"form": tidy(chosen.form)}, request)

        return {
            "which": self.which,
            "filters": keeper.part("catalog-filters", any_page(request).urlencode(), filters, is_long=has_many_entries),
            "page": page,
            "exports": exports_of(request, f"/catalog/{self.which}"),
            "empty": {
                "title": _("没有符合条件的目录条目"),
                "text": _("可以换一个说法，或者去掉几个条件。没有列入目录的数据，可以申请列入。"),
                "action": {"label": _("申请列入目录或者开放"), "url": "/requests/new/"},
            },
        }


CATALOGUES = {"sharing": sharing_catalogue, "open": open_catalogue}


def exports_of(request: HttpRequest, path: str) -> list[tuple[str, str]]:
    """Where what a list shows, with its filters, is had as a file: ``(name of the format, address)``."""
    query = any_page(request)
    return [(kind.upper(), f"{path}.{kind}?{query.urlencode()}".rstrip("?")) for kind in FORMATS]
