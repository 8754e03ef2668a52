"""Pages of the calendar and the rules, from the root."""

from __future__ import annotations

from django.urls import path

from oversight.rulebook.views import calendar, rules

CALENDAR = "desk/calendar/"
RULES = "desk/rules/"

urlpatterns = [
    path(CALENDAR, calendar.Years.as_view(), name="calendar"),
    path(f"{CALENDAR}new/", calendar.Propose.as_view(), name="propose-calendar"),
    path(f"{CALENDAR}<int:year>/", calendar.Year.as_view(), name="calendar-year"),
    path(f"{CALENDAR}proposals/<int:pk>/", calendar.ProposalPage.as_view(), name="calendar-proposal"),
    path(f"{CALENDAR}proposals/<int:pk>/confirm/", calendar.Confirm.as_view(), name="confirm-calendar"),
    path(f"{CALENDAR}proposals/<int:pk>/reject/", calendar.Reject.as_view(), name="reject-calendar"),
    path(RULES, rules.Rules.as_view(), name="rules"),
    path(f"{RULES}new/", rules.Propose.as_view(), name="propose-rule"),
    path(f"{RULES}proposals/<int:pk>/", rules.ProposalPage.as_view(), name="rule-proposal"),
    path(f"{RULES}proposals/<int:pk>/confirm/", rules.Confirm.as_view(), name="confirm-rule"),
    path(f"{RULES}proposals/<int:pk>/reject/", rules.Reject.as_view(), name="reject-rule"),
]
