"""Pages of exports of the ledger, from the root."""

from __future__ import annotations

from django.urls import path

from oversight.exports import views

EXPORTS = "desk/oversight/exports/"

urlpatterns = [
    path(EXPORTS, views.Exports.as_view(), name="ledger-exports"),
    path(f"{EXPORTS}new/", views.AskExport.as_view(), name="ask-export"),
    path(f"{EXPORTS}<int:pk>/", views.ExportPage.as_view(), name="ledger-export"),
    path(f"{EXPORTS}<int:pk>/release/", views.Release.as_view(), name="release-export"),
    path(f"{EXPORTS}<int:pk>/refuse/", views.Refuse.as_view(), name="refuse-export"),
    path(f"{EXPORTS}<int:pk>/ledger.jsonl", views.ExportFile.as_view(), name="export-file"),
]
