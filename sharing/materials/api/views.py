"""REST for matters and materials: the list, the check, what is to be mended, and the acts (第十六条第二款)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.api.views.base import SharingView, user_of
from sharing.materials.api import serializers as shown
from sharing.materials.checking import check_matter, check_names
from sharing.materials.found import find_material, find_matter, keeping_agency
from sharing.materials.policies import agencies_in_sight, kept_agency
from sharing.materials.selectors import (
    counted,
    figures,
    in_sight,
    matters_found,
    mendings_with_names,
    overdemanded,
    with_materials,
)
from sharing.models import MaterialMending, MatterMaterial, ServiceMatter

SCOPE = "materials:write"
Q = OpenApiParameter("q", str, description="事项名称、编码中的词")
AGENCY = OpenApiParameter("agency", str, description="办理机关的统一社会信用代码")
AGAINST = OpenApiParameter("against", bool, description="只要平台能够提供、仍要求提交材料的事项")
ADD = OpenApiExample(
    "登记一个事项",
    value={
        "name": "临时救助申请",
        "code": "11520100MB1A00015052000511004",
        "kind": "payment",
        "basis": "《社会救助暂行办法》第四十七条",
        "materials": [
            {"label": "居民身份证", "form": "copy", "source": "公安机关"},
            {"label": "最低生活保障证明", "form": "original", "source": "民政部门", "required": False},
        ],
    },
    request_only=True,
)
CHECK = OpenApiExample("核对一组材料名称", value={"names": ["婚姻状况证明（原件）", "户口簿复印件"]}, request_only=True)
CHECKED = OpenApiExample(
    "一份能够提供，一份还不能",
    value={
        "agency": "11520100009390108U",
        "on": "2026-11-20",
        "answers": [
            {
                "asked": "婚姻状况证明（原件）",
                "material": None,
                "outcome": "supplied",
                "against": False,
                "exception": "",
                "ways": [
                    {
                        "entry": "303008/00012",
                        "title": "婚姻登记核验",
                        "provider": "11520100009390108U",
                        "sharing_type": "conditional",
                        "way": "verify",
                        "items": ["id_number", "kind"],
                        "document": "",
                        "step": "apply",
                        "right": "",
                        "url": "/desk/sharing/entries/12/apply/",
                        "call": "POST /api/v1/sharing/applications/",
                    }
                ],
                "alike": [],
            },
            {
                "asked": "户口簿复印件",
                "material": None,
                "outcome": "not-available",
                "against": False,
                "exception": "",
                "ways": [],
                "alike": [],
            },
        ],
    },
    response_only=True,
)


def paged(request: Request, rows: Any, serializer: Any, view: APIView) -> Response:
    """One page of a list."""
    pages = Pages()
    page: Any = pages.paginate_queryset(rows, request, view)
    return pages.get_paginated_response(serializer(page, many=True).data)


def detail(matter: ServiceMatter) -> dict[str, Any]:
    """A matter as it is now."""
    found = with_materials(counted(ServiceMatter.objects.filter(pk=matter.pk))).get()
    return dict(shown.ServiceMatterDetailSerializer(found).data)


class MaterialsView(SharingView):
    """Base: reading needs ``sharing:read``, acting ``materials:write``."""

    act_scope = SCOPE
    pagination_class = Pages


class MatterListView(MaterialsView):
    """Matters, and entering one."""

    @extend_schema(
        operation_id="materials_matters_list",
        summary="政务服务事项，附申请材料的份数",
        parameters=[Q, AGENCY, AGAINST],
        responses={200: shown.ServiceMatterSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        user_of(request)
        asked = request.query_params
        rows = matters_found(
            text=asked.get("q", "").strip()[:60],
            agency=asked.get("agency", "")[:30],
            only_against=asked.get("against", "").lower() in {"1", "true"},
        )
        return paged(request, counted(rows), shown.ServiceMatterSerializer, self)

    @extend_schema(
        summary="登记本机关的一个事项及其申请材料",
        parameters=[IDEMPOTENCY],
        request=shown.AddMatterInput,
        responses={201: shown.ServiceMatterDetailSerializer, **refusals(401, 403, 404, 422)},
        examples=[ADD],
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        agency, values = keeping_agency(user), checked(shown.AddMatterInput, request)

        def act() -> dict[str, Any]:
            return detail(services.add_matter(agency=agency, by=user, at=now(), **values))

        return act_once(request, act, status=201)


class MatterView(MaterialsView):
    """One matter."""

    @extend_schema(
        summary="一个事项及其申请材料",
        responses={200: shown.ServiceMatterDetailSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        user_of(request)
        return Response(detail(find_matter(pk)))


class CheckView(MaterialsView):
    """The check. It changes nothing, although it is sent."""

    act_scope = "sharing:read"

    @extend_schema(
        summary="核对申请材料：平台能够提供哪些、怎样获取，或者例外的依据（第十六条第二款）",
        request=shown.MaterialCheckInput,
        responses={200: shown.MaterialCheckSerializer, **refusals(401, 403, 404, 422)},
        examples=[CHECK, CHECKED],
    )
    def post(self, request: Request) -> Response:
        user, values = user_of(request), checked(shown.MaterialCheckInput, request)
        agency = kept_agency(user)
        if values["matter"] is not None:
            answers = check_matter(find_matter(values["matter"]), agency, on=today())
        else:
            answers = check_names(values["names"], agency, on=today())
        found = {"agency": agency.code if agency else "", "on": today(), "answers": answers}
        return Response(shown.MaterialCheckSerializer(found).data)


class DemandsView(MaterialsView):
    """What is asked for although it is supplied, of the agencies in sight."""

    @extend_schema(
        summary="平台能够提供、仍要求提交的材料",
        parameters=[AGENCY],
        responses={200: shown.OverdemandSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        seen = agencies_in_sight(user_of(request))
        rows = overdemanded(MatterMaterial.objects.select_related("matter__agency"))
        rows = rows if seen is None else rows.filter(matter__agency__in=seen)
        code = request.query_params.get("agency", "")[:30]
        rows = rows.filter(matter__agency__code=code) if code else rows
        return paged(request, rows.order_by("matter__agency__code", "matter", "pk"), shown.OverdemandSerializer, self)


class MendingsView(MaterialsView):
    """Mendings of the agencies in sight, what is due first on top."""

    @extend_schema(
        summary="清理清单：哪个机关应当停止要求哪种材料、到哪一天（服务目标）",
        responses={200: shown.MaterialMendingSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        rows = in_sight(user_of(request), mendings_with_names(MaterialMending.objects.all()))
        return paged(request, rows.order_by("closed_on", "next_due_on", "pk"), shown.MaterialMendingSerializer, self)


class FiguresView(APIView):
    """How agencies stand, for everyone."""

    permission_classes = [AllowAny]

    @extend_schema(summary="各机关的申请材料清理情况", responses=shown.AgencyMaterialsSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shown.AgencyMaterialsSerializer(figures(), many=True).data)


class MatterAct(MaterialsView, CaseActView):
    """Base of acts on a matter."""

    gives = shown.ServiceMatterDetailSerializer

    def find(self, request: Request, **key: Any) -> ServiceMatter:
        user_of(request)
        return find_matter(key["pk"])

    def named(self, case: Any) -> dict[str, Any]:
        return {"matter_id": case.pk}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        return detail(done if isinstance(done, ServiceMatter) else done.matter)


@described
class ChangeMatterView(MatterAct):
    """修改事项."""

    service = staticmethod(services.change_matter)
    body = shown.ChangeMatterInput


@described
class AddMaterialView(MatterAct):
    """增加一份申请材料."""

    service = staticmethod(services.add_material)
    body = shown.AddMaterialInput


class MaterialAct(MaterialsView, CaseActView):
    """Base of acts on a material."""

    gives = shown.MaterialStateSerializer

    def find(self, request: Request, **key: Any) -> MatterMaterial:
        user_of(request)
        return find_material(key["pk"])

    def named(self, case: Any) -> dict[str, Any]:
        return {"material_id": case.pk}


@described
class ChangeMaterialView(MaterialAct):
    """修改一份申请材料."""

    service = staticmethod(services.change_material)
    body = shown.AddMaterialInput


@described
class DropView(MaterialAct):
    """不再要求提交."""

    service = staticmethod(services.drop_material)


@described
class AskAgainView(MaterialAct):
    """重新要求提交."""

    service = staticmethod(services.ask_again)


@described
class ExceptionView(MaterialAct):
    """登记法律法规规定不适用电子文书."""

    service = staticmethod(services.record_exception)
    body = shown.MaterialExceptionInput


@described
class StateReasonsView(MaterialAct):
    """说明平台数据不能代替的理由."""

    service = staticmethod(services.state_reasons)
    body = shown.MaterialReasonsInput


@described
class AcceptReasonsView(MaterialAct):
    """核对：平台数据确实不能代替."""

    service = staticmethod(services.accept_reasons)
    body = shown.MaterialOpinionInput


@described
class DeclineReasonsView(MaterialAct):
    """核对：理由不成立."""

    service = staticmethod(services.decline_reasons)
    body = shown.MaterialReasonsInput


@described
class StrikeExceptionView(MaterialAct):
    """撤销不适用电子文书的登记."""

    service = staticmethod(services.strike_exception)
    body = shown.MaterialReasonsInput
