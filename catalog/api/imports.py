"""REST for imports of catalogues (第十一条第二款): a file landed, looked at under a mapping, confirmed, followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies, services
from catalog.api import import_serializers as shapes
from catalog.api.views import ScopedView, own_agency, user_of
from catalog.models import CatalogImport, Category
from catalog.services import TARGETS, Preview
from catalog.tasks import queue_import
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked, refusals
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import now

MAPPING = CatalogImport.State.MAPPING
MOST_PROBLEMS = 1000
LANDED = OpenApiExample(
    "已接收，等待核对",
    value={
        "id": 12,
        "url": "/api/v1/catalog/imports/12/",
        "provider": "11520100009390108U",
        "file_name": "目录.xlsx",
        "size": 20480,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "state": "mapping",
        "columns": ["资源名称", "摘要", "更新频率", "字段名称"],
        "mapping": {"资源名称": "title", "摘要": "abstract", "更新频率": "update_cycle", "字段名称": "items"},
        "defaults": {},
        "defaulted": {},
        "take_good_rows": False,
        "rows_read": 120,
        "rows_done": 0,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "refusals": [],
        "message": "",
        "received_at": "2026-11-20T10:00:00+08:00",
        "finished_at": None,
        "preview_url": "/api/v1/catalog/imports/12/preview/",
        "begin_url": "/api/v1/catalog/imports/12/begin/",
        "problems_url": "/api/v1/catalog/imports/12/problems/",
    },
    response_only=True,
    status_codes=["201"],
)
BEGIN = OpenApiExample(
    "照建议的对应关系，把一列改为关键字，其余照常",
    value={
        "mapping": {"标签": "keywords", "访问量": ""},
        "defaults": {"category": "303008", "sharing_type": "conditional", "is_open": False},
        "take_good_rows": True,
    },
    request_only=True,
)


def find_import(user: User, pk: int) -> CatalogImport:
    """A visible import, or 404."""
    found = policies.visible_imports(user, CatalogImport.objects.select_related("provider")).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这次导入，或者您不能查看。")
    return found


class ImportListView(ScopedView, ListAPIView[CatalogImport]):
    """Imports: listed, and a file taken in."""

    parser_classes = [MultiPartParser]
    serializer_class = shapes.ImportSerializer
    filter_backends: list[Any] = []
    queryset = CatalogImport.objects.none()

    def get_queryset(self) -> QuerySet[CatalogImport]:
        if getattr(self, "swagger_fake_view", False):
            return CatalogImport.objects.none()
        imports = CatalogImport.objects.select_related("provider").order_by("-received_at", "-pk")
        return policies.visible_imports(user_of(self.request), imports)

    @extend_schema(
        summary="本机关的目录导入，新的在前",
        responses={200: shapes.ImportSerializer(many=True), **refusals(401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="上传目录文件：给出各列对应哪个要素的建议，这一步不建立任何条目",
        parameters=[IDEMPOTENCY],
        request={"multipart/form-data": shapes.CatalogueFileSerializer},
        examples=[LANDED],
        responses={201: shapes.ImportSerializer, **refusals(401, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        provider = own_agency(user)
        uploaded = checked(shapes.CatalogueFileSerializer, request)["file"]

        def act() -> dict[str, Any]:
            job = services.start_import(provider=provider, uploaded=uploaded, by=user, at=now())
            return dict(shapes.ImportSerializer(job).data)

        return act_once(request, act, status=201)


class ImportView(ScopedView):
    """One import."""

    @extend_schema(
        summary="一次目录导入：状态、进度（rows_done / rows_read）和结果",
        responses={200: shapes.ImportSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.ImportSerializer(find_import(user_of(request), pk)).data)


class PreviewView(ScopedView):
    """What an import would do; changes nothing."""

    @extend_schema(
        summary="按所给的对应关系预览：新建、更新多少条，哪些行有问题；不改变任何内容",
        request=shapes.MappingSerializer,
        responses={200: shapes.ImportPreviewSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        job = find_import(user_of(request), pk)
        policies.require(user_of(request), "import", job.provider)
        values = checked(shapes.MappingSerializer, request)
        mapping, defaults = services.understood(job, values.get("mapping"), values.get("defaults"))
        seen = services.preview(job, mapping, defaults)
        return Response(_shown(seen, mapping, defaults))


def _shown(seen: Preview, mapping: dict[str, str], defaults: dict[str, Any]) -> dict[str, Any]:
    problems = [shapes.problem_of(one) for one in _gravest_first(seen.problems)[: shapes.SHOWN_REFUSALS]]
    first = [
        {
            "row": outcome.row.line,
            "title": outcome.row.title,
            "outcome": outcome.kind,
            "elements": {name: _plain(value) for name, value in outcome.elements.items()},
            "items": [str(item["name"]) for item in outcome.row.items or ()],
        }
        for outcome in seen.first
    ]
    counts = {name: getattr(seen, name) for name in ("lines", "items", "created", "updated", "unchanged", "refused")}
    told = {
        "mapping": mapping,
        "mapping_in_words": {column: TARGETS[target] for column, target in mapping.items() if target},
        "defaults": defaults,
        "defaulted": seen.defaulted,
        "to_decide": seen.unanswered(defaults),
        "proposed": [{"name": name, "sensitivity": mark, "items": number} for name, mark, number in seen.proposed],
        "entries": seen.rows,
        "problems": problems,
        "first": first,
    }
    return dict(shapes.ImportPreviewSerializer(told | counts).data)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Category) else value


def _gravest_first(problems: Sequence[Any]) -> list[Any]:
    return sorted(problems, key=lambda one: not one.fatal)


class BeginView(ScopedView):
    """The mapping is confirmed."""

    @extend_schema(
        summary="确认对应关系，开始导入为草稿；在后台进行，结果在 url 查看",
        parameters=[IDEMPOTENCY],
        request=shapes.BeginImportSerializer,
        examples=[BEGIN],
        responses={202: shapes.ImportSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        job = find_import(user, pk)
        policies.require(user, "import", job.provider)
        values = checked(shapes.BeginImportSerializer, request)
        mapping, defaults = services.understood(job, values.get("mapping"), values.get("defaults"))
        seen = services.look_ahead(import_id=job.pk, by=user, mapping=mapping, defaults=defaults)

        def act() -> dict[str, Any]:
            begun = services.begin_import(
                import_id=job.pk,
                by=user,
                at=now(),
                mapping=mapping,
                defaults=defaults,
                take_good_rows=values["take_good_rows"],
                seen=seen,
            )
            queue_import(begun.pk)
            return dict(shapes.ImportSerializer(begun).data)

        return act_once(request, act, status=202)


class ProblemsView(ScopedView):
    """What is wrong, place by place."""

    @extend_schema(
        summary="有问题的行：行号、列、内容、问题；确认之前按建议的对应关系，之后是没有导入的",
        parameters=[
            OpenApiParameter("offset", int, description="从第几处起，首处是 0"),
            OpenApiParameter("limit", int, description=f"最多几处，不超过 {MOST_PROBLEMS}"),
        ],
        responses={200: shapes.ImportProblemsSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        job = find_import(user_of(request), pk)
        asked = request.query_params
        offset = min(whole_number(asked.get("offset", "")) or 0, 10**9)
        limit = min(whole_number(asked.get("limit", "")) or MOST_PROBLEMS, MOST_PROBLEMS)
        if job.state == MAPPING:
            found = _gravest_first(services.preview(job, job.mapping, services.usual_defaults(job.provider)).problems)
        else:
            found = job.refusals
        results = [shapes.problem_of(one) for one in found[offset : offset + limit]]
        return Response({"total": len(found), "offset": offset, "limit": limit, "results": results})
