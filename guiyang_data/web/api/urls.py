"""Addresses of counting days, notices and webhooks under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from guiyang_data.web.api import notices, views, webhooks

app_name = "web-api"

urlpatterns = [
    path("due-day/", views.DueDayView.as_view(), name="due-day"),
    path("period-rules/", views.PeriodRuleView.as_view(), name="period-rules"),
    path("notices/", notices.NoticeList.as_view(), name="notices"),
    path("notices/read/", notices.ReadNotices.as_view(), name="read-notices"),
    path("notices/undelivered/", notices.UndeliveredList.as_view(), name="undelivered"),
    path("notices/undelivered/<int:pk>/send-again/", notices.SendAgain.as_view(), name="send-again"),
    path("notices/undelivered/<int:pk>/tell-otherwise/", notices.TellOtherwise.as_view(), name="tell-otherwise"),
    path("webhooks/", webhooks.WebhookList.as_view(), name="webhooks"),
    path("webhooks/<int:pk>/", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<int:pk>/pause/", webhooks.PauseWebhook.as_view(), name="webhook-pause"),
    path("webhooks/<int:pk>/resume/", webhooks.ResumeWebhook.as_view(), name="webhook-resume"),
    path("webhooks/<int:pk>/end/", webhooks.EndWebhook.as_view(), name="webhook-end"),
    path("webhooks/<int:pk>/renew-secret/", webhooks.RenewWebhookSecret.as_view(), name="webhook-renew"),
    path("webhooks/<int:pk>/test/", webhooks.PushTest.as_view(), name="webhook-test"),
    path("webhooks/<int:pk>/pushes/", webhooks.PushList.as_view(), name="webhook-pushes"),
    path("webhooks/<int:pk>/pushes/<int:push>/again/", webhooks.PushAgain.as_view(), name="webhook-push-again"),
]
