"""REST: who am I, and the token endpoint for systems."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from oauth2_provider.views import TokenView
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.serializers import ListedAgencySerializer, MeSerializer
from guiyang_data.accounts.models import Agency, SystemAccessToken, User
from guiyang_data.accounts.selectors import agencies_matching
from guiyang_data.accounts.signin import client_address
from guiyang_data.ledger.services import PUBLIC, record
from guiyang_data.timekeeping import now

TOKEN = "accounts.token"  # noqa: S105  a subject of the ledger
HOUR = 3600


class MeView(APIView):
    """The account behind this request."""

    @extend_schema(responses=MeSerializer, summary="当前账号")
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        scopes = list(request.auth.scopes) if isinstance(request.auth, SystemAccessToken) else []
        context = {"roles": user.roles_in_force(), "scopes": scopes}
        return Response(MeSerializer(user, context=context).data)


class AgenciesView(ListAPIView[Agency]):
    """The agencies of the platform; everyone may know them, for whoever asks for data names one."""

    permission_classes = [AllowAny]
    serializer_class = ListedAgencySerializer
    filter_backends: list[Any] = []
    queryset = Agency.objects.none()

    def get_queryset(self) -> QuerySet[Agency]:
        return agencies_matching(self.request.query_params.get("q", "")[:60]).order_by("level", "code")

    @extend_schema(summary="行政机关名录", parameters=[OpenApiParameter("q", str, description="名称或者简称中的字")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SystemTokenView(TokenView):
    """Client credentials for a token. An address that keeps failing waits."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = f"token-failures:{client_address(request)}"
        if cache.get(key, 0) >= settings.TOKEN_FAILURES_PER_HOUR:
            description = "失败次数过多，请一小时后再试；如凭据遗失，请由本机关系统管理员重新签发。"
            return JsonResponse({"error": "slow_down", "error_description": description}, status=429)
        response = super().post(request, *args, **kwargs)
        if response.status_code >= 400:
            cache.set(key, cache.get(key, 0) + 1, HOUR)
            record(TOKEN, "issue-token", by=PUBLIC, at=now(), payload={"status": response.status_code}, refused=True)
        return cast(HttpResponse, response)
