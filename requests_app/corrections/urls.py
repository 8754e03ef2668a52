"""Addresses of reported doubts, public and at the desk; ``requests_app.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from requests_app.corrections.views import desk, own, papers, reporting

case = "desk/corrections/<str:number>/"

urlpatterns = [
    path("data/<slug:slug>/corrections/", own.dataset_corrections, name="dataset-corrections"),
    path("data/<slug:slug>/corrections/new/", reporting.ReportOnDataset.as_view(), name="report-on-dataset"),
    path("corrections/track/", own.TrackPage.as_view(), name="track-correction"),
    path("corrections/papers/<uuid:pk>/", papers.paper, name="correction-paper"),
    path("corrections/<str:number>/", own.CorrectionPage.as_view(), name="correction"),
    path("corrections/<str:number>/withdraw/", own.WithdrawCorrectionPage.as_view(), name="withdraw-correction"),
    path("desk/corrections/", desk.WorkListPage.as_view(), name="work-corrections"),
    path("desk/corrections/new/<int:pk>/", reporting.ReportOnEntry.as_view(), name="report-on-entry"),
    path(case, desk.WorkCasePage.as_view(), name="work-correction"),
    path(f"{case}find-right/", desk.FindRight.as_view(), name="work-correction-find-right"),
    path(f"{case}find-not-right/", desk.FindNotRight.as_view(), name="work-correction-find-not-right"),
    path(f"{case}mend/", desk.Mend.as_view(), name="work-correction-mend"),
    path(f"{case}withdraw/", desk.Withdraw.as_view(), name="work-correction-withdraw"),
]
