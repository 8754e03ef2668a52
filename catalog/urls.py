"""Addresses of the catalogue: the staff's under /desk/catalog/, the municipal catalogues for everyone."""

from __future__ import annotations

from django.urls import path

from catalog.views import acts, compiling, gathering, imports, lists
from catalog.views.entry import EntryPage

app_name = "catalog"

ENTRY = "desk/catalog/entries/<int:pk>/"
REVISION = ENTRY + "v<int:number>/"
REVIEW = "desk/catalog/confidentiality/<int:pk>/"
LOAD = "desk/catalog/loads/<int:pk>/"
IMPORT = "desk/catalog/imports/<int:pk>/"

public = [
    path(f"catalog/{which}/", lists.PublicCataloguePage.as_view(which=which), name=f"public-{which}")
    for which in lists.CATALOGUES
] + [
    path(
        f"catalog/{which}.{kind}",
        lists.PublicCatalogueExport.as_view(which=which, kind=kind),
        name=f"public-{which}-{kind}",
    )
    for which in lists.CATALOGUES
    for kind in lists.EXPORTS
]

urlpatterns = [
    *public,
    path("desk/catalog/", lists.EntryListPage.as_view(), name="entries"),
    path("desk/catalog/new/", compiling.CompilePage.as_view(), name="compile"),
    path("desk/catalog/new/from-file/", compiling.FromFilePage.as_view(), name="compile-from-file"),
    path("desk/catalog/imports/", imports.ImportListPage.as_view(), name="imports"),
    path("desk/catalog/imports/new/", imports.ImportFilePage.as_view(), name="import-new"),
    path(IMPORT, imports.ImportPage.as_view(), name="import"),
    path(IMPORT + "progress/", imports.ImportProgress.as_view(), name="import-progress"),
    path(IMPORT + "problems.csv", imports.ImportProblemsDownload.as_view(), name="import-problems"),
    path(ENTRY, EntryPage.as_view(), name="entry"),
    path(ENTRY + "data/", gathering.DataPage.as_view(), name="data"),
    path(ENTRY + "revise/", acts.RevisePage.as_view(), name="revise"),
    path(ENTRY + "gather/", gathering.GatherPage.as_view(), name="gather"),
    path(ENTRY + "adjust/", acts.AdjustPage.as_view(), name="adjust"),
    path(ENTRY + "withdraw/", acts.WithdrawPage.as_view(), name="withdraw"),
    path(ENTRY + "delegate/", acts.DelegatePage.as_view(), name="delegate"),
    path(REVISION, EntryPage.as_view(), name="revision"),
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
    path(LOAD + "bad-rows.csv", gathering.BadRowsDownload.as_view(), name="bad-rows"),
]
