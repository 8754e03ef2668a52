"""Addresses of the list of agencies under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from oversight.agencies.api import views

urlpatterns = [
    path("oversight/agencies/", views.AgencyList.as_view(), name="agencies"),
    path("oversight/agencies/<str:code>/", views.AgencyDetail.as_view(), name="agency"),
    path("oversight/agencies/<str:code>/end/", views.End.as_view(), name="end-agency"),
    path("oversight/agencies/<str:code>/revive/", views.Revive.as_view(), name="revive-agency"),
]
