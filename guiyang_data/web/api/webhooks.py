"""REST: addresses that notices are pushed to. A system keeps its own; so does whoever is signed in."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.notices.models import Push, Receiver
from guiyang_data.notices.webhooks import policies, services
from guiyang_data.notices.webhooks.selectors import with_owner
from guiyang_data.timekeeping import now
from guiyang_data.web.api.serializers import (
    NewWebhookSerializer,
    PushSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)

KEEPS = requires_scope("notices:receive")


def _me(request: Request) -> User:
    return cast("User", request.user)


def _seen(request: Request) -> QuerySet[Receiver]:
    return policies.visible_to(request.user, with_owner(Receiver.objects.all())).order_by("-pk")


def _find(request: Request, pk: int) -> Receiver:
    receiver = _seen(request).filter(pk=pk).first()
    if receiver is None:
        raise NotSeen("没有找到这个推送地址，或者它不归您管理。")
    return receiver


def _with_secret(made: services.Registered) -> dict[str, Any]:
    return {**WebhookSerializer(made.receiver).data, "secret": made.secret}


class WebhookList(ListAPIView[Receiver]):
    """The addresses one keeps, and registering another."""

    permission_classes = [KEEPS]
    serializer_class = WebhookSerializer
    filter_backends: list[Any] = []
    queryset = Receiver.objects.none()

    def get_queryset(self) -> QuerySet[Receiver]:
        return _seen(self.request)

    @extend_schema(summary="推送地址")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="登记推送地址",
        description="信息系统登记的，推送它所属机关收到的通知；个人登记的，推送本人收到的通知。密钥只在答复中出现这一次。",
        request=NewWebhookSerializer,
        responses={201: WebhookSecretSerializer},
    )
    def post(self, request: Request) -> Response:
        given = NewWebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = _me(request)
        return act_once(
            request,
            lambda: _with_secret(services.register(by=user, owner=user, at=now(), **given.validated_data)),
            status=201,
        )


class WebhookDetail(APIView):
    """One address."""

    permission_classes = [KEEPS]

    @extend_schema(summary="一个推送地址", responses=WebhookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WebhookSerializer(_find(request, pk)).data)


class PushList(ListAPIView[Push]):
    """What was pushed to an address within thirty days, the newest first, with what it answered."""

    permission_classes = [KEEPS]
    serializer_class = PushSerializer
    filter_backends: list[Any] = []
    queryset = Push.objects.none()

    def get_queryset(self) -> QuerySet[Push]:
        if getattr(self, "swagger_fake_view", False):
            return Push.objects.none()
        return _find(self.request, self.kwargs["pk"]).pushes.order_by("-pk")

    @extend_schema(summary="推送记录")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class _Act(APIView):
    """An act on an address, without anything to fill in."""

    permission_classes = [KEEPS]

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        """Call the service; what is answered."""
        raise NotImplementedError

    def perform(self, request: Request, pk: int) -> Response:
        receiver = _find(request, pk)
        return act_once(request, lambda: self.act(receiver, _me(request)))


class PauseWebhook(_Act):
    """Push nothing for the time being."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        return dict(WebhookSerializer(services.pause(receiver_id=receiver.pk, by=user, at=now())).data)

    @extend_schema(summary="暂停推送", request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.perform(request, pk)


class ResumeWebhook(_Act):
    """Push again."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        return dict(WebhookSerializer(services.resume(receiver_id=receiver.pk, by=user, at=now())).data)

    @extend_schema(summary="恢复推送", request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.perform(request, pk)


class EndWebhook(_Act):
    """Push no more, for good."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        return dict(WebhookSerializer(services.end(receiver_id=receiver.pk, by=user, at=now())).data)

    @extend_schema(summary="停用推送地址", request=None, responses=WebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.perform(request, pk)


class RenewWebhookSecret(_Act):
    """A new secret; the last one signs too for a day."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        return _with_secret(services.renew_secret(receiver_id=receiver.pk, by=user, at=now()))

    @extend_schema(summary="更换推送密钥", request=None, responses=WebhookSecretSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.perform(request, pk)


class PushTest(_Act):
    """Push a test event."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        return dict(PushSerializer(services.push_test(receiver_id=receiver.pk, by=user, at=now())).data)

    @extend_schema(summary="推送测试事件", request=None, responses=PushSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.perform(request, pk)


class PushAgain(_Act):
    """Push once more what was given up."""

    def act(self, receiver: Receiver, user: User) -> dict[str, Any]:
        push = receiver.pushes.filter(pk=self.kwargs["push"]).first()
        if push is None:
            raise NotSeen("没有找到这一条推送，三十天以前的记录已经清除。")
        return dict(PushSerializer(services.push_again(push_id=push.pk, by=user, at=now())).data)

    @extend_schema(summary="重新推送", request=None, responses=PushSerializer)
    def post(self, request: Request, pk: int, push: int) -> Response:
        return self.perform(request, pk)
