"""Addresses of accounts under ``/api/v1/``; the token endpoint stands at ``/api/oauth/token/``."""

from __future__ import annotations

from django.urls import path

from guiyang_data.accounts.api.phones import OwnPhoneView, ProvePhoneView
from guiyang_data.accounts.api.views import AgenciesView, MeView, SystemTokenView

app_name = "accounts-api"

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("me/phone/", OwnPhoneView.as_view(), name="phone"),
    path("me/phone/prove/", ProvePhoneView.as_view(), name="phone-prove"),
    path("agencies/", AgenciesView.as_view(), name="agencies"),
]

oauth_urlpatterns = [path("token/", SystemTokenView.as_view(), name="oauth-token")]
