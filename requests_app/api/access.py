"""Who calls: a system with its scope, somebody signed in, or anyone with or without a tracking code."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import SystemAccessToken, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.signin import client_address
from guiyang_data.ledger.services import PUBLIC, Actor
from requests_app import policies
from requests_app.models import ReviewApplication
from requests_app.visitors import check_code

SCOPE = "requests:write"
CODE_HEADER = "X-Tracking-Code"

Worker = requires_scope(SCOPE)


class Anyone(BasePermission):
    """No account is needed; a system's token must carry the scope all the same."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, SystemAccessToken):
            return bool(request.auth.allow_scopes([SCOPE]))
        return True


class FilingThrottle(AnonRateThrottle):
    """Filing without an account."""

    scope = "open-request-filing"
    rate = "20/hour"

    def get_ident(self, request: Request) -> str:
        """The address that our own proxies vouch for; a header that the visitor wrote counts for nothing."""
        return client_address(request._request)


def principal_of(request: Request, number: str) -> Principal:
    """The holder of the code in ``X-Tracking-Code``, else whoever calls. A code that does not fit is refused."""
    code = request.headers.get(CODE_HEADER, "")
    return check_code(request._request, number, code) if code else request.user


def review_principal_of(request: Request, review: ReviewApplication) -> Principal:
    """The same for a review, which the code of the applicant's own request opens too."""
    number = review.reply.request.number if review.by_applicant else review.number
    return principal_of(request, number)


def actor_of(request: Request, principal: Principal) -> Actor:
    """Whom the ledger names."""
    if isinstance(principal, policies.CodeHolder):
        return principal
    return request.user if isinstance(request.user, User) else PUBLIC


def worker_of(request: Request) -> Any:
    """The signed-in person or the system; ``Worker`` let nobody else in."""
    return request.user
