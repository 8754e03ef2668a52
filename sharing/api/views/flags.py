"""REST: unusual use of grants, and deciding on it (第十七条)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import checked
from guiyang_data.timekeeping import now
from sharing.api import log_serializers as shown
from sharing.api.serializers import SharingReasonsSerializer
from sharing.api.views.base import STATUS, SharingView, act_schema, detail, listed, user_of
from sharing.found import find_flag
from sharing.models import UsageFlag
from sharing.policies import visible_flags
from sharing.watching import services
from sharing.watching.selectors import flags_with_parties


class FlagsView(SharingView):
    """Flags of the grants that the caller's agency gave, or that it supervises."""

    pagination_class = Pages

    @extend_schema(summary="异常使用提示", parameters=[STATUS], responses=shown.UsageFlagSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = visible_flags(user_of(request), flags_with_parties(UsageFlag.objects.all()))
        return listed(request, rows, shown.UsageFlagSerializer, self)


class FlagView(SharingView):
    """One flag."""

    @extend_schema(summary="异常使用提示的详情", responses=shown.UsageFlagDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        return Response(detail(shown.UsageFlagDetailSerializer, find_flag(user, pk), user))


class FlagActView(SharingView):
    """Base of the acts on a flag."""

    act_scope = "sharing:reply"
    service: Callable[..., Any]

    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(SharingReasonsSerializer, request)

        def act() -> dict[str, Any]:
            self.service(flag_id=find_flag(user, pk).pk, by=user, at=now(), reasons=body["reasons"])
            return detail(shown.UsageFlagDetailSerializer, find_flag(user, pk), user)

        return act_once(request, act)


class ExplainView(FlagActView):
    """Settle it as proper use."""

    service = staticmethod(services.explain_flag)

    @act_schema("认定为正常使用", SharingReasonsSerializer, shown.UsageFlagDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)


class SuspendView(FlagActView):
    """Suspend the grant because of it."""

    service = staticmethod(services.suspend_on_flag)

    @act_schema("因异常使用暂停授权", SharingReasonsSerializer, shown.UsageFlagDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)


class QuestionView(FlagActView):
    """Call on the agency to mend its use of what is shared without condition."""

    service = staticmethod(services.question_on_flag)

    @act_schema("请需求机关纠正（无条件共享的数据）", SharingReasonsSerializer, shown.UsageFlagDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)
