"""REST: subscribing to changes, and what was told (第十五条)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked, refusals
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api.subscription_serializers import (
    SharingChangeEventSerializer,
    SharingSubscribeSerializer,
    SharingSubscriptionSerializer,
)
from sharing.api.views.base import STATUS, SharingView, listed, user_of
from sharing.found import find_access, find_subscription
from sharing.models import ChangeSubscription
from sharing.policies import SUBSCRIPTION_POLICY, sees_every_case, visible_subscriptions, working_agencies
from sharing.selectors import subscriptions_with_parties
from sharing.subscriptions.deliveries import event_lines, events_of

REFUSED = refusals(401, 403, 404, 409, 422)


class SubscriptionsView(SharingView):
    """Subscriptions of the caller's agency."""

    pagination_class = Pages

    @extend_schema(summary="变化订阅清单", parameters=[STATUS], responses=SharingSubscriptionSerializer(many=True))
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_subscriptions(user, subscriptions_with_parties(ChangeSubscription.objects.all()))
        if not sees_every_case(user):
            rows = rows.filter(agency__in=working_agencies(user))
        return listed(request, rows, SharingSubscriptionSerializer, self)

    @extend_schema(
        summary="订阅变化：有了新的一版即告知（第十五条）",
        parameters=[IDEMPOTENCY],
        request=SharingSubscribeSerializer,
        responses={201: SharingSubscriptionSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(SharingSubscribeSerializer, request)
        grant, taking = body.pop("grant"), body.pop("taking")

        def act() -> dict[str, Any]:
            access = find_access(user, "taking" if grant is None else "grant", taking if grant is None else grant)
            made = services.subscribe(access=access, by=user, at=now(), **body)
            return dict(SharingSubscriptionSerializer(find_subscription(user, made.pk)).data)

        return act_once(request, act, status=201)


class SubscriptionView(SharingView):
    """One subscription."""

    @extend_schema(summary="变化订阅", responses=SharingSubscriptionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(SharingSubscriptionSerializer(find_subscription(user_of(request), pk)).data)


class UnsubscribeView(SharingView):
    """Be told no more."""

    @extend_schema(
        summary="取消订阅",
        parameters=[IDEMPOTENCY],
        request=None,
        responses={200: SharingSubscriptionSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)

        def act() -> dict[str, Any]:
            subscription = find_subscription(user, pk)
            services.unsubscribe(subscription_id=subscription.pk, by=user, at=now())
            return dict(SharingSubscriptionSerializer(find_subscription(user, pk)).data)

        return act_once(request, act)


class SubscriptionEventsView(SharingView):
    """What a subscription was told, and how it arrived."""

    pagination_class = Pages

    @extend_schema(summary="订阅的告知与送达情况", responses=SharingChangeEventSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        subscription = find_subscription(user, pk)
        SUBSCRIPTION_POLICY.require(user, "see-deliveries", subscription)
        pages = Pages()
        events = list(pages.paginate_queryset(events_of(subscription), request, self) or [])
        lines = event_lines(subscription, events)
        return pages.get_paginated_response(SharingChangeEventSerializer(lines, many=True).data)
