"""What a system's token allows. Whether its principal may do the act is the services' question, as for everybody."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from guiyang_data.accounts.models import SystemAccessToken


class ScopedPermission(BasePermission):
    """Base of the classes that ``requires_scope`` makes."""

    scopes: tuple[str, ...] = ()
    message = "访问令牌没有这项权限，请以包含相应权限的凭据重新取得访问令牌。"

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, SystemAccessToken):
            return bool(request.auth.allow_scopes(self.scopes))
        return bool(request.user and request.user.is_authenticated)


def requires_scope(*scopes: str) -> type[ScopedPermission]:
    """A permission class: people signed in on the page pass, systems need every one of ``scopes`` in their token."""
    return type("RequiresScope", (ScopedPermission,), {"scopes": scopes})
