"""Addresses of data needs at the desk; ``sharing.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from sharing.needs.views import acting, reading

HOME = "desk/sharing/needs/"
NEED = f"{HOME}<str:number>/"

urlpatterns = [
    path(HOME, reading.NeedsPage.as_view(), name="needs"),
    path(f"{HOME}new/", acting.NewNeedPage.as_view(), name="need-new"),
    path(NEED, reading.NeedPage.as_view(), name="need"),
    *[path(f"{NEED}{verb}/", page.as_view(), name=verb) for verb, page in acting.PAGES.items()],
]
