"""REST: grants, the acts on them, and declared duties (第十五条)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.models import User
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import serializers as shown
from sharing.api.verification_serializers import permitted
from sharing.api.views.base import (
    STATUS,
    SharingView,
    act_schema,
    detail,
    find_shared_entry,
    listed,
    user_of,
)
from sharing.found import find_grant, my_agency
from sharing.models import SharingGrant, Taking
from sharing.policies import (
    sees_every_case,
    visible_grants,
    visible_takings,
    working_agencies,
)
from sharing.selectors import (
    with_parties,
)


class GrantsView(SharingView):
    """Grants that the caller's agency holds or has given."""

    pagination_class = Pages

    @extend_schema(summary="授权清单", parameters=[STATUS], responses=shown.SharingGrantSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = visible_grants(user_of(request), with_parties(SharingGrant.objects.all()))
        return listed(request, rows, shown.SharingGrantSerializer, self)


class GrantView(SharingView):
    """One grant."""

    @extend_schema(summary="授权", responses=shown.SharingGrantDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        return Response(detail(shown.SharingGrantDetailSerializer, find_grant(user, pk), user))


class GrantActView(SharingView):
    """Base of the acts on a grant."""

    act_scope = "sharing:reply"

    def act(self, *, grant_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        """Call the service."""
        raise NotImplementedError

    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(shown.SharingReasonsSerializer, request)

        def act() -> dict[str, Any]:
            self.act(grant_id=find_grant(user, pk).pk, by=user, at=now(), reasons=body["reasons"])
            return detail(shown.SharingGrantDetailSerializer, find_grant(user, pk), user)

        return act_once(request, act)


class SuspendView(GrantActView):
    """Suspend a grant."""

    @act_schema("暂停授权", shown.SharingReasonsSerializer, shown.SharingGrantDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, grant_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.suspend_grant(grant_id=grant_id, by=by, at=at, reasons=reasons)


class ResumeView(GrantActView):
    """Let it read again."""

    @act_schema("恢复授权", shown.SharingReasonsSerializer, shown.SharingGrantDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, grant_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.resume_grant(grant_id=grant_id, by=by, at=at, reasons=reasons)


class EndView(GrantActView):
    """End it for good; by the provider, or by the grantee who gives it up."""

    @act_schema("终止授权", shown.SharingReasonsSerializer, shown.SharingGrantDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, grant_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.end_grant(grant_id=grant_id, by=by, at=at, reasons=reasons)


class ChangeView(SharingView):
    """Cut a grant down, or widen it."""

    act_scope = "sharing:reply"

    @act_schema("调整授权（第十二条第三款）", shown.SharingChangeGrantSerializer, shown.SharingGrantDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(shown.SharingChangeGrantSerializer, request)

        def act() -> dict[str, Any]:
            given = dict(body)
            reasons = given.pop("reasons")
            given["verification"] = permitted(given["verification"])
            limits = services.Limits(**{name: given.pop(name) for name in ("rows_per_day", "calls_per_minute")})
            terms = services.GrantTerms(limits=limits, **given)
            found = find_grant(user, pk)
            services.change_grant(grant_id=found.pk, by=user, at=now(), terms=terms, reasons=reasons)
            return detail(shown.SharingGrantDetailSerializer, find_grant(user, pk), user)

        return act_once(request, act)


class TakingsView(SharingView):
    """Declared duties of the caller's agency."""

    pagination_class = Pages

    @extend_schema(summary="获取登记清单", responses=shown.SharingTakingSerializer(many=True))
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_takings(user, Taking.objects.select_related("entry", "agency"))
        if not sees_every_case(user):
            rows = rows.filter(agency__in=working_agencies(user))
        return listed(request, rows, shown.SharingTakingSerializer, self)

    @extend_schema(
        summary="登记所履行的职责，直接获取无条件共享的数据（第十五条第一款）",
        parameters=[IDEMPOTENCY],
        request=shown.SharingDeclareTakingSerializer,
        responses={201: shown.SharingTakingSerializer},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.SharingDeclareTakingSerializer, request)

        def act() -> dict[str, Any]:
            entry = find_shared_entry(body.pop("entry"))
            taking = services.declare_taking(
                entry_id=entry.pk, agency=my_agency(user, entry), by=user, at=now(), **body
            )
            return dict(shown.SharingTakingSerializer(taking).data)

        return act_once(request, act, status=201)
