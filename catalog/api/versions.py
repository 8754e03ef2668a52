"""REST for the versions of an entry's data: their list, the rows of one, an earlier one made current again."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies, services
from catalog.api.views import ScopedView, find_entry, user_of
from catalog.collecting import columns_seen
from catalog.models import CatalogEntry, DataVersion
from catalog.selectors import require_readable, version_numbered, version_on, versions_of
from catalog.tasks import queue_comparison
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked, refusals
from guiyang_data.faces.text import whole_number
from guiyang_data.ledger.services import access_log, close_access, open_access
from guiyang_data.tables.query import query
from guiyang_data.timekeeping import now

USUAL, MOST = 100, 1000


class DataVersionSerializer(serializers.ModelSerializer[DataVersion]):
    """A version of the data: where it came from, and what it changed against the one before."""

    load = serializers.IntegerField(source="load_id", read_only=True, allow_null=True)
    mode = serializers.CharField(source="load.mode", read_only=True, default=None, allow_null=True)
    restored = serializers.IntegerField(source="restored.number", read_only=True, default=None, allow_null=True)
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = DataVersion
        fields = [
            *("number", "made_at", "load", "mode", "restored", "reasons", "rows", "rows_added", "rows_removed"),
            *("rows_changed", "is_current"),
        ]
        read_only_fields = fields

    def get_is_current(self, version: DataVersion) -> bool:
        return bool(version.entry.current_data_id == version.pk)


class RestoreDataSerializer(serializers.Serializer[Any]):
    """An earlier version made current again, with reasons that the takers of the data read."""

    reasons = serializers.CharField(max_length=2000)


class DataRowsSerializer(serializers.Serializer[Any]):
    """Rows of one version, by the codes of its information items."""

    version = serializers.IntegerField()
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.DictField())


class EntryVersionsView(ScopedView, ListAPIView):
    """The versions of an entry's data, the newest first."""

    serializer_class = DataVersionSerializer
    filter_backends: list[Any] = []
    queryset = DataVersion.objects.none()

    @extend_schema(
        operation_id="catalog_entries_data_versions_list",
        summary="数据的历次版本",
        responses={200: DataVersionSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        entry = _own(request, pk)
        found = self.paginate_queryset(versions_of(entry).select_related("entry"))
        return self.get_paginated_response(DataVersionSerializer(found, many=True).data)


class EntryRowsView(ScopedView):
    """The rows of an entry for the agency's own people and systems: of the current version, of another, as of a day."""

    @extend_schema(
        summary="本机关数据的行",
        parameters=[
            OpenApiParameter("version", OpenApiTypes.INT, description="数据版本；不填的为现行数据"),
            OpenApiParameter("on", OpenApiTypes.DATE, description="看这一天终了时的现行数据"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"每次行数，默认 {USUAL}，最多 {MOST}"),
            OpenApiParameter("offset", OpenApiTypes.INT, description="从第几行之后开始"),
            OpenApiParameter("sort", OpenApiTypes.STR, description="字段名，前面加 - 为降序，多个用逗号分隔"),
        ],
        responses={200: DataRowsSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def get(self, request: Request, pk: int) -> Response:
        entry = _own(request, pk)
        asked = request.query_params
        version = _version(entry, asked)
        require_readable(version)
        limit = _whole(asked, "limit", USUAL, most=MOST)
        offset = _whole(asked, "offset", 0)
        columns = columns_seen(version.revision, policies.seen_as_collector(user_of(request), entry))
        with access_log():
            reading = open_access(
                by=user_of(request),
                at=now(),
                resource=entry,
                purpose=policies.purpose_of(user_of(request), entry),
                items=[column.code for column in columns],
                version=version.table_version,
                query={"sort": asked.get("sort", "")[:200], "limit": limit, "offset": offset},
            )
        try:
            page = query(
                entry.table,
                version.table_version,
                columns=columns,
                sort=[code for code in asked.get("sort", "").split(",") if code],
                limit=limit,
                offset=offset,
            )
        except RuleBroken:
            with access_log():
                close_access(reading, at=now(), rows=0, outcome="未读取")
            raise
        with access_log():
            close_access(reading, at=now(), rows=len(page.rows))
        rows = [dict(zip(page.codes, row, strict=True)) for row in page.rows]
        body = {"version": version.number, "total": page.total, "limit": limit, "offset": offset}
        return Response(body | {"rows": rows})


class RestoreDataView(ScopedView):
    """An earlier version of the data is made current again."""

    @extend_schema(
        summary="恢复旧版数据",
        parameters=[IDEMPOTENCY],
        request=RestoreDataSerializer,
        responses={201: DataVersionSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        policies.require(user, "restore-data", entry)
        values = checked(RestoreDataSerializer, request)

        def act() -> dict[str, Any]:
            made = services.restore_data(entry_id=entry.pk, number=number, by=user, at=now(), **values)
            queue_comparison(made.pk)
            return dict(DataVersionSerializer(made).data)

        return act_once(request, act, status=201)


def _own(request: Request, pk: int) -> CatalogEntry:
    user = user_of(request)
    entry = find_entry(user, pk)
    policies.require(user, "see-data", entry)
    return entry


def _version(entry: CatalogEntry, asked: QueryDict) -> DataVersion:
    if wanted := asked.get("version"):
        return version_numbered(entry, str(wanted))
    if day := asked.get("on"):
        return version_on(entry, str(day))
    found = entry.current_data or entry.data_versions.select_related("revision").order_by("-number").first()
    if found is None:
        raise NotSeen("这一条目还没有数据。请先汇聚数据。")
    return found


def _whole(asked: QueryDict, name: str, usual: int, *, most: int | None = None) -> int:
    text = asked.get(name, "")
    if not text:
        return usual
    number = whole_number(text)
    if number is None:
        message = f"{name} 要填不小于零的整数。请改正后重试。"
        raise RuleBroken(message, fields={name: message})
    return number if most is None else min(number, most)
