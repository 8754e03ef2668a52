"""REST for freshness and quality, of one entry and of all, and the municipal summary by county."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies
from catalog.api.views import ScopedView, find_entry, user_of
from catalog.models import CatalogEntry
from catalog.part_quality import part_qualities
from catalog.quality import freshness_of, quality_of, remember_last_loads, worst_first
from catalog.selectors import entries_of
from catalog.summary import municipal_summary
from guiyang_data.accounts.selectors import agency_by_code
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages
from guiyang_data.timekeeping import today


class QualityPartSerializer(serializers.Serializer[Any]):
    """A part of the score, with its figure and what would raise it."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.IntegerField()
    weight = serializers.IntegerField()
    figure = serializers.CharField()
    advice = serializers.CharField(allow_blank=True)


class CollectorQualitySerializer(serializers.Serializer[Any]):
    """How an agency stands with its part, where several collect."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")
    score = serializers.IntegerField(help_text="满分 100，只计入库的行和更新")
    freshness = serializers.CharField(source="state", help_text="late、on-time 或者 irregular（不定期）")
    due_on = serializers.DateField(allow_null=True)
    late_days = serializers.IntegerField()
    figure = serializers.CharField()


class EntryQualitySerializer(serializers.Serializer[Any]):
    """Freshness and quality of an entry in force; the score is the portal's own."""

    resource_code = serializers.CharField(source="entry.resource_code")
    title = serializers.CharField(source="entry.in_force.title")
    provider = serializers.CharField(source="entry.provider.code")
    freshness = serializers.CharField(source="fresh.state", help_text="late、soon、on-time 或者 irregular（不定期）")
    gathered_on = serializers.DateField(source="fresh.gathered_on", allow_null=True)
    due_on = serializers.DateField(source="fresh.due_on", allow_null=True, help_text="按更新周期应更新之日")
    late_days = serializers.IntegerField(source="fresh.late_days")
    score = serializers.IntegerField(source="quality.score", help_text="满分 100")
    parts = QualityPartSerializer(source="quality.parts", many=True)
    collectors = CollectorQualitySerializer(many=True, help_text="共同采集的，各机关的部分；一个机关采集的是空的")


def shown(entry: CatalogEntry) -> dict[str, Any]:
    """What is said of an entry."""
    on = today()
    known = {"entry": entry, "fresh": freshness_of(entry, on), "quality": quality_of(entry, on)}
    return known | {"collectors": part_qualities(entry, on)}


class EntryQualityView(ScopedView):
    """One entry."""

    @extend_schema(summary="目录条目的更新与质量", responses=EntryQualitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        entry = find_entry(user_of(request), pk)
        if entry.in_force is None:
            raise NotSeen("这一条目没有已公布的目录，没有更新与质量的情况。")
        return Response(EntryQualitySerializer(shown(entry)).data)


class QualityListView(ScopedView):
    """All that the caller sees, the worst first."""

    @extend_schema(
        operation_id="catalog_quality_list",
        summary="更新与质量，分数低的在前",
        parameters=[OpenApiParameter("agency", OpenApiTypes.STR, description="提供或者采集机关的统一社会信用代码")],
        responses=EntryQualitySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        seen = policies.visible_to(user_of(request), CatalogEntry.objects.all())
        agency = request.query_params.get("agency", "")
        found = agency_by_code(agency) if agency else None
        mine = seen.filter(entries_of(found)) if found else seen.none() if agency else seen
        rows = worst_first(mine, today())
        pages = Pages()
        page: Any = pages.paginate_queryset(rows, request, view=self)
        remember_last_loads(page)
        return pages.get_paginated_response(EntryQualitySerializer([shown(one) for one in page], many=True).data)


class SummaryRowSerializer(serializers.Serializer[Any]):
    """A county, or the city itself, in the municipal summary."""

    code = serializers.CharField(help_text="行政区划代码")
    name = serializers.CharField()
    agencies = serializers.IntegerField(help_text="有已公布目录的机关")
    entries = serializers.IntegerField(help_text="已公布的条目")
    unconditional = serializers.IntegerField()
    conditional = serializers.IntegerField()
    withheld = serializers.IntegerField()
    opened = serializers.IntegerField()
    newest_on = serializers.DateField(allow_null=True)
    waiting = serializers.IntegerField(help_text="待审核、待审定")


class SummaryView(ScopedView):
    """The municipal summary by county."""

    @extend_schema(summary="市级目录汇总（按区县）", responses=SummaryRowSerializer(many=True))
    def get(self, request: Request) -> Response:
        policies.require_staff(user_of(request))
        return Response(SummaryRowSerializer(municipal_summary(), many=True).data)
