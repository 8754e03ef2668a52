"""Addresses of opening under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, re_path

from opendata.api import public, views

app_name = "opendata-api"

urlpatterns = [
    path("open/datasets/", public.DatasetsView.as_view(), name="datasets"),
    path("open/facets/", public.FacetsView.as_view(), name="facets"),
    path("open/datasets/<slug:slug>/", public.DatasetView.as_view(), name="dataset"),
    path("open/datasets/<slug:slug>/versions/", public.VersionsView.as_view(), name="versions"),
    path("open/datasets/<slug:slug>/rows", public.RowsView.as_view(), name="rows"),
    re_path(r"^open/datasets/(?P<slug>[-\w]+)/export\.(?P<kind>csv|json)$", public.ExportView.as_view(), name="export"),
    path("open/datasets/<slug:slug>/withdraw-dataset/", views.WithdrawDatasetView.as_view(), name="withdraw-dataset"),
    path("open/datasets/<slug:slug>/republish/", views.RepublishView.as_view(), name="republish"),
    path("open/plans/", views.PlansView.as_view(), name="plans"),
    path("open/plans/<int:pk>/", views.PlanView.as_view(), name="plan"),
    path("open/plans/<int:pk>/edit-plan/", views.EditPlanView.as_view(), name="edit-plan"),
    path("open/plans/<int:pk>/submit-plan/", views.SubmitPlanView.as_view(), name="submit-plan"),
    path("open/plans/<int:pk>/decide-plan/", views.DecidePlanView.as_view(), name="decide-plan"),
    path("open/plans/<int:pk>/drop-plan/", views.DropPlanView.as_view(), name="drop-plan"),
    path("open/plans/<int:pk>/publish/", views.PublishView.as_view(), name="publish"),
]
