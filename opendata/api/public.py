"""REST for everyone, without an account: data sets, their rows, and exports. Open to scripts of any website."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages
from guiyang_data.faces.downloads import stream
from guiyang_data.tables.query import query, stream_csv, stream_json
from opendata import querying, selectors
from opendata.api.serializers import (
    DatasetDetailSerializer,
    DatasetFacetsSerializer,
    DatasetRowsSerializer,
    DatasetSerializer,
    PublishedVersionSerializer,
)
from opendata.models import OpenDataset, PublishedVersion
from opendata.services import count_download
from opendata.services.locking import NO_DATASET

LIST_PARAMETERS = [
    OpenApiParameter("q", str, description="关键字"),
    OpenApiParameter("field", str, description="领域代码"),
    OpenApiParameter("agency", str, description="提供机关的统一社会信用代码"),
    OpenApiParameter("cycle", str, description="更新周期"),
    OpenApiParameter("region", str, description="行政区划代码"),
    OpenApiParameter("sort", str, enum=list(selectors.SORTS), description="排序"),
]
ROW_PARAMETERS = [
    OpenApiParameter("sort", str, description="排序字段，以英文逗号分隔，前加 - 为降序"),
    OpenApiParameter("fields", str, description="只要这些字段，以英文逗号分隔"),
    OpenApiParameter("limit", int, description="每次行数，默认 100，最多 1000"),
    OpenApiParameter("offset", int, description="从第几行之后开始"),
]


class PublicView(APIView):
    """Base of what needs no account: reading only, from any website."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    http_method_names = ["get", "head", "options"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        done = super().finalize_response(request, response, *args, **kwargs)
        done["Access-Control-Allow-Origin"] = "*"
        done["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        done["Access-Control-Expose-Headers"] = "ETag, Content-Disposition"
        return done


def find(slug: str) -> tuple[OpenDataset, PublishedVersion]:
    """An open data set and its current version, or ``NotSeen``."""
    dataset = selectors.dataset_by_slug(slug)
    if dataset is None or dataset.current is None:
        raise NotSeen(NO_DATASET)
    return dataset, dataset.current


class DatasetsView(PublicView):
    """The list of open data sets."""

    @extend_schema(
        summary="开放数据集清单", parameters=LIST_PARAMETERS, responses=DatasetSerializer(many=True), auth=[]
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "")[:100]
        found = selectors.search(text)
        sort = request.query_params.get("sort", "relevance" if text else "newest")
        datasets = selectors.in_order(selectors.narrowed(found.datasets, _chosen(request)), sort, found.order)
        pages = Pages()
        page = pages.paginate_queryset(datasets, request, view=self)
        return pages.get_paginated_response(DatasetSerializer(page, many=True).data)


class FacetsView(PublicView):
    """How many data sets each value of a facet has."""

    @extend_schema(
        summary="开放数据集分面", parameters=LIST_PARAMETERS[:-1], responses=DatasetFacetsSerializer, auth=[]
    )
    def get(self, request: Request) -> Response:
        found = selectors.search(request.query_params.get("q", "")[:100])
        return Response(DatasetFacetsSerializer(selectors.facets(found.datasets, _chosen(request))).data)


def _chosen(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:40] for name in selectors.FACETS}


class DatasetView(PublicView):
    """One data set with its fields and files."""

    @extend_schema(summary="开放数据集", responses=DatasetDetailSerializer, auth=[])
    def get(self, request: Request, slug: str) -> Response:
        dataset, _version = find(slug)
        return Response(DatasetDetailSerializer(dataset).data)


class VersionsView(PublicView):
    """Every version of a data set, newest first."""

    @extend_schema(summary="开放数据集的版本", responses=PublishedVersionSerializer(many=True), auth=[])
    def get(self, request: Request, slug: str) -> Response:
        dataset, _version = find(slug)
        pages = Pages()
        page = pages.paginate_queryset(selectors.versions_shown(dataset), request, view=self)
        return pages.get_paginated_response(PublishedVersionSerializer(page, many=True).data)


class RowsView(PublicView):
    """Rows of the current version, filtered and sorted."""

    @extend_schema(
        summary="开放数据集的行",
        description="任何字段都可以作筛选参数：字段=值，或者 字段__ge=值（ne lt le gt ge contains starts in isnull）。",
        parameters=ROW_PARAMETERS,
        responses=DatasetRowsSerializer,
        auth=[],
    )
    def get(self, request: Request, slug: str) -> Response:
        dataset, version = find(slug)
        asked = request.query_params.dict()
        columns = version.schema
        limit = querying.whole(asked.get("limit", ""), name="limit", default=querying.USUAL, most=querying.MOST)
        offset = querying.whole(asked.get("offset", ""), name="offset", default=0)
        read = query(
            dataset.table,
            version.table_version,
            columns=columns,
            selected=querying.listed(asked.get("fields", "")) or None,
            filters=[one.filter for one in querying.conditions(asked, columns)],
            sort=querying.sorting(asked.get("sort", ""), columns),
            offset=offset,
            limit=limit,
        )
        following = None
        if limit and offset + limit < read.total:
            parameters = urlencode({**asked, "offset": offset + limit, "limit": limit})
            following = request.build_absolute_uri(f"{request.path}?{parameters}")
        rows = [dict(zip(read.codes, row, strict=True)) for row in read.rows]
        body = {"total": read.total, "limit": limit, "offset": offset, "version": version.number, "next": following}
        return Response(body | {"rows": rows})


class ExportView(PublicView):
    """All rows that pass the filters, streamed."""

    @extend_schema(
        summary="导出开放数据集",
        parameters=ROW_PARAMETERS[:2],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/json"): OpenApiTypes.BINARY},
        auth=[],
    )
    def get(self, request: Request, slug: str, kind: str) -> HttpResponseBase:
        dataset, version = find(slug)
        asked = request.query_params.dict()
        columns = version.schema
        wanted: dict[str, Any] = {
            "columns": columns,
            "selected": querying.listed(asked.get("fields", "")) or None,
            "filters": [one.filter for one in querying.conditions(asked, columns)],
            "sort": querying.sorting(asked.get("sort", ""), columns),
        }
        etag = f'"{version.files["csv"]["sha256"][:32]}-{kind}"' if not asked else ""
        if etag and request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304)
        if kind == "json":
            parts, media_type = stream_json(dataset.table, version.table_version, **wanted), "application/json"
        else:
            parts, media_type = stream_csv(dataset.table, version.table_version, **wanted), "text/csv; charset=utf-8"
        response = stream(parts, name=f"{dataset.title}.{kind}", media_type=media_type)
        if etag:
            response["ETag"] = etag
        count_download(dataset)
        return response
