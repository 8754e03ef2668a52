"""A system's token stands for its service account, the principal of every act over REST."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from guiyang_data.accounts.models import SystemAccessToken, SystemApplication, User


class SystemAuthentication(OAuth2Authentication):
    """``Authorization: Bearer …``: ``request.user`` is the service account's user, ``request.auth`` the token."""

    def authenticate(self, request: Request) -> tuple[User, SystemAccessToken] | None:
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            return None
        found = super().authenticate(request)
        if found is None:
            raise AuthenticationFailed("访问令牌无效、已过期或者已作废，请重新取得访问令牌。")
        token = found[1]
        account = token.application.service_account
        account.user.acts_for(account.agency, called_with=token.application.pk)
        return account.user, token


class SystemAuthenticationScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes it."""

    target_class = "guiyang_data.accounts.api.authentication.SystemAuthentication"
    name = "OAuth2"

    def get_security_definition(self, auto_schema: object) -> dict[str, object]:
        flow = {"tokenUrl": "/api/oauth/token/", "scopes": SystemApplication.every_scope()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
