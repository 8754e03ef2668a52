"""For everyone: what a matter asks for and what of it need not be brought, and how agencies stand (第十六条第二款)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.faces.downloads import stream
from guiyang_data.faces.text import zh_date
from guiyang_data.tables.conversion import add_guard
from guiyang_data.timekeeping import today
from sharing.materials.checking import check_matter
from sharing.materials.found import find_matter
from sharing.materials.selectors import AgencyFigures, figures, matters_found, total_of
from sharing.materials.views.shared import matter_facts

PER_PAGE = 20
SHOWN_IN_CHART = 12
COLUMNS: dict[str, str] = {
    "matters": "事项",
    "materials": "申请材料",
    "supplied": "平台能够提供的",
    "freed": "已不再要求提交",
    "against": "仍要求提交",
    "exempt": "依法不适用电子文书",
    "kept": "经核对仍须提交",
}


@require_safe
def matters(request: HttpRequest) -> HttpResponse:
    """Matters to look for."""
    text, agency = request.GET.get("q", "").strip()[:60], request.GET.get("agency", "")[:30]
    rows = matters_found(text=text, agency=agency).select_related("agency")
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "agency": agency,
        "crumbs": [(_("申请材料"), "")],
    }
    return render(request, "sharing/materials/public_matters.html", context)


@require_safe
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """A matter: what to bring, what not, and what to do where it is asked for all the same."""
    found = find_matter(pk, public=True)
    answers = check_matter(found, None, on=today())
    context = {
        "matter": found,
        "facts": matter_facts(found, inside=False),
        "answers": answers,
        "against": sum(one.is_against for one in answers),
        "crumbs": [(_("申请材料"), reverse("sharing:public-matters")), (found.name, "")],
    }
    return render(request, "sharing/materials/public_matter.html", context)


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """How each agency stands."""
    rows = figures()
    context = {
        "rows": rows,
        "total": total_of(rows),
        "columns": list(COLUMNS.values()),
        "chart": _chart(rows) if rows else None,
        "crumbs": [(_("申请材料"), reverse("sharing:public-matters")), (_("各机关情况"), "")],
    }
    return render(request, "sharing/materials/figures.html", context)


def _chart(rows: list[AgencyFigures]) -> dict[str, Any]:
    top = [row for row in rows if row.supplied][:SHOWN_IN_CHART]
    return {
        "id": "materials-by-agency",
        "title": _("平台能够提供的申请材料"),
        "kind": "rank",
        "x": [row.agency.short_name for row in top],
        "x_name": _("机关"),
        "series": [
            {"name": _("已不再要求提交"), "state": "on_time", "values": [row.freed for row in top]},
            {"name": _("仍要求提交"), "state": "late", "values": [row.against for row in top]},
        ],
        "unit": _("份"),
        "source": _("各机关登记的事项和申请材料"),
        "as_of": _("截至 %(day)s") % {"day": zh_date(today(), with_year=True)},
    }


@require_safe
def figures_file(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV, one line for each agency."""
    return stream(_lines(figures()), name=_("申请材料清理情况.csv"), media_type="text/csv; charset=utf-8")


def _lines(rows: list[AgencyFigures]) -> Iterator[bytes]:
    yield "\ufeff".encode() + _line(["机关", *COLUMNS.values()])
    for row in rows:
        yield _line([row.agency.name, *(getattr(row, name) for name in COLUMNS)])


def _line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([add_guard(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode()
