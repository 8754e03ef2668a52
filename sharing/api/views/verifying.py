"""REST: is this so? One subject or several, through a grant or under a declared duty (第十五条、第十七条)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.models import User
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, RefusalSerializer, checked, refusals
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import serializers as shown
from sharing.api import verification_serializers as verifications
from sharing.api.views.base import SharingView, detail, user_of
from sharing.api.views.rows import GRANT_HEADER, READING, TAKING_HEADER, access_to, declared_use, require_same_grant
from sharing.found import find_grant
from sharing.rights import Access
from sharing.services import Permitted
from sharing.verifying import verify
from sharing.verifying.results import Question

USE = READING[:2]
LIMIT = OpenApiResponse(
    RefusalSerializer, description="本分钟次数、当天行数或者本小时不相符的答复已到上限，见 Retry-After"
)


def answer(request: Request, user: User, access: Access) -> Response:
    """Verify what the body asks; logged before it is answered."""
    purpose, case_number = declared_use(request)
    body = checked(verifications.VerificationRequestSerializer, request)
    verified = verify(
        by=user,
        access=access,
        at=now(),
        subjects=[Question(keys=one["keys"], claims=one["claims"]) for one in body["subjects"]],
        items=body["items"],
        purpose=purpose,
        case_number=case_number,
    )
    said: dict[str, Any] = {
        "reading": str(verified.number),
        "version": verified.permission.right.version.number,
        "results": [
            {"place": one.place, "on_record": one.on_record, "claims": one.claims, "items": one.items}
            for one in verified.results
        ],
    }
    return Response(said, headers={"Cache-Control": "no-store"})


class GrantVerifyView(SharingView):
    """Verify through a grant."""

    act_scope = "sharing:read"

    @extend_schema(
        summary="经授权核验：是否如此（第十五条、第十七条）",
        parameters=[GRANT_HEADER, *USE],
        request=verifications.VerificationRequestSerializer,
        responses={200: verifications.VerificationSerializer, **refusals(401, 403, 404, 409, 422), 429: LIMIT},
        examples=verifications.EXAMPLES,
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        require_same_grant(request, pk)
        return answer(request, user, find_grant(user, pk))


class EntryVerifyView(SharingView):
    """Verify with an entry: unconditional under a declared duty, conditional through the grant that a header names."""

    act_scope = "sharing:read"

    @extend_schema(
        summary="核验目录条目的数据：是否如此",
        parameters=[GRANT_HEADER, TAKING_HEADER, *USE],
        request=verifications.VerificationRequestSerializer,
        responses={200: verifications.VerificationSerializer, **refusals(401, 403, 404, 409, 422), 429: LIMIT},
        examples=verifications.EXAMPLES,
    )
    def post(self, request: Request, code: str) -> Response:
        user = user_of(request)
        return answer(request, user, access_to(request, user, code))


class PermitVerificationView(SharingView):
    """What may be verified through a grant."""

    act_scope = "sharing:reply"

    @extend_schema(
        summary="设定核验范围",
        parameters=[IDEMPOTENCY],
        request=verifications.VerificationTermsSerializer,
        responses={200: shown.SharingGrantDetailSerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[verifications.PERMITTED],
    )
    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(verifications.VerificationTermsSerializer, request)

        def act() -> dict[str, Any]:
            grant_id = find_grant(user, pk).pk
            services.permit_verification(grant_id=grant_id, by=user, at=now(), terms=Permitted(**body))
            return detail(shown.SharingGrantDetailSerializer, find_grant(user, pk), user)

        return act_once(request, act)
