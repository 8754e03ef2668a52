"""REST: the log of readings as provider and requester see it (第十七条)."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import CatalogEntry
from guiyang_data.faces.api import Pages
from guiyang_data.ledger.models import Access
from sharing.api import serializers as shown
from sharing.api.views.base import SharingView, find_shared_entry, user_of
from sharing.found import find_grant, log_agency
from sharing.policies import GRANT_POLICY, TAKING_POLICY
from sharing.selectors import reading_lines, readings

SIDE = OpenApiParameter(
    "box", str, enum=["taken", "given"], description="taken：本机关读取的；given：他机关读取本机关数据的"
)


class LogView(SharingView):
    """Base of the lists of readings: people who answer for the agency, or guard or audit it, see them."""

    pagination_class = Pages

    def lines(self, request: Request, opened: QuerySet[Access]) -> Response:
        """One page of lines."""
        pages = Pages()
        page = pages.paginate_queryset(opened, request, self) or []
        return pages.get_paginated_response(shown.SharingReadingSerializer(reading_lines(page), many=True).data)


class ReadingsView(LogView):
    """Readings by one's agency, and of one's agency's data."""

    @extend_schema(
        summary="读取记录（第十七条）", parameters=[SIDE], responses=shown.SharingReadingSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        agency = log_agency(user_of(request))
        if request.query_params.get("box") == "given":
            own = CatalogEntry.objects.filter(provider=agency)
            return self.lines(request, readings(entries=own).exclude(agency=agency.code))
        return self.lines(request, readings(agency=agency))


class EntryReadingsView(LogView):
    """Readings of one entry, for its provider."""

    @extend_schema(
        operation_id="sharing_entries_readings_list",
        summary="目录条目的读取记录",
        responses=shown.SharingReadingSerializer(many=True),
    )
    def get(self, request: Request, code: str) -> Response:
        user, entry = user_of(request), find_shared_entry(code)
        TAKING_POLICY.require(user, "see-access", entry)
        return self.lines(request, readings(entries=CatalogEntry.objects.filter(pk=entry.pk)))


class GrantReadingsView(LogView):
    """Readings through one grant, for both agencies."""

    @extend_schema(
        operation_id="sharing_grants_readings_list",
        summary="经授权的读取记录",
        responses=shown.SharingReadingSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        grant = find_grant(user, pk)
        GRANT_POLICY.require(user, "see-access", grant)
        return self.lines(request, readings(through=grant))
