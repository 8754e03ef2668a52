"""How each agency keeps the ten days: a public page with its numbers, and the same as a file (第二十一条)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.faces.downloads import stream
from guiyang_data.faces.text import whole_number
from guiyang_data.tables.conversion import add_guard
from guiyang_data.timekeeping import today
from requests_app.listing import EARLIEST_YEAR
from requests_app.statistics import COLUMNS, DEFINITIONS, FEW, AgencyNumbers, by_agency, record_of, total_of

SHOWN_IN_CHART = 12


def year_of(request: HttpRequest) -> int:
    """The year asked for; this year where it is none."""
    this = today().year
    year = whole_number(request.GET.get("year", "")) or this
    return year if EARLIEST_YEAR <= year <= this else this


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Each agency's year. A share stands beside its cases; with few cases there is none."""
    year = year_of(request)
    rows = by_agency(year, today=today())
    context = {
        "year": year,
        "years": range(today().year, EARLIEST_YEAR - 1, -1),
        "rows": rows,
        "numbers": total_of(rows),
        "definitions": list(DEFINITIONS.values()),
        "few": FEW,
        "chart": _chart(rows, year) if rows else None,
    }
    return render(request, "requests_app/statistics.html", context)


def _chart(rows: list[AgencyNumbers], year: int) -> dict[str, Any]:
    top = rows[:SHOWN_IN_CHART]
    return {
        "id": "by-agency",
        "title": _("%(year)d 年收到申请较多的机关") % {"year": year},
        "kind": "rank",
        "x": [row.agency.short_name for row in top],
        "x_name": _("机关"),
        "series": [
            {"name": _("按时答复"), "state": "on_time", "values": [row.numbers.on_time for row in top]},
            {"name": _("逾期答复"), "state": "late", "values": [row.numbers.late for row in top]},
            {"name": _("待答复"), "state": "waiting", "values": [row.numbers.waiting for row in top]},
        ],
        "unit": _("件"),
        "source": _("平台办件记录"),
    }


@require_safe
def statistics_file(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV, one line for each agency."""
    year = year_of(request)
    name = _("开放需求申请统计 %(year)d.csv") % {"year": year}
    return stream(_lines(year), name=name, media_type="text/csv; charset=utf-8")


def _lines(year: int) -> Iterator[bytes]:
    yield "\ufeff".encode() + _line(COLUMNS.values())
    for row in by_agency(year, today=today()):
        record = record_of(row, year)
        yield _line(_cell(record[name]) for name in COLUMNS)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "；".join(f"{name} {number}" for name, number in value.items())
    return "" if value is None else add_guard(str(value))


def _line(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
