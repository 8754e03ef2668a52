"""Addresses of calendar and rules under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from oversight.rulebook.api import views

CALENDAR = "calendar/proposals/"
RULES = "period-rules/proposals/"

urlpatterns = [
    path("calendar/years/", views.CalendarYearList.as_view(), name="calendar-years"),
    path("calendar/years/<int:year>/", views.CalendarYearDetail.as_view(), name="calendar-year"),
    path(CALENDAR, views.CalendarProposalList.as_view(), name="calendar-proposals"),
    path(f"{CALENDAR}preview/", views.CalendarPreview.as_view(), name="preview-calendar"),
    path(f"{CALENDAR}<int:pk>/", views.CalendarProposalDetail.as_view(), name="calendar-proposal"),
    path(f"{CALENDAR}<int:pk>/confirm/", views.ConfirmCalendar.as_view(), name="confirm-calendar"),
    path(f"{CALENDAR}<int:pk>/reject/", views.RejectCalendar.as_view(), name="reject-calendar"),
    path(RULES, views.RuleProposalList.as_view(), name="rule-proposals"),
    path(f"{RULES}preview/", views.RulePreview.as_view(), name="preview-rule"),
    path(f"{RULES}<int:pk>/", views.RuleProposalDetail.as_view(), name="rule-proposal"),
    path(f"{RULES}<int:pk>/confirm/", views.ConfirmRule.as_view(), name="confirm-rule"),
    path(f"{RULES}<int:pk>/reject/", views.RejectRule.as_view(), name="reject-rule"),
]
