"""Counting days over REST, for everyone: the due-day calculator and the rules it counts by."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.statute.reckoning import countable_kinds, reckon
from guiyang_data.statute.selectors import rule_versions
from guiyang_data.timekeeping import today
from guiyang_data.web.api.serializers import DueDaySerializer, PeriodRuleSerializer


class _PublicView(APIView):
    """No account, reading only, from any website."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    http_method_names = ["get", "head", "options"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        done = super().finalize_response(request, response, *args, **kwargs)
        done["Access-Control-Allow-Origin"] = "*"
        return done


class DueDayView(_PublicView):
    """The due day of a period, with its steps."""

    @extend_schema(
        summary="计算到期日",
        description="任何一项有长度的期限、2017 年至 2099 年的任何一天。当年放假安排尚未公布的，provisional 为 true。",
        parameters=[
            OpenApiParameter(
                "rule", str, required=True, enum=[kind.code for kind in countable_kinds()], description="期限代码"
            ),
            OpenApiParameter("from", str, description="起算日（YYYY-MM-DD），不写为今天"),
        ],
        responses=DueDaySerializer,
    )
    def get(self, request: Request) -> Response:
        given = request.query_params
        return Response(reckon(given.get("rule", ""), given.get("from", "") or today()).values())


class PeriodRuleView(_PublicView):
    """Every version of every rule."""

    @extend_schema(
        summary="期限规则",
        description="每一项期限的每一个版本：长度、单位、法定与否、依据、施行与失效日期。",
        responses=PeriodRuleSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(PeriodRuleSerializer(rule_versions(), many=True).data)
