"""REST for imports of matters: a file landed, looked at under a mapping, confirmed, followed (第十六条第二款)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked, refusals
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api.views.base import user_of
from sharing.materials.api import serializers as shown
from sharing.materials.api.views import MaterialsView, paged
from sharing.materials.found import find_matter_import, keeping_agency
from sharing.materials.selectors import visible_matter_imports
from sharing.models import MatterImport
from sharing.services.materials.importing import check_matter_mapping, preview_matters
from sharing.tasks import queue_matter_import

MOST_PROBLEMS = 1000


class MatterImportsView(MaterialsView):
    """Imports: listed, and a file taken in."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="materials_imports_list",
        summary="本机关的事项导入，新的在前",
        responses={200: shown.MatterImportSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        rows = visible_matter_imports(user_of(request), MatterImport.objects.select_related("agency"))
        return paged(request, rows, shown.MatterImportSerializer, self)

    @extend_schema(
        summary="上传事项材料清单：给出各列对应哪个要素的建议，这一步不改动任何事项",
        parameters=[IDEMPOTENCY],
        request={"multipart/form-data": shown.MatterFileInput},
        responses={201: shown.MatterImportSerializer, **refusals(401, 403, 404, 422)},
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        agency, uploaded = keeping_agency(user), checked(shown.MatterFileInput, request)["file"]

        def act() -> dict[str, Any]:
            job = services.start_matter_import(agency=agency, uploaded=uploaded, by=user, at=now())
            return dict(shown.MatterImportSerializer(job).data)

        return act_once(request, act, status=201)


class MatterImportView(MaterialsView):
    """One import, and how far it is."""

    @extend_schema(
        summary="一次事项导入的进度和结果",
        responses={200: shown.MatterImportSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown.MatterImportSerializer(find_matter_import(user_of(request), pk)).data)


class MatterPreviewView(MaterialsView):
    """What an import would do; it changes nothing, although it is sent."""

    @extend_schema(
        summary="按给出的对应关系预览：新建、更新、不能导入的各有多少，问题在哪一行哪一列",
        request=shown.BeginMatterImportInput,
        responses={200: shown.MatterPreviewSerializer, **refusals(401, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        user, values = user_of(request), checked(shown.BeginMatterImportInput, request)
        job = find_matter_import(user, pk)
        mapping = job.mapping | values["mapping"]
        check_matter_mapping(job, mapping)
        seen = preview_matters(job, mapping, by=user)
        names = ("rows", "lines", "materials", "created", "updated", "unchanged", "refused", "gone")
        told = {name: getattr(seen, name) for name in names}
        return Response(told | {"problems": [asdict(one) for one in seen.problems[:MOST_PROBLEMS]]})


class BeginMatterImportView(MaterialsView):
    """Confirm an import."""

    @extend_schema(
        summary="确认对应关系，开始导入；有问题的行不导入的，须写明 take_good_rows",
        parameters=[IDEMPOTENCY],
        request=shown.BeginMatterImportInput,
        responses={202: shown.MatterImportSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        user, values = user_of(request), checked(shown.BeginMatterImportInput, request)
        job = find_matter_import(user, pk)
        mapping = job.mapping | values["mapping"]
        seen = services.look_ahead_at_matters(import_id=job.pk, by=user, mapping=mapping)

        def act() -> dict[str, Any]:
            begun = services.begin_matter_import(
                import_id=job.pk,
                by=user,
                at=now(),
                mapping=mapping,
                take_good_rows=values["take_good_rows"],
                seen=seen,
            )
            queue_matter_import(begun.pk)
            return dict(shown.MatterImportSerializer(begun).data)

        return act_once(request, act, status=202)
