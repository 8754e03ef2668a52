"""Addresses under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from catalog.api import (
    adjusting,
    batches,
    co_collecting,
    exports,
    imports,
    publishing,
    pulls,
    quality,
    reviewing,
    systems,
    versions,
    views,
)
from catalog.exporting import FORMATS

app_name = "catalog-api"

ENTRY = "catalog/entries/<int:pk>/"
REVISION = ENTRY + "revisions/<int:number>/"

SYSTEM = "systems/<int:pk>/"
PULL = "catalog/pulls/<int:pk>/"
IMPORT = "catalog/imports/<int:pk>/"
DECISION = "catalog/decisions/<int:pk>/"
CO_COLLECTION = "catalog/co-collections/<int:pk>/"
INTERFACE = "systems/interfaces/<int:pk>/"

register = [
    path("systems/", systems.SystemListView.as_view(), name="systems"),
    path("systems/standing/", systems.StandingView.as_view(), name="standing"),
    path("systems/interfaces/", systems.InterfaceListView.as_view(), name="interfaces"),
    path(SYSTEM, systems.SystemView.as_view(), name="system"),
    path(SYSTEM + "change/", systems.ChangeSystem.as_view(), name="change-system"),
    path(SYSTEM + "put-in-use/", systems.PutInUse.as_view(), name="put-in-use"),
    path(SYSTEM + "stop/", systems.StopSystem.as_view(), name="stop-system"),
    path(SYSTEM + "resume/", systems.ResumeSystem.as_view(), name="resume-system"),
    path(SYSTEM + "interfaces/", systems.AddInterface.as_view(), name="add-interface"),
    path(INTERFACE, systems.InterfaceView.as_view(), name="interface"),
    path(INTERFACE + "checks/", systems.CheckListView.as_view(), name="checks"),
    path(INTERFACE + "change/", systems.ChangeInterface.as_view(), name="change-interface"),
    path(INTERFACE + "document/", systems.ReplaceDocument.as_view(), name="replace-document"),
    path(INTERFACE + "pause/", systems.PauseChecking.as_view(), name="pause-checking"),
    path(INTERFACE + "resume/", systems.ResumeChecking.as_view(), name="resume-checking"),
    path(INTERFACE + "check/", systems.CheckNow.as_view(), name="check-now"),
    path(INTERFACE + "end/", systems.EndInterface.as_view(), name="end-interface"),
]

pulled = [
    path(ENTRY + "pulls/", pulls.PullListView.as_view(), name="entry-pulls"),
    path(ENTRY + "pulls/try/", pulls.TryPullView.as_view(), name="try-pull"),
    path(PULL, pulls.PullView.as_view(), name="pull"),
    path(PULL + "runs/", pulls.PullRunListView.as_view(), name="pull-runs"),
    path(PULL + "change/", pulls.ChangePull.as_view(), name="change-pull"),
    path(PULL + "pause/", pulls.PausePull.as_view(), name="pause-pull"),
    path(PULL + "resume/", pulls.ResumePull.as_view(), name="resume-pull"),
    path(PULL + "run/", pulls.RunPull.as_view(), name="run-pull"),
    path(PULL + "end/", pulls.EndPull.as_view(), name="end-pull"),
]

urlpatterns = [
    # what systems send all day stands first: addresses are tried one after another
    path(ENTRY + "batches/", batches.BatchListView.as_view(), name="entry-batches"),
    *pulled,
    *register,
    path("catalog/categories/", views.CategoryListView.as_view(), name="categories"),
    path("catalog/entries/", views.EntryListView.as_view(), name="entries"),
    *[
        path(f"catalog/export.{kind}", exports.CatalogueExportView.as_view(kind=kind), name=f"export-{kind}")
        for kind in FORMATS
    ],
    path(ENTRY, views.EntryView.as_view(), name="entry"),
    path("catalog/imports/", imports.ImportListView.as_view(), name="imports"),
    path(IMPORT, imports.ImportView.as_view(), name="import"),
    path(IMPORT + "preview/", imports.PreviewView.as_view(), name="import-preview"),
    path(IMPORT + "begin/", imports.BeginView.as_view(), name="import-begin"),
    path(IMPORT + "problems/", imports.ProblemsView.as_view(), name="import-problems"),
    path("catalog/decisions/", publishing.DecisionListView.as_view(), name="decisions"),
    path(DECISION, publishing.DecisionView.as_view(), name="decision"),
    path(DECISION + "pass-review/", publishing.PassReviewView.as_view(), name="decision-review"),
    path(DECISION + "confirm/", publishing.ConfirmView.as_view(), name="decision-confirm"),
    path(DECISION + "reject/", publishing.RejectView.as_view(), name="decision-reject"),
    path(DECISION + "revoke/", publishing.RevokeView.as_view(), name="decision-revoke"),
    path("catalog/decided/", publishing.DecidedListView.as_view(), name="decided-list"),
    path("catalog/decided/<int:pk>/", publishing.DecidedEntriesView.as_view(), name="decided"),
    path(ENTRY + "collecting/", co_collecting.PartsView.as_view(), name="collecting"),
    path("catalog/co-collections/", co_collecting.CoCollectionListView.as_view(), name="co-collections"),
    path(CO_COLLECTION, co_collecting.CoCollectionView.as_view(), name="co-collection"),
    path(CO_COLLECTION + "confirm/", co_collecting.ConfirmView.as_view(), name="co-collection-confirm"),
    path(CO_COLLECTION + "decline/", co_collecting.DeclineView.as_view(), name="co-collection-decline"),
    path("catalog/adjustments/", adjusting.AdjustManyView.as_view(), name="adjust-many"),
    path("catalog/adjustments/<int:pk>/correct/", adjusting.CorrectEventDayView.as_view(), name="correct-event-day"),
    path("catalog/summary/", quality.SummaryView.as_view(), name="summary"),
    path("catalog/quality/", quality.QualityListView.as_view(), name="quality"),
    path(ENTRY + "quality/", quality.EntryQualityView.as_view(), name="entry-quality"),
    path(ENTRY + "revise/", views.ReviseView.as_view(), name="revise"),
    path(ENTRY + "withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path(ENTRY + "adjustments/", adjusting.AdjustmentListView.as_view(), name="adjustments"),
    path(ENTRY + "loads/", views.EntryLoadsView.as_view(), name="entry-loads"),
    path(ENTRY + "data/", versions.EntryRowsView.as_view(), name="entry-rows"),
    path(ENTRY + "data-versions/", versions.EntryVersionsView.as_view(), name="data-versions"),
    path(ENTRY + "data-versions/<int:number>/restore/", versions.RestoreDataView.as_view(), name="restore-data"),
    path(REVISION, views.RevisionView.as_view(), name="revision"),
    *[path(f"{REVISION}{verb}/", views.RevisionActView.as_view(verb=verb), name=verb) for verb in views.REVISION_ACTS],
    path(REVISION + "changes/", reviewing.ChangesView.as_view(), name="changes"),
    path(REVISION + "send-back/", reviewing.SendBackView.as_view(), name="send-back"),
    path("catalog/review/", reviewing.DecideTogetherView.as_view(), name="decide-together"),
    path("catalog/drafts/together/", reviewing.SendOnTogetherView.as_view(), name="send-on-together"),
    path("catalog/confidentiality/together/", reviewing.JudgeTogetherView.as_view(), name="judge-together"),
    path("catalog/confidentiality/<int:pk>/", views.DecideConfidentialityView.as_view(), name="confidentiality"),
    path("catalog/loads/<int:pk>/", views.LoadView.as_view(), name="load"),
    path("catalog/loads/<int:pk>/parts/", batches.PartView.as_view(), name="batch-parts"),
    path("catalog/loads/<int:pk>/close/", batches.CloseView.as_view(), name="batch-close"),
    path("catalog/loads/<int:pk>/refused-rows/", batches.RefusedRowsView.as_view(), name="refused-rows"),
]
