"""Pages of the list of agencies, from the root."""

from __future__ import annotations

from django.urls import path

from oversight.agencies import views

AGENCIES = "desk/agencies/"

urlpatterns = [
    path(AGENCIES, views.Agencies.as_view(), name="agencies"),
    path(f"{AGENCIES}<str:code>/", views.AgencyPage.as_view(), name="agency"),
    path(f"{AGENCIES}<str:code>/end/", views.End.as_view(), name="end-agency"),
    path(f"{AGENCIES}<str:code>/revive/", views.Revive.as_view(), name="revive-agency"),
]
