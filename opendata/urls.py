"""Addresses of opening: public ones under ``data/``, the provider's under ``desk/opening/``."""

from __future__ import annotations

from django.urls import path

from opendata.views import finding, plans, provider, public

app_name = "opendata"

urlpatterns = [
    path("data/", finding.dataset_list, name="datasets"),
    path("data/<slug:slug>/", public.explore, name="dataset"),
    path("data/<slug:slug>/fields/", public.fields, name="fields"),
    path("data/<slug:slug>/download/", public.downloads, name="downloads"),
    path("data/<slug:slug>/api/", public.api, name="api"),
    path("data/<slug:slug>/versions/", public.versions, name="versions"),
    path("data/<slug:slug>/download/<int:number>.<str:kind>", public.download, name="download"),
    path("desk/opening/", provider.OpeningQueue.as_view(), name="queue"),
    path("desk/opening/entries/<int:pk>/", provider.OpeningEntry.as_view(), name="entry"),
    path("desk/opening/entries/<int:pk>/plan-opening/", plans.PlanOpening.as_view(), name="plan-opening"),
    path("desk/opening/plans/<int:pk>/", plans.PlanPage.as_view(), name="plan"),
    path("desk/opening/plans/<int:pk>/edit-plan/", plans.EditPlan.as_view(), name="edit-plan"),
    path("desk/opening/plans/<int:pk>/submit-plan/", plans.SubmitPlan.as_view(), name="submit-plan"),
    path("desk/opening/plans/<int:pk>/review/", plans.ReviewPlan.as_view(), name="review"),
    path("desk/opening/plans/<int:pk>/drop-plan/", plans.DropPlan.as_view(), name="drop-plan"),
    path("desk/opening/plans/<int:pk>/publish/", plans.Publish.as_view(), name="publish"),
    path("desk/opening/jobs/<int:pk>/", plans.JobProgress.as_view(), name="job"),
    path("desk/opening/datasets/<int:pk>/", provider.DatasetPage.as_view(), name="staff-dataset"),
    path(
        "desk/opening/datasets/<int:pk>/withdraw-dataset/", provider.WithdrawDataset.as_view(), name="withdraw-dataset"
    ),
    path("desk/opening/datasets/<int:pk>/republish/", provider.Republish.as_view(), name="republish"),
]
