"""REST: coordinations and the acts on them (第十五条第三款)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from guiyang_data.accounts.models import User
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import checked
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import serializers as shown
from sharing.api.views.base import (
    STATUS,
    SharingView,
    act_schema,
    detail,
    listed,
    user_of,
)
from sharing.found import find_coordination
from sharing.models import Coordination
from sharing.policies import (
    visible_coordinations,
)
from sharing.selectors import (
    coordinations_with_parties,
)


class CoordinationsView(SharingView):
    """Coordinations one may see."""

    pagination_class = Pages

    @extend_schema(
        summary="共享协调清单", parameters=[STATUS], responses=shown.SharingCoordinationSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        rows = visible_coordinations(user_of(request), coordinations_with_parties(Coordination.objects.all()))
        return listed(request, rows, shown.SharingCoordinationSerializer, self)


class CoordinationView(SharingView):
    """One coordination."""

    @extend_schema(summary="共享协调", responses=shown.SharingCoordinationDetailSerializer)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        return Response(detail(shown.SharingCoordinationDetailSerializer, find_coordination(user, number), user))


class CoordinationActView(SharingView):
    """Base of the acts on a coordination; each may be done by those whose part it is."""

    body: type[BaseSerializer[Any]] = shown.SharingStatementSerializer

    def post(self, request: Request, number: str) -> Response:
        user, body = user_of(request), checked(self.body, request)

        def act() -> dict[str, Any]:
            self.act(user, find_coordination(user, number), body)
            return detail(shown.SharingCoordinationDetailSerializer, find_coordination(user, number), user)

        return act_once(request, act)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


def _coordination_schema(summary: str, body: Any = None) -> Callable[..., Any]:
    return act_schema(summary, body, shown.SharingCoordinationDetailSerializer)


class StatementView(CoordinationActView):
    """A side's view."""

    @_coordination_schema("提交意见陈述", shown.SharingStatementSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        services.submit_statement(coordination_id=case.pk, by=user, at=now(), text=body["text"])


class ConcludeView(CoordinationActView):
    """The coordination opinion."""

    act_scope = "sharing:reply"
    body = shown.SharingCoordinationOpinionSerializer

    @_coordination_schema("出具协调意见（第十五条第三款）", shown.SharingCoordinationOpinionSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        services.conclude_coordination(coordination_id=case.pk, by=user, at=now(), **body)


class EscalateView(CoordinationActView):
    """A deadlock taken to the municipal government."""

    act_scope = "sharing:reply"
    body = shown.SharingReasonsSerializer

    @_coordination_schema("报请市人民政府（第四条第一款）", shown.SharingReasonsSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        services.escalate_deadlock(coordination_id=case.pk, by=user, at=now(), reasons=body["reasons"])


class DecideView(CoordinationActView):
    """The municipal government's decision."""

    act_scope = "sharing:reply"
    body = shown.SharingOpinionSerializer

    @_coordination_schema("市人民政府决定（第四条第一款）", shown.SharingOpinionSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        services.decide_deadlock(coordination_id=case.pk, by=user, at=now(), **body)


class WithdrawCoordinationView(CoordinationActView):
    """The request for coordination taken back."""

    @_coordination_schema("撤回协调请求")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: Coordination, body: dict[str, Any]) -> None:
        services.withdraw_coordination(coordination_id=case.pk, by=user, at=now())
