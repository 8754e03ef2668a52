"""Addresses of reported doubts under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from requests_app.corrections.api import views

case = "corrections/<str:number>/"

urlpatterns = [
    path("corrections/", views.CorrectionListView.as_view(), name="corrections"),
    path("corrections/datasets/<slug:slug>/", views.DatasetCorrectionsView.as_view(), name="dataset-corrections"),
    path(case, views.CorrectionView.as_view(), name="correction"),
    path(f"{case}find-right/", views.FindRight.as_view(), name="correction-find-right"),
    path(f"{case}find-not-right/", views.FindNotRight.as_view(), name="correction-find-not-right"),
    path(f"{case}mend/", views.Mend.as_view(), name="correction-mend"),
    path(f"{case}withdraw/", views.Withdraw.as_view(), name="correction-withdraw"),
]
