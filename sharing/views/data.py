"""Reading rows on a page and downloading them, through a grant or under a taking (第十五条、第十七条)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.text import thousands
from guiyang_data.tables.query import Page
from guiyang_data.timekeeping import now
from sharing.actions import taking_acts
from sharing.asking import Asked
from sharing.exporting import export
from sharing.found import find_access
from sharing.models import Taking
from sharing.reading import read_page
from sharing.rights import Right, right_of
from sharing.verifying.permission import may_verify
from sharing.views.shared import SHELL, condition_text, crumbs, item_names, staff_of
from sharing.ways import is_by_way, ways_for


class DataPage(LoginRequiredMixin, View):
    """Rows with filters, sort and pages, all in the address. Every look is a reading and is logged as one."""

    access_kind: ClassVar[str] = "grant"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = staff_of(request)
        access = find_access(user, self.access_kind, pk)
        right = right_of(user, access, at=now())
        asked = Asked(request.GET, right.columns)
        page, problem = _read(user, right, asked)
        acts = taking_acts(user, access, about_persons=bool(right.identities)) if isinstance(access, Taking) else []
        context = access_shell(right, _("数据")) | {"tab": "data", "acts": acts, "problem": problem}
        context |= _table(right, asked, page)
        return render(request, "sharing/data.html", context, status=422 if problem else 200)


def _read(user: User, right: Right, asked: Asked) -> tuple[Page, str]:
    """The rows asked for, or none and what was wrong with the question."""
    try:
        read = read_page(
            by=user,
            entry=right.entry,
            access=right.access,
            at=right.asked_at,
            right=right,
            purpose=asked.purpose,
            case_number=asked.case_number,
            items=asked.fields,
            filters=asked.filters(),
            sort=asked.sort,
            offset=asked.offset,
            limit=asked.page_size,
        )
    except RuleBroken as refused:
        return Page(codes=(), rows=[], total=0), refused.message
    return read.page, ""


def access_shell(right: Right, name: str) -> dict[str, Any]:
    """What the pages of a right to read have in common: heading, the way here, the views of it."""
    grant = right.grant
    entry_page = (right.title, reverse("sharing:entry", args=[right.entry.pk]))
    crumb = (_("授权"), grant.get_absolute_url()) if grant else entry_page
    through = "grant" if grant else "taking"
    return SHELL | {
        "access": right.access,
        "grant": grant,
        "title": right.title,
        "provider": right.entry.provider.name,
        "version": right.version,
        "verify_url": _verify_url(right),
        "condition": condition_text(grant.row_condition, item_names(right.entry)) if grant else "",
        "crumbs": crumbs(crumb, (name, "")),
        "tabs": [
            {"key": key, "label": label, "url": reverse(f"sharing:{through}-{key}", args=[right.access.pk])}
            for key, label in (("data", _("数据")), ("changes", _("变化")))
        ],
    }


def _verify_url(right: Right) -> str:
    """Where the same access verifies; empty where it does not."""
    if not may_verify(right.access):
        return ""
    return reverse("sharing:grant-verify" if right.grant else "sharing:taking-verify", args=[right.access.pk])


def _table(right: Right, asked: Asked, page: Page) -> dict[str, Any]:
    through = "grant" if right.grant else "taking"
    narrowed = asked.address()
    return {
        "columns": [header for header in asked.headers() if not page.codes or header["code"] in page.codes],
        "rows": page.rows,
        "filters": asked.chips(),
        "keep": asked.kept(),
        "count_text": _("%(total)s 行") % {"total": thousands(page.total)},
        "pager": asked.pager(page.total),
        "purpose": asked.purpose,
        "case_number": asked.case_number,
        "downloads": [
            (label, reverse(f"sharing:{through}-{kind}", args=[right.access.pk]) + narrowed)
            for kind, label in (
                ("csv", _("下载 CSV")),
                ("excel", _("下载 CSV（表格软件用）")),
                ("json", _("下载 JSON")),
            )
            if is_by_way(right, ways_for(kind))
        ],
        "empty": {
            "title": _("没有符合条件的行"),
            "text": _("去掉几个条件再看。"),
            "action": {"label": _("查看全部"), "url": "?"},
        },
    }


class TakingDataPage(DataPage):
    """Rows of an unconditionally shared entry, under a declared duty."""

    access_kind = "taking"


class ExportView(LoginRequiredMixin, View):
    """A download; the right is asked again at every batch."""

    http_method_names = ["get", "options"]
    access_kind: ClassVar[str] = "grant"

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        user = staff_of(request)
        return export(user, find_access(user, self.access_kind, pk), kind, request.GET)


class TakingExportView(ExportView):
    """A download under a declared duty."""

    access_kind = "taking"
