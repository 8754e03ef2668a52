"""REST: one's own notices, and what of one's agency's did not arrive. The selectors and services of the pages."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.notices import services, undelivered
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.notices.selectors import notices_for, unread_count
from guiyang_data.timekeeping import now
from guiyang_data.web.api.notice_serializers import (
    NoticeChoiceSerializer,
    NoticeSerializer,
    ReadCountSerializer,
    ReadSerializer,
    ToldSerializer,
    UndeliveredSerializer,
)

RECEIVES = requires_scope("notices:receive")


def _me(request: Request) -> User:
    return cast("User", request.user)


class NoticeList(ListAPIView[Notice]):
    """One's own notices, newest first. Systems are told by webhook, and have none of their own."""

    permission_classes = [RECEIVES]
    serializer_class = NoticeSerializer
    filter_backends: list[Any] = []
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        if getattr(self, "swagger_fake_view", False):
            return Notice.objects.none()
        chosen = NoticeChoiceSerializer(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        return notices_for(_me(self.request), **chosen.validated_data)

    @extend_schema(
        summary="我的通知",
        description="本人收到的通知，新的在前。信息系统没有自己的通知，请登记推送地址。",
        parameters=[NoticeChoiceSerializer],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ReadNotices(APIView):
    """Mark one's own notices as read."""

    permission_classes = [RECEIVES]

    @extend_schema(
        summary="标为已读",
        description="只有本人的通知会被标为已读，其余编号不起作用。",
        request=ReadSerializer,
        responses=ReadCountSerializer,
    )
    def post(self, request: Request) -> Response:
        given = ReadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = _me(request)
        read = services.mark_read(by=user, ids=given.validated_data["ids"], at=now())
        return Response({"read": read, "unread": unread_count(user)})


class UndeliveredList(ListAPIView[Delivery]):
    """What did not arrive and nobody has seen to, for those on whose behalf it was said."""

    permission_classes = [RECEIVES]
    serializer_class = UndeliveredSerializer
    filter_backends: list[Any] = []
    queryset = Delivery.objects.none()

    def get_queryset(self) -> QuerySet[Delivery]:
        if getattr(self, "swagger_fake_view", False):
            return Delivery.objects.none()
        user, subject = _me(self.request), self.request.query_params.get("subject", "")
        if not is_staff_member(user):
            raise NotSeen("未送达的通知供发出机关的工作人员办理。您的通知在「我的通知」。")
        return undelivered.failures_about(user, subject) if subject else undelivered.failures(user)

    @extend_schema(
        summary="未送达的通知",
        description="本机关发出、邮件或者短信没有送达、还没有办理的通知，新的在前。地址只显示首尾。",
        parameters=[OpenApiParameter("subject", str, description="只看这一事项的，例如 requests_app.openrequest:12")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SendAgain(APIView):
    """Try once more."""

    permission_classes = [RECEIVES]

    @extend_schema(summary="再发一次", request=None, responses=UndeliveredSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user = _me(request)
        failed = undelivered.find(user, pk)
        return act_once(request, lambda: _shown(undelivered.send_again(delivery_id=failed.pk, by=user, at=now())))


class TellOtherwise(APIView):
    """Say how its reader was told by other means."""

    permission_classes = [RECEIVES]

    @extend_schema(summary="登记已另行告知", request=ToldSerializer, responses=UndeliveredSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user = _me(request)
        failed = undelivered.find(user, pk)
        given = ToldSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        words = given.validated_data["words"]
        return act_once(
            request,
            lambda: _shown(undelivered.tell_otherwise(delivery_id=failed.pk, by=user, words=words, at=now())),
        )


def _shown(delivery: Delivery) -> dict[str, Any]:
    return dict(UndeliveredSerializer(delivery).data)
