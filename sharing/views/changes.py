"""What changed since a version, on a page and as a download, through a grant or under a taking (第十五条、第十七条)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from catalog.models import DataVersion
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.text import cell_text, thousands
from guiyang_data.tables.changes import DELETE, INSERT, UPDATE, Change, ChangeCounts
from guiyang_data.timekeeping import now
from sharing.asking import Asked
from sharing.changes import ChangePage, TakeWholeAgain, first_version, read_changes, ways_for_changes
from sharing.exporting import export_changes
from sharing.found import find_access
from sharing.models import SharingGrant
from sharing.policies import SUBSCRIPTION_POLICY
from sharing.rights import Right, right_of
from sharing.selectors import active_subscription
from sharing.views.data import access_shell
from sharing.views.shared import staff_of
from sharing.ways import is_by_way

KIND_WORDS = {INSERT: "新增", UPDATE: "修改", DELETE: "删除"}
MOST_VERSIONS = 50
NOTHING = ChangePage(codes=(), counts=ChangeCounts(), is_keyed=True, changes=[])


class ChangesPage(LoginRequiredMixin, View):
    """Changes from a version that the agency had to the current one. Every look is a reading and is logged as one."""

    access_kind: ClassVar[str] = "grant"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = staff_of(request)
        right = right_of(user, find_access(user, self.access_kind, pk), at=now())
        asked = Asked(request.GET, right.columns)
        versions = _versions(right)
        since = request.GET.get("since", "").strip() or (str(versions[0].number) if versions else "")
        page, problem, is_whole_again = _read(user, right, asked, since)
        shown = {
            "since": since,
            "versions": versions,
            "problem": problem,
            "is_whole_again": is_whole_again,
            "tab": "changes",
            "subscription": _subscription(user, right),
        }
        context = access_shell(right, _("变化")) | shown | _table(right, asked, page, since)
        status = (409 if is_whole_again else 422) if problem else 200
        return render(request, "sharing/changes.html", context, status=status)


def _subscription(user: User, right: Right) -> dict[str, Any]:
    """The agency's subscription to the entry; where there is none, whether this person may subscribe."""
    access = right.access
    agency = access.grantee if isinstance(access, SharingGrant) else access.agency
    return {
        "active": active_subscription(agency, right.entry),
        "may": SUBSCRIPTION_POLICY.may(user, "subscribe", access),
    }


def _versions(right: Right) -> list[DataVersion]:
    """The versions that the agency may have, newest first, without the current one."""
    versions = DataVersion.objects.filter(entry=right.entry)
    first = first_version(right.access, versions)
    earlier = versions.filter(number__gte=first, number__lt=right.version.number)
    return list(earlier.order_by("-number")[:MOST_VERSIONS])


def _read(user: User, right: Right, asked: Asked, since: str) -> tuple[ChangePage, str, bool]:
    """The changes asked for; or none, what was wrong, and whether the whole table is to be taken again."""
    if not since:
        return NOTHING, "", False
    try:
        read = read_changes(
            by=user,
            access=right.access,
            since=since,
            at=right.asked_at,
            right=right,
            purpose=asked.purpose,
            case_number=asked.case_number,
            items=asked.fields,
            filters=asked.filters(),
            with_before=True,
            offset=asked.offset,
            limit=asked.page_size,
        )
    except TakeWholeAgain as refused:
        return NOTHING, refused.message, True
    except RuleBroken as refused:
        return NOTHING, refused.message, False
    return read.page, "", False


def _table(right: Right, asked: Asked, page: ChangePage, since: str) -> dict[str, Any]:
    names = {column.code: column for column in right.columns}
    through = "grant" if right.grant else "taking"
    narrowed = asked.address(since=since)
    counts = page.counts
    return {
        "counts": [
            {"kind": kind, "label": KIND_WORDS[kind], "number": number, "width": _width(number, counts.total)}
            for kind, number in ((INSERT, counts.inserted), (UPDATE, counts.updated), (DELETE, counts.deleted))
        ],
        "total": counts.total,
        "is_keyed": page.is_keyed,
        "columns": [
            {"name": _("变化"), "code": "change"},
            *(
                {"name": names[code].name, "code": code, "type_label": names[code].data_type.label}
                for code in page.codes
            ),
        ],
        "rows": [[KIND_WORDS[change.kind], *_cells(change)] for change in page.changes],
        "filters": [chip | {"remove_url": _with_since(chip["remove_url"], since)} for chip in asked.chips()],
        "count_text": _("%(total)s 处变化") % {"total": thousands(counts.total)},
        "pager": {
            name: _with_since(text, since) if name.endswith("url") else text
            for name, text in asked.pager(counts.total).items()
        },
        "downloads": [
            (label, reverse(f"sharing:{through}-changes-{kind}", args=[right.access.pk]) + narrowed)
            for kind, label in (
                ("csv", _("下载变化 CSV")),
                ("excel", _("下载变化 CSV（表格软件用）")),
                ("json", _("下载变化 JSON")),
            )
            if is_by_way(right, ways_for_changes(kind))
        ],
        "empty": {
            "title": _("没有变化"),
            "text": _("所选版本以来，您可以读取的数据没有变化。"),
        },
    }


def _with_since(url: str, since: str) -> str:
    return f"{url}{'&' if len(url) > 1 else ''}{urlencode({'since': since})}" if url else url


def _width(number: int, total: int) -> int:
    """How much of a bar of a hundred; what is there at all is seen."""
    return max(1, round(100 * number / total)) if number else 0


def _cells(change: Change) -> list[Any]:
    if change.before is None:
        return list(change.row)
    pairs = zip(change.row, change.before, strict=True)
    return [
        now_ if now_ == was else f"{cell_text(now_) or '空'}（原：{cell_text(was) or '空'}）" for now_, was in pairs
    ]


class TakingChangesPage(ChangesPage):
    """Changes of an unconditionally shared entry, under a declared duty."""

    access_kind = "taking"


class ChangesExportView(LoginRequiredMixin, View):
    """A download of changes; the right is asked again at every batch."""

    http_method_names = ["get", "options"]
    access_kind: ClassVar[str] = "grant"

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        user = staff_of(request)
        return export_changes(user, find_access(user, self.access_kind, pk), kind, request.GET)


class TakingChangesExportView(ChangesExportView):
    """A download under a declared duty."""

    access_kind = "taking"
