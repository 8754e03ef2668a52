"""The list of agencies over REST, and the same acts as on its pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts import policies
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import Agency
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages
from guiyang_data.faces.calls import CaseActView, described
from oversight import services
from oversight.agencies.api import serializers
from oversight.agencies.selectors import GONE, find_agency, listed, stands_against
from oversight.agencies.views import acts_of

READ = requires_scope("oversight:read")


def agency_now(request: Request, agency: Agency) -> dict[str, Any]:
    """An agency as it stands."""
    context = {
        "standing": stands_against(agency) if agency.is_active else [],
        "acts": acts_of(request.user, agency),
    }
    return dict(serializers.KeptAgencyDetailSerializer(agency, context=context).data)


class AgencyList(APIView):
    """Every agency on the platform."""

    permission_classes = [READ]

    @extend_schema(
        operation_id="oversight_agencies_list",
        responses=serializers.KeptAgencySerializer(many=True),
        parameters=[
            OpenApiParameter("q", str, description="名称里的字，或者统一社会信用代码"),
            OpenApiParameter("state", str, description="active 在用，ended 已停用"),
        ],
        summary="机关清单，由市大数据主管部门的系统管理员和经办人查看",
    )
    def get(self, request: Request) -> Response:
        if not policies.keeps_agencies(request.user):
            raise NotSeen(GONE)
        asked = request.query_params
        rows = listed(request.user, text=asked.get("q", "")[:60], state=asked.get("state", ""))
        pages = Pages()
        shown: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(serializers.KeptAgencySerializer(shown, many=True).data)


class AgencyDetail(APIView):
    """One agency."""

    permission_classes = [READ]

    @extend_schema(responses=serializers.KeptAgencyDetailSerializer, summary="一个机关，停用之前须处理什么")
    def get(self, request: Request, code: str) -> Response:
        return Response(agency_now(request, find_agency(request.user, code)))


class _AgencyAct(CaseActView):
    permission_classes = [READ]
    gives = serializers.KeptAgencyDetailSerializer

    def find(self, request: Request, **key: Any) -> Agency:
        return find_agency(request.user, key["code"])

    def named(self, case: Agency) -> dict[str, Any]:
        return {"agency_id": case.pk}

    def shown(self, request: Request, done: Agency) -> dict[str, Any]:
        return agency_now(request, done)


@described
class End(_AgencyAct):
    """停用不再存续的机关."""

    service = staticmethod(services.end_agency)
    takes_day = True
    body = serializers.EndAgencySerializer


@described
class Revive(_AgencyAct):
    """恢复使用机关."""

    service = staticmethod(services.revive_agency)
    body = serializers.ReviveAgencySerializer
