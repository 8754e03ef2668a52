"""Every address of the portal. Each app keeps its own; here stands only where they hang."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from guiyang_data.accounts.api.urls import oauth_urlpatterns
from guiyang_data.web import health

pages: list[URLPattern | URLResolver] = [
    path("", include("guiyang_data.web.urls")),
    path("", include("guiyang_data.accounts.urls")),
    path("", include("catalog.urls")),
    path("", include("sharing.urls")),
    path("", include("opendata.urls")),
    path("", include("oversight.urls")),
    path("", include("requests_app.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="accounts:sessions"), name="usersessions_list"),
    path("admin/", admin.site.urls),
]

api: list[URLPattern | URLResolver] = [
    # rows read and rows sent, which systems do all day, before what is called now and then
    path("", include("sharing.api.urls")),
    path("", include("catalog.api.urls")),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path("try/", SpectacularSwaggerSplitView.as_view(permission_classes=[AllowAny]), name="try"),
    path("", include("guiyang_data.web.api.urls")),
    path("", include("guiyang_data.accounts.api.urls")),
    path("", include("requests_app.api.urls")),
    path("", include("opendata.api.urls")),
    path("", include("oversight.api.urls")),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # in front of the pages, so that a system's call is not held against hundreds of their addresses first
    path("api/oauth/", include(oauth_urlpatterns)),
    path("api/v1/", include(api)),
    *pages,
]

handler404 = "guiyang_data.web.errors.not_found"
