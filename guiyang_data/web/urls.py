"""The pages over all apps."""

from __future__ import annotations

from django.urls import path

from guiyang_data.web import clock_pages, due_days, views

app_name = "web"

urlpatterns = [
    path("", views.home, name="home"),
    path("after-sign-in/", views.after_sign_in, name="after-sign-in"),
    path("search/", views.search, name="search"),
    path("law/", views.law_map, name="law"),
    path("due-day/", due_days.due_day_page, name="due-day"),
    path("clocks/<int:pk>/", clock_pages.clock_page, name="clock"),
    path("desk/", views.todo, name="todo"),
    path("notices/", views.notice_list, name="notices"),
    path("notices/read/", views.read_notices, name="read-notices"),
    path("developers/", views.developers, name="developers"),
    path("interaction/", views.interaction, name="interaction"),
    path("contact/", views.contact, name="contact"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
