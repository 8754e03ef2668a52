"""The pages over all apps."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from guiyang_data.web import clock_pages, due_days, views
from guiyang_data.web.notices import undelivered
from guiyang_data.web.notices import views as notice_views
from guiyang_data.web.webhooks import views as webhook_views

app_name = "web"

urlpatterns = [
    path("", views.home, name="home"),
    path("after-sign-in/", views.after_sign_in, name="after-sign-in"),
    path("search/", views.search, name="search"),
    path("law/", views.law_map, name="law"),
    path("due-day/", due_days.due_day_page, name="due-day"),
    path("clocks/<int:pk>/", clock_pages.clock_page, name="clock"),
    path("desk/", views.todo, name="todo"),
    path("desk/notices/failed/", undelivered.UndeliveredPage.as_view(), name="undelivered"),
    path("desk/notices/failed/<int:pk>/again/", undelivered.SendAgainPage.as_view(), name="send-again"),
    path("desk/notices/failed/<int:pk>/told/", undelivered.TellOtherwisePage.as_view(), name="tell-otherwise"),
    path("notices/", RedirectView.as_view(pattern_name="web:notices", query_string=True), name="notices-moved"),
    path("me/notices/", notice_views.notice_list, name="notices"),
    path("me/notices/read/", notice_views.read_notices, name="read-notices"),
    path("me/webhooks/", webhook_views.WebhooksPage.as_view(), name="webhooks"),
    path("me/webhooks/new/", webhook_views.NewWebhookPage.as_view(), name="webhook-new"),
    path("me/webhooks/<int:pk>/", webhook_views.WebhookPage.as_view(), name="webhook"),
    path("me/webhooks/<int:pk>/pause/", webhook_views.PauseWebhookPage.as_view(), name="webhook-pause"),
    path("me/webhooks/<int:pk>/resume/", webhook_views.ResumeWebhookPage.as_view(), name="webhook-resume"),
    path("me/webhooks/<int:pk>/end/", webhook_views.EndWebhookPage.as_view(), name="webhook-end"),
    path("me/webhooks/<int:pk>/test/", webhook_views.TestWebhookPage.as_view(), name="webhook-test"),
    path("me/webhooks/<int:pk>/secret/", webhook_views.RenewSecretPage.as_view(), name="webhook-renew"),
    path(
        "me/webhooks/<int:pk>/pushes/<int:push>/again/",
        webhook_views.PushAgainPage.as_view(),
        name="webhook-push-again",
    ),
    path("me/notices/settings/", notice_views.NoticeSettingsPage.as_view(), name="notice-settings"),
    path("developers/", views.developers, name="developers"),
    path("interaction/", views.interaction, name="interaction"),
    path("contact/", views.contact, name="contact"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
