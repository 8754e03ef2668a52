"""Addresses of catalogue and systems: the staff's under /desk/, the municipal catalogues for everyone."""

from __future__ import annotations

from django.urls import path

from catalog import template
from catalog.exporting import FORMATS
from catalog.views import (
    acts,
    adjusting,
    changes,
    co_collecting,
    compiling,
    decided,
    drafting,
    exports,
    gathering,
    imports,
    interfaces,
    lists,
    loads,
    publishing,
    pulls,
    quality,
    references,
    refused_rows,
    reviewing,
    summary,
    systems,
    versions,
)
from catalog.views.entry import EntryPage

app_name = "catalog"

ENTRY = "desk/catalog/entries/<int:pk>/"
REVISION = ENTRY + "v<int:number>/"
REVIEW = "desk/catalog/confidentiality/<int:pk>/"
LOAD = "desk/catalog/loads/<int:pk>/"
IMPORT = "desk/catalog/imports/<int:pk>/"
SYSTEM = "desk/systems/<int:pk>/"
PULL = "desk/catalog/pulls/<int:pk>/"
INTERFACE = "desk/systems/interfaces/<int:pk>/"
DECISION = "desk/catalog/decisions/<int:pk>/"
CO_COLLECTION = "desk/catalog/co-collections/<int:pk>/"

public = [
    path(f"catalog/{which}/", lists.PublicCataloguePage.as_view(which=which), name=f"public-{which}")
    for which in lists.CATALOGUES
] + [
    path(
        f"catalog/{which}.{kind}",
        exports.PublicCatalogueExport.as_view(which=which, kind=kind),
        name=f"public-{which}-{kind}",
    )
    for which in lists.CATALOGUES
    for kind in FORMATS
]

register = [
    path("desk/systems/", systems.SystemListPage.as_view(), name="systems"),
    path("desk/systems/status/", interfaces.StatusPage.as_view(), name="systems-status"),
    path("desk/systems/new/", systems.RegisterPage.as_view(), name="system-register"),
    path(SYSTEM, systems.SystemPage.as_view(), name="system"),
    path(SYSTEM + "change-system/", systems.ChangeSystem.as_view(), name="system-change"),
    path(SYSTEM + "put-in-use/", systems.PutInUse.as_view(), name="system-put-in-use"),
    path(SYSTEM + "stop-system/", systems.StopSystem.as_view(), name="system-stop"),
    path(SYSTEM + "resume-system/", systems.ResumeSystem.as_view(), name="system-resume"),
    path(SYSTEM + "add-interface/", systems.AddInterface.as_view(), name="interface-add"),
    path(INTERFACE, interfaces.InterfacePage.as_view(), name="interface"),
    path(INTERFACE + "documents/<int:number>/", interfaces.DocumentDownload.as_view(), name="interface-document"),
    path(INTERFACE + "change-interface/", interfaces.ChangeInterface.as_view(), name="interface-change"),
    path(INTERFACE + "replace-document/", interfaces.ReplaceDocument.as_view(), name="interface-replace-document"),
    path(INTERFACE + "pause-checking/", interfaces.PauseChecking.as_view(), name="interface-pause"),
    path(INTERFACE + "resume-checking/", interfaces.ResumeChecking.as_view(), name="interface-resume"),
    path(INTERFACE + "check-now/", interfaces.CheckNow.as_view(), name="interface-check"),
    path(INTERFACE + "end-interface/", interfaces.EndInterface.as_view(), name="interface-end"),
]

pulled = [
    path(ENTRY + "pulls/new/", pulls.AddPullPage.as_view(), name="pull-add"),
    path(PULL, pulls.PullPage.as_view(), name="pull"),
    path(PULL + "change-pull/", pulls.ChangePull.as_view(), name="pull-change"),
    path(PULL + "pause-pull/", pulls.PausePull.as_view(), name="pull-pause"),
    path(PULL + "resume-pull/", pulls.ResumePull.as_view(), name="pull-resume"),
    path(PULL + "run-pull/", pulls.RunPull.as_view(), name="pull-run"),
    path(PULL + "end-pull/", pulls.EndPull.as_view(), name="pull-end"),
]

collected_together = [
    path("desk/catalog/co-collections/", co_collecting.CoCollectionListPage.as_view(), name="co-collections"),
    path(CO_COLLECTION, co_collecting.CoCollectionPage.as_view(), name="co-collection"),
    path(CO_COLLECTION + "confirm/", co_collecting.ConfirmCoCollection.as_view(), name="co-collection-confirm"),
    path(CO_COLLECTION + "decline/", co_collecting.DeclineCoCollection.as_view(), name="co-collection-decline"),
    path(REVISION + "ask-co-collection/", co_collecting.AskCoCollectionPage.as_view(), name="ask-co-collection"),
]

published = [
    path("catalog/decided/", decided.DecidedListPage.as_view(), name="decided-list"),
    path("catalog/decided/<int:pk>/", decided.DecidedPage.as_view(), name="decided"),
    *[
        path(f"catalog/decided/<int:pk>.{kind}", decided.DecidedExport.as_view(kind=kind), name=f"decided-{kind}")
        for kind in FORMATS
    ],
    path("desk/catalog/decisions/", publishing.DecisionListPage.as_view(), name="decisions"),
    path("desk/catalog/decisions/new/", publishing.ProposePage.as_view(), name="decision-propose"),
    path(DECISION, publishing.DecisionPage.as_view(), name="decision"),
    path(DECISION + "preview/", publishing.DecisionPreviewPage.as_view(), name="decision-preview"),
    path(DECISION + "pass-decision-review/", publishing.PassDecisionReview.as_view(), name="decision-review"),
    path(DECISION + "confirm-decision/", publishing.ConfirmDecision.as_view(), name="decision-confirm"),
    path(DECISION + "reject-decision/", publishing.RejectDecision.as_view(), name="decision-reject"),
    path(DECISION + "revoke-decision/", publishing.RevokeDecision.as_view(), name="decision-revoke"),
]

urlpatterns = [
    *published,
    *collected_together,
    *pulled,
    *public,
    *register,
    path("desk/catalog/", lists.EntryListPage.as_view(), name="entries"),
    path("desk/catalog/adjust/", adjusting.AdjustManyPage.as_view(), name="adjust-many"),
    path("desk/catalog/adjustments/<int:pk>/correct/", adjusting.CorrectEventDay.as_view(), name="correct-event-day"),
    path("desk/catalog/summary/", summary.SummaryPage.as_view(), name="summary"),
    path("desk/catalog/quality/", quality.QualityPage.as_view(), name="quality"),
    path("desk/catalog/review/", reviewing.ReviewDesk.as_view(), name="review-desk"),
    path("desk/catalog/review/together/", reviewing.DecideTogetherPage.as_view(), name="decide-together"),
    path("desk/catalog/drafts/", drafting.DraftDesk.as_view(), name="draft-desk"),
    path("desk/catalog/drafts/together/", drafting.SendOnTogetherPage.as_view(), name="send-on-together"),
    path("desk/catalog/confidentiality/", drafting.ConfidentialityDesk.as_view(), name="confidentiality-desk"),
    path("desk/catalog/confidentiality/together/", drafting.JudgeTogetherPage.as_view(), name="judge-together"),
    *[
        path(f"desk/catalog/export.{kind}", exports.CatalogueExport.as_view(kind=kind), name=f"export-{kind}")
        for kind in FORMATS
    ],
    path("desk/catalog/references/", references.ReferenceTargets.as_view(), name="references"),
    path("desk/catalog/new/", compiling.CompilePage.as_view(), name="compile"),
    path("desk/catalog/new/from-file/", compiling.FromFilePage.as_view(), name="compile-from-file"),
    path("desk/catalog/imports/", imports.ImportListPage.as_view(), name="imports"),
    path("desk/catalog/imports/new/", imports.ImportFilePage.as_view(), name="import-new"),
    *[
        path(
            f"desk/catalog/imports/template.{kind}",
            imports.TemplateDownload.as_view(kind=kind),
            name=f"template-{kind}",
        )
        for kind in template.FORMATS
    ],
    path(IMPORT, imports.ImportPage.as_view(), name="import"),
    path(IMPORT + "progress/", imports.ImportProgress.as_view(), name="import-progress"),
    path(IMPORT + "problems.csv", imports.ImportProblemsDownload.as_view(), name="import-problems"),
    path(ENTRY, EntryPage.as_view(), name="entry"),
    path(ENTRY + "data/", gathering.DataPage.as_view(), name="data"),
    path(ENTRY + "data/versions/", versions.VersionsPage.as_view(), name="data-versions"),
    path(ENTRY + "data/versions/<int:number>/restore/", versions.RestoreDataPage.as_view(), name="restore-data"),
    path(ENTRY + "loads/", loads.LoadListPage.as_view(), name="loads"),
    path(ENTRY + "revise/", acts.RevisePage.as_view(), name="revise"),
    path(ENTRY + "gather/", gathering.GatherPage.as_view(), name="gather"),
    path(ENTRY + "adjust/", adjusting.AdjustPage.as_view(), name="adjust"),
    path(ENTRY + "withdraw/", acts.WithdrawPage.as_view(), name="withdraw"),
    path(ENTRY + "delegate/", acts.DelegatePage.as_view(), name="delegate"),
    path(REVISION, EntryPage.as_view(), name="revision"),
    path(REVISION + "changes/", changes.ChangesPage.as_view(), name="changes"),
    path(REVISION + "edit/", compiling.EditPage.as_view(), name="edit"),
    path(REVISION + "submit/", acts.SubmitPage.as_view(), name="submit"),
    path(REVISION + "ask-confidentiality/", acts.AskConfidentialityPage.as_view(), name="ask-confidentiality"),
    path(REVISION + "pass-review/", acts.PassReviewPage.as_view(), name="pass-review"),
    path(REVISION + "approve/", acts.ApprovePage.as_view(), name="approve"),
    path(REVISION + "send-back/", acts.SendBackPage.as_view(), name="send-back"),
    path(REVISION + "drop/", acts.DropPage.as_view(), name="drop"),
    path(REVIEW, acts.ConfidentialityPage.as_view(), name="confidentiality"),
    path(REVIEW + "pass/", acts.DecideConfidentialityPage.as_view(), name="pass-confidentiality"),
    path(REVIEW + "refuse/", acts.RefuseConfidentialityPage.as_view(), name="refuse-confidentiality"),
    path(LOAD, gathering.LoadPage.as_view(), name="load"),
    path(LOAD + "progress/", gathering.LoadProgress.as_view(), name="load-progress"),
    path(LOAD + "bad-rows.csv", refused_rows.BadRowsDownload.as_view(), name="bad-rows"),
    path(LOAD + "to-mend.csv", refused_rows.RowsToMend.as_view(), name="rows-to-mend"),
]
