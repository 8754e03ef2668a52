"""REST: the log of readings as provider and requester see it (第十七条)."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import CatalogEntry
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.api import Pages
from guiyang_data.faces.long_lists import counted
from guiyang_data.faces.paging import CountedPaginator
from guiyang_data.faces.text import whole_number
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from sharing import logbook
from sharing.api import serializers as shown
from sharing.api.views.base import SharingView, find_shared_entry, user_of
from sharing.found import find_grant, log_agency
from sharing.logbook import Logbook, Wanted
from sharing.models import SharingGrant
from sharing.policies import GRANT_POLICY, TAKING_POLICY
from sharing.selectors import WAYS, reading_lines
from sharing.workflow import OWN_DUTIES

SIDE = OpenApiParameter(
    "box", str, enum=["taken", "given"], description="taken：本机关读取的；given：他机关读取本机关数据的"
)


FILTERS = [
    OpenApiParameter("entry", str, description="资源代码"),
    OpenApiParameter("agency", str, description="读取机关的统一社会信用代码"),
    OpenApiParameter("actor", str, description="读取人，与记录中的一致，例如 user:12"),
    OpenApiParameter("grant", int, description="授权编号"),
    OpenApiParameter("kind", str, enum=list(WAYS), description="方式"),
    OpenApiParameter("since", dt.date, description="从哪天起"),
    OpenApiParameter("until", dt.date, description="到哪天止"),
]


class LogPaginator(CountedPaginator):
    """From whichever end is nearer; of very many rows the number may be a minute old."""

    def __init__(self, rows: QuerySet[Access], size: int) -> None:
        super().__init__(rows, size, count=counted(rows))


class LogPages(Pages):
    """Pages of a log of any length: what lies deep comes as soon as what stands on top."""

    django_paginator_class = LogPaginator


def wanted(request: Request) -> Wanted:
    """What is looked for. RuleBroken where it is not understood."""
    asked = request.query_params
    code, grant = asked.get("entry", "").strip(), asked.get("grant", "").strip()
    number = whole_number(grant) if grant else None
    if grant and number is None:
        raise RuleBroken("授权编号应当是数字。请核对后重试。", basis=OWN_DUTIES)
    entry = CatalogEntry.objects.filter(resource_code=code).first() if code else None
    if code and entry is None:
        raise RuleBroken("没有这个资源代码。请核对后重试。", basis=OWN_DUTIES)
    return Wanted(
        resource=subject_of(entry) if entry else "",
        agency=asked.get("agency", "").strip(),
        actor=asked.get("actor", "").strip(),
        grant=f"{SharingGrant._meta.label_lower}:{number}" if number is not None else "",
        kind=asked.get("kind", "").strip(),
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise RuleBroken("日期请写成 2026-11-02 这样。请改正后重试。", basis=OWN_DUTIES) from error


class LogView(SharingView):
    """Base of the lists of readings: people who answer for the agency, or guard or audit it, see them."""

    pagination_class = LogPages

    def lines(self, request: Request, book: Logbook) -> Response:
        """One page of lines."""
        pages = LogPages()
        page = pages.paginate_queryset(book.narrowed(wanted(request)).opened, request, self) or []
        return pages.get_paginated_response(shown.SharingReadingSerializer(reading_lines(page), many=True).data)


class ReadingsView(LogView):
    """Readings by one's agency, and of one's agency's data."""

    @extend_schema(
        summary="读取记录（第十七条）", parameters=[SIDE, *FILTERS], responses=shown.SharingReadingSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        agency = log_agency(user_of(request))
        given = request.query_params.get("box") == "given"
        return self.lines(request, logbook.given_by(agency) if given else logbook.taken_by(agency))


class EntryReadingsView(LogView):
    """Readings of one entry, for its provider."""

    @extend_schema(
        operation_id="sharing_entries_readings_list",
        summary="目录条目的读取记录",
        parameters=FILTERS,
        responses=shown.SharingReadingSerializer(many=True),
    )
    def get(self, request: Request, code: str) -> Response:
        user, entry = user_of(request), find_shared_entry(code)
        TAKING_POLICY.require(user, "see-access", entry)
        return self.lines(request, logbook.of_entry(entry))


class GrantReadingsView(LogView):
    """Readings through one grant, for both agencies."""

    @extend_schema(
        operation_id="sharing_grants_readings_list",
        summary="经授权的读取记录",
        parameters=FILTERS,
        responses=shown.SharingReadingSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        grant = find_grant(user, pk)
        GRANT_POLICY.require(user, "see-access", grant)
        return self.lines(request, logbook.through(grant))
