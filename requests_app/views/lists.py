"""The public list of requests: page, Atom feed, and exports (第二十一条第一款). Names stay hidden in all of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.text import zh_date
from guiyang_data.statute.selectors import face as clock_face
from guiyang_data.tables.conversion import add_guard
from guiyang_data.texts import fit_for_xml
from guiyang_data.timekeeping import today
from requests_app.listing import EARLIEST_YEAR, FIELDS, GROUPS, STANDINGS, Chosen, chosen, found, listed, records
from requests_app.models import OpenRequest
from requests_app.selectors import agencies_asked, clocks_by_case
from requests_app.statistics import year_in_numbers

PAGE_SIZE = 20
MOST_IN_FEED = 50
MOST_IN_SHEET = 50_000
"""Rows of an XLSX, which is made before it is sent; CSV and JSON are streamed, whatever their number."""
PIECE = 1 << 16


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """Every request with its agency, state and clock; names hidden (第二十一条第一款)."""
    choice, today_ = chosen(request.GET.dict()), today()
    page = Paginator(_in_order(choice, today_), PAGE_SIZE).get_page(request.GET.get("page"))
    faces = clocks_by_case(page.object_list)
    context = {
        "choice": choice,
        "q": choice.text,
        "agencies": agencies_asked(),
        "groups": [(key, label) for key, (label, _states) in GROUPS.items()],
        "standings": list(STANDINGS.items()),
        "year": choice.year or today_.year,
        "years": range(today_.year, EARLIEST_YEAR - 1, -1),
        "page": page,
        "rows": [_row(row, faces, today_) for row in page.object_list],
        "numbers": year_in_numbers(choice.year or today_.year, today=today_, agency=choice.agency),
        "filtered": bool(choice.parameters),
        "feed_url": reverse("requests_app:feed") + choice.query,
        "exports": [
            (label, reverse("requests_app:export", args=[kind]) + choice.query)
            for kind, label in (("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON"))
        ],
    }
    return render(request, "requests_app/list.html", context)


def _in_order(choice: Chosen, today_: dt.date) -> Any:
    """Newest first; what a search found, best first."""
    rows = listed(choice, today=today_)
    if not choice.text:
        return rows
    place = {hit.key: index for index, hit in enumerate(found(choice.text))}
    return sorted(rows, key=lambda row: place.get(row.number, len(place)))


def _row(row: OpenRequest, clocks: dict[str, Any], today_: dt.date) -> dict[str, Any]:
    clock = clocks.get(row.number)
    return {"request": row, "face": clock_face(clock, today_) if clock else None}


class RequestFeed(Feed):
    """The newest requests as Atom: all of them, of one agency, or what a search finds."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Chosen:
        return chosen(request.GET.dict())

    def title(self, obj: Chosen) -> str:
        return _("开放需求申请") + (f"：{obj.label}" if obj.label else "")

    def subtitle(self, obj: Chosen) -> str:
        return _("公众申请列入目录或者开放的政府数据，申请人姓名隐去。")

    def link(self, obj: Chosen) -> str:
        return reverse("requests_app:list") + obj.query

    def feed_url(self, obj: Chosen) -> str:
        return reverse("requests_app:feed") + obj.query

    def items(self, obj: Chosen) -> Any:
        return listed(obj, today=today())[:MOST_IN_FEED]

    def item_title(self, item: Any) -> str:
        return fit_for_xml(f"{item.number} {item.title}")

    def item_description(self, item: Any) -> str:
        status = _("待答复") if item.is_open else str(item.get_status_display())
        return f"{item.agency.name} · {zh_date(item.submitted_on, with_year=True)} · {status}"

    def item_pubdate(self, item: OpenRequest) -> dt.datetime:
        return item.submitted_at

    def item_updateddate(self, item: OpenRequest) -> dt.datetime:
        return item.submitted_at

    def item_guid(self, item: OpenRequest) -> str:
        return f"{settings.PUBLIC_ADDRESS}{item.get_absolute_url()}"


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The public records of what is chosen, as CSV, XLSX or JSON."""
    if kind not in EXPORTS:
        raise NotSeen(_("没有这种下载格式。可用的有 CSV、XLSX 和 JSON。"))
    made, media_type = EXPORTS[kind]
    rows = records(listed(chosen(request.GET.dict()), today=today()))
    return stream(made(rows), name=f"{_('开放需求申请')}.{kind}", media_type=media_type)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "" if value is None else str(value)


def as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """CSV that a spreadsheet opens without running what people wrote."""
    yield "\ufeff".encode() + _line(FIELDS.values())
    for row in rows:
        yield _line(add_guard(_words(row[name])) for name in FIELDS)


def _line(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def as_json(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """One JSON array."""
    start = b"["
    for row in rows:
        yield start + orjson.dumps(row)
        start = b",\n"
    yield b"[]" if start == b"[" else b"]"


def as_xlsx(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """One sheet, row by row into a temporary file; no cell is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("开放需求申请"))
    sheet.append(list(FIELDS.values()))
    for number, row in enumerate(rows):
        if number >= MOST_IN_SHEET:
            sheet.append([_("还有更多，请下载 CSV 或者按条件查看。")])
            break
        sheet.append([add_guard(fit_for_xml(_words(row[name]))) for name in FIELDS])
    with tempfile.TemporaryFile() as place:
        book.save(place)
        place.seek(0)
        while piece := place.read(PIECE):
            yield piece


EXPORTS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
