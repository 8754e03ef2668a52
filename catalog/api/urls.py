"""Addresses under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from catalog.api import views

app_name = "catalog-api"

ENTRY = "catalog/entries/<int:pk>/"
REVISION = ENTRY + "revisions/<int:number>/"

urlpatterns = [
    path("catalog/categories/", views.CategoryListView.as_view(), name="categories"),
    path("catalog/entries/", views.EntryListView.as_view(), name="entries"),
    path(ENTRY, views.EntryView.as_view(), name="entry"),
    path(ENTRY + "revise/", views.ReviseView.as_view(), name="revise"),
    path(ENTRY + "withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path(ENTRY + "adjustments/", views.AdjustmentListView.as_view(), name="adjustments"),
    path(ENTRY + "loads/", views.EntryLoadsView.as_view(), name="entry-loads"),
    path(REVISION, views.RevisionView.as_view(), name="revision"),
    *[path(f"{REVISION}{verb}/", views.RevisionActView.as_view(verb=verb), name=verb) for verb in views.REVISION_ACTS],
    path("catalog/confidentiality/<int:pk>/", views.DecideConfidentialityView.as_view(), name="confidentiality"),
    path("catalog/loads/<int:pk>/", views.LoadView.as_view(), name="load"),
]
