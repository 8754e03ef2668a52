"""REST: telling those concerned later (《个人信息保护法》第三十五条)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.faces.api import Pages
from guiyang_data.faces.calls import CaseActView, described
from sharing import services
from sharing.api import serializers as shown
from sharing.api.deferral_serializers import DeferralSerializer, ProposeDeferralSerializer
from sharing.api.views.base import SharingView, user_of
from sharing.found import find_deferral, find_grant, find_taking
from sharing.models import Deferral
from sharing.policies import visible_deferrals
from sharing.selectors import deferrals_with_parties


class DeferralsView(SharingView):
    """Deferrals of one's agency, or of the whole city for those who supervise it."""

    pagination_class = Pages

    @extend_schema(summary="延后告知清单", responses=DeferralSerializer(many=True))
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_deferrals(user, deferrals_with_parties(Deferral.objects.all())).order_by("-proposed_at", "-pk")
        pages = Pages()
        page = pages.paginate_queryset(rows, request, self)
        return pages.get_paginated_response(DeferralSerializer(page, many=True, context={"user": user}).data)


class _ActView(CaseActView):
    """An act that gives a deferral back."""

    gives = DeferralSerializer

    def get_permissions(self) -> list[Any]:
        return [requires_scope("sharing:reply")()]

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        found = find_deferral(user_of(request), done.pk)
        return dict(DeferralSerializer(found, context={"user": request.user}).data)


@described
class ProposeDeferralView(_ActView):
    """提出延后告知"""

    service = staticmethod(services.propose_deferral)
    body = ProposeDeferralSerializer
    status = 201

    def find(self, request: Request, **key: Any) -> Any:
        return find_grant(user_of(request), key["pk"])

    def named(self, case: Any) -> dict[str, Any]:
        return {"access": case}


@described
class ProposeTakingDeferralView(ProposeDeferralView):
    """提出延后告知（无条件共享的获取登记）"""

    def find(self, request: Request, **key: Any) -> Any:
        return find_taking(user_of(request), key["pk"])


class _DeferralActView(_ActView):
    """An act on a deferral."""

    def find(self, request: Request, **key: Any) -> Any:
        return find_deferral(user_of(request), key["pk"])

    def named(self, case: Any) -> dict[str, Any]:
        return {"deferral_id": case.pk}


@described
class ConfirmDeferralView(_DeferralActView):
    """确认延后告知（提出人以外的审批人）"""

    service = staticmethod(services.confirm_deferral)


@described
class DeclineDeferralView(_DeferralActView):
    """不予确认延后告知"""

    service = staticmethod(services.decline_deferral)
    body = shown.SharingReasonsSerializer


@described
class LiftDeferralView(_DeferralActView):
    """提前结束延后告知"""

    service = staticmethod(services.lift_deferral)
    body = shown.SharingReasonsSerializer


class DeferralView(SharingView):
    """One deferral."""

    @extend_schema(summary="延后告知", responses=DeferralSerializer)
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        return Response(DeferralSerializer(find_deferral(user, pk), context={"user": user}).data)
