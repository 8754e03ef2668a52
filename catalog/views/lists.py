"""Lists of the catalogue: the staff's, and the municipal sharing and open catalogues for everyone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from catalog import policies
from catalog.forms.searching import EntryFilter, PublicFilter, tidy
from catalog.models import CatalogEntry, Field, SharingType
from catalog.quality import freshness_of
from catalog.selectors import listed, open_catalogue, provider_agencies, sharing_catalogue
from catalog.views.shared import SHELL, user_of
from catalog.workflow import RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.pages import CasePage, SignedInCasePage
from guiyang_data.timekeeping import today

PER_PAGE = 30
COUNTED = (RevisionStatus.DRAFT, RevisionStatus.SENT_BACK, RevisionStatus.IN_REVIEW, RevisionStatus.IN_APPROVAL)


class EntryListPage(SignedInCasePage):
    """The catalogue as staff see it: everything in force, and what is on its way where they are inside."""

    template_name = "catalog/entries.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        visible = policies.visible_to(user, CatalogEntry.objects.all())
        if not policies.is_staff_member(user):
            raise NotSeen(_("这里是机关工作人员编制目录的地方。公开的共享目录和开放目录在「数据」栏目。"))
        inside = policies.with_drafts_for(user, CatalogEntry.objects.all())
        chosen = EntryFilter(request.GET, queryset=listed(visible), agencies=provider_agencies(visible), inside=inside)
        page = Paginator(chosen.qs.order_by("resource_code"), PER_PAGE).get_page(request.GET.get("page"))
        seen_inside = set(inside.filter(pk__in=[entry.pk for entry in page]).values_list("pk", flat=True))
        return SHELL | {
            "form": tidy(chosen.form),
            "page": page,
            "columns": COLUMNS,
            "rows": [_row(entry, inside=entry.pk in seen_inside) for entry in page],
            "chips": _chips(inside, visible, request.GET.get("standing", "")),
            "quality_url": reverse("catalog:quality"),
            "may_review": bool(agencies_with(user, *policies.AUTHORITY, Role.GOVERNMENT_APPROVER)),
            "may_compile": bool(agencies_with(user, Role.DATA_STEWARD)),
            "empty": _empty(request, user),
        }


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


def _row(entry: Any, *, inside: bool) -> dict[str, Any]:
    return {
        "title": {"text": entry.shown_title, "url": entry.get_absolute_url()},
        "provider": entry.provider.short_name,
        "field": Field(entry.shown_field).label if entry.shown_field else "",
        "sharing": SharingType(entry.shown_sharing_type).label if entry.shown_sharing_type else "",
        "open": _("开放") if entry.shown_is_open else _("不开放"),
        "status": _status(entry, inside=inside),
        "fresh": freshness_of(entry, today()).words if entry.in_force_id else "",
        "rows": _("%(rows)s 行") % {"rows": f"{entry.current_data.rows:,}"} if entry.current_data else "",
    }


def _status(entry: Any, *, inside: bool) -> str:
    shown = str(RevisionStatus(entry.shown_status).label)
    if entry.in_force_id and entry.open_status and inside:
        return _("%(shown)s，修订稿%(open)s") % {"shown": shown, "open": RevisionStatus(entry.open_status).label}
    return shown


def _chips(inside: QuerySet[CatalogEntry], visible: QuerySet[CatalogEntry], current: str) -> list[dict[str, Any]]:
    counted = inside.aggregate(
        **{
            state.name.lower(): Count("revisions", filter=Q(revisions__status=state), distinct=True)
            for state in COUNTED
        }
    )
    chips = [{"label": _("已公布"), "value": "in-force", "count": visible.filter(in_force__isnull=False).count()}]
    chips += [
        {"label": str(state.label), "value": state.value, "count": counted[state.name.lower()]} for state in COUNTED
    ]
    for chip in chips:
        chip["current"] = chip["value"] == current
        chip["url"] = "?" if chip["current"] else f"?standing={chip['value']}"
        chip["state"] = "near" if chip["value"] == RevisionStatus.SENT_BACK and chip["count"] else ""
    return chips


def _empty(request: HttpRequest, user: User) -> dict[str, Any]:
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
        "action": action if agencies_with(user, Role.DATA_STEWARD) else None,
    }


class PublicCataloguePage(CasePage):
    """A municipal catalogue, public as of right (第十一条第三款): its records, never rows."""

    template_name = "catalog/public.html"
    which = "sharing"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        entries = CATALOGUES[self.which]()
        chosen = PublicFilter(request.GET, queryset=entries, agencies=provider_agencies(entries))
        page = Paginator(chosen.qs.order_by("resource_code"), PER_PAGE).get_page(request.GET.get("page"))
        query = request.GET.copy()
        query.pop("page", None)
        return {
            "which": self.which,
            "form": tidy(chosen.form),
            "page": page,
            "exports": {kind: f"/catalog/{self.which}.{kind}?{query.urlencode()}".rstrip("?") for kind in EXPORTS},
            "empty": {
                "title": _("没有符合条件的目录条目"),
                "text": _("可以换一个说法，或者去掉几个条件。没有列入目录的数据，可以申请列入。"),
                "action": {"label": _("申请列入目录或者开放"), "url": "/requests/new/"},
            },
        }


class PublicCatalogueExport(View):
    """The same records as CSV or JSON."""

    which = "sharing"
    kind = "csv"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        entries = CATALOGUES[self.which]()
        chosen = PublicFilter(request.GET, queryset=entries, agencies=provider_agencies(entries))
        found = chosen.qs.order_by("resource_code").prefetch_related("in_force__items")
        title = _("贵阳市共享目录") if self.which == "sharing" else _("贵阳市开放目录")
        media_type = "text/csv; charset=utf-8" if self.kind == "csv" else "application/json"
        return stream(EXPORTS[self.kind](found), name=f"{title}.{self.kind}", media_type=media_type)


CATALOGUES = {"sharing": sharing_catalogue, "open": open_catalogue}


def record_of(entry: CatalogEntry) -> dict[str, Any]:
    """The public record of an entry in force, under the names of the guide."""
    revision = entry.in_force
    if revision is None:
        return {}
    return {
        "资源代码": entry.resource_code,
        "资源名称": revision.title,
        "提供机关": entry.provider.name,
        "提供机关代码": entry.provider.code,
        "资源分类": revision.category.name,
        "领域": revision.get_field_display(),
        "资源摘要": revision.abstract,
        "关键字": revision.keywords,
        "格式": revision.format_type,
        "信息项": [item.name for item in revision.items.all()],
        "共享类型": revision.get_sharing_type_display(),
        "共享条件": revision.sharing_condition,
        "是否开放": "是" if revision.is_open else "否",
        "开放条件": revision.opening_condition,
        "更新周期": revision.get_update_cycle_display(),
        "发布日期": revision.in_force_on.isoformat() if revision.in_force_on else "",
        "地址": f"{settings.PUBLIC_ADDRESS}/catalog/sharing/?q={entry.resource_code}",
    }


def _as_csv(entries: QuerySet[CatalogEntry]) -> Iterator[bytes]:
    yield "\ufeff".encode()
    header = True
    for entry in entries.iterator(chunk_size=500):
        record = record_of(entry)
        record["信息项"] = "、".join(record["信息项"])
        text = io.StringIO()
        writer = csv.writer(text)
        if header:
            writer.writerow(record)
            header = False
        writer.writerow(record.values())
        yield text.getvalue().encode()


def _as_json(entries: QuerySet[CatalogEntry]) -> Iterator[bytes]:
    start = b"["
    for entry in entries.iterator(chunk_size=500):
        yield start + orjson.dumps(record_of(entry))
        start = b",\n"
    yield b"[]" if start == b"[" else b"]"


EXPORTS = {"csv": _as_csv, "json": _as_json}
