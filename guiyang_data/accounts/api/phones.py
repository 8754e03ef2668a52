"""REST: the telephone of one's own account. The same services and limits as on the page."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts import services
from guiyang_data.accounts.api.serializers import (
    NewPhoneSerializer,
    PhoneCodeSentSerializer,
    PhoneProofSerializer,
    PhoneSerializer,
)
from guiyang_data.accounts.models import User
from guiyang_data.accounts.signin import count_wrong_proof, limit_changing_codes, limit_wrong_proofs
from guiyang_data.accounts.telephones import masked
from guiyang_data.errors import RuleBroken
from guiyang_data.timekeeping import now


def _me(request: Request) -> User:
    return cast("User", request.user)


def _shown(user: User) -> dict[str, Any]:
    ways = [{"way": way.value, "way_name": str(way.label)} for way in services.ways_to_prove(user, at=now())]
    return dict(PhoneSerializer({"phone": user.phone_shown, "verified_at": user.phone_verified_at, "ways": ways}).data)


class OwnPhoneView(APIView):
    """The telephone, and sending a code to another."""

    @extend_schema(summary="我的手机号码", responses=PhoneSerializer)
    def get(self, request: Request) -> Response:
        return Response(_shown(_me(request)))

    @extend_schema(
        summary="发送手机号码的验证码",
        description="向新的号码发送验证码。账号已有号码的，还要用原来的方式证明：登录密码，或者原号码、邮箱收到的另一个验证码。",
        request=NewPhoneSerializer,
        responses={201: PhoneCodeSentSerializer},
    )
    def post(self, request: Request) -> Response:
        given = NewPhoneSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user, data = _me(request), given.validated_data
        ways = services.ways_to_prove(user, at=now())
        way = data["way"] or (ways[0] if ways else "")
        limit_changing_codes(request._request, user, phone=data["phone"], way=way)
        sent = services.send_phone_code(by=user, phone=data["phone"], way=way, at=now())
        shown = {"phone": masked(sent.phone), "way": sent.second_way, "expires_at": sent.expires_at}
        return Response(PhoneCodeSentSerializer(shown).data, status=201)


class ProvePhoneView(APIView):
    """The code that came back."""

    @extend_schema(
        summary="确认手机号码",
        description="填错五次，验证码作废；同一账号一小时最多填错十次。更换成功后，原号码和账号的邮箱会收到通知。",
        request=PhoneProofSerializer,
        responses=PhoneSerializer,
    )
    def post(self, request: Request) -> Response:
        given = PhoneProofSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user, data = _me(request), given.validated_data
        limit_wrong_proofs(request._request, user)
        try:
            services.verify_phone(by=user, code=data["code"], proof=data["proof"], at=now())
        except RuleBroken:
            count_wrong_proof(request._request, user)
            raise
        return Response(_shown(user))
