"""Addresses of data needs under ``/api/v1/``; ``sharing.api.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from sharing.needs.api import views

NEED = "sharing/needs/<str:number>/"

urlpatterns = [
    path("sharing/needs/", views.NeedsView.as_view(), name="needs"),
    path(NEED, views.NeedView.as_view(), name="need"),
    path(f"{NEED}assign/", views.AssignNeedView.as_view(), name="assign-need"),
    path(f"{NEED}reassign/", views.ReassignNeedView.as_view(), name="reassign-need"),
    path(f"{NEED}reject/", views.RejectNeedView.as_view(), name="reject-need"),
    path(f"{NEED}cover/", views.CoverNeedView.as_view(), name="cover-need"),
    path(f"{NEED}draft/", views.DraftNeedAnswerView.as_view(), name="draft-need-answer"),
    path(f"{NEED}undertake/", views.UndertakeNeedView.as_view(), name="undertake-need"),
    path(f"{NEED}deny/", views.DenyNeedView.as_view(), name="deny-need"),
    path(f"{NEED}link/", views.LinkNeedView.as_view(), name="link-need"),
    path(f"{NEED}contest/", views.ContestNeedView.as_view(), name="contest-need"),
    path(f"{NEED}withdraw/", views.WithdrawNeedView.as_view(), name="withdraw-need"),
]
