"""Addresses of counting days under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from guiyang_data.web.api import views

app_name = "web-api"

urlpatterns = [
    path("due-day/", views.DueDayView.as_view(), name="due-day"),
    path("period-rules/", views.PeriodRuleView.as_view(), name="period-rules"),
]
