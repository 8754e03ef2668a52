"""Addresses of matters and materials, public and at the desk; ``sharing.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from sharing.materials.views import checking, imports, matters, mending, public, supplies

HOME = "desk/materials/"
IMPORT = f"{HOME}imports/<int:pk>/"
SUPPLY = f"{HOME}supplies/<int:pk>/"
NAME = f"{HOME}names/<int:pk>/"
MATTER = f"{HOME}matters/<int:pk>/"
MATERIAL = f"{HOME}items/<int:pk>/"
NAMES = {"drop-material": "drop", "record-exception": "exception"}
"""Where an address is not named after its verb."""
MENDING = f"{HOME}mending/<int:pk>/"

urlpatterns = [
    path("matters/", public.matters, name="public-matters"),
    path("matters/figures/", public.figures_page, name="material-figures"),
    path("matters/figures.csv", public.figures_file, name="material-figures-file"),
    path("matters/<int:pk>/", public.matter, name="public-matter"),
    path(HOME, matters.MattersPage.as_view(), name="matters"),
    path(f"{HOME}new/", matters.NewMatterPage.as_view(), name="matter-new"),
    path(f"{HOME}export.xlsx", imports.ExportFile.as_view(), name="matters-xlsx"),
    path(f"{HOME}export.csv", imports.ExportFile.as_view(kind="csv"), name="matters-csv"),
    path(f"{HOME}export.json", imports.ExportFile.as_view(kind="json"), name="matters-json"),
    path(f"{HOME}imports/", imports.ImportsPage.as_view(), name="matter-imports"),
    path(f"{HOME}imports/new/", imports.ImportFilePage.as_view(), name="matter-import-new"),
    path(f"{HOME}imports/template.xlsx", imports.BlankFile.as_view(), name="matter-template-xlsx"),
    path(f"{HOME}imports/template.csv", imports.BlankFile.as_view(kind="csv"), name="matter-template-csv"),
    path(IMPORT, imports.ImportPage.as_view(), name="matter-import"),
    path(f"{IMPORT}progress/", imports.ImportProgress.as_view(), name="matter-import-progress"),
    path(f"{IMPORT}problems.csv", imports.ImportProblems.as_view(), name="matter-import-problems"),
    path(f"{HOME}mending/", mending.MendingsPage.as_view(), name="mendings"),
    path(MENDING, mending.MendingPage.as_view(), name="mending"),
    path(f"{MENDING}drop-all/", mending.DropAllPage.as_view(), name="mending-drop-all"),
    path(f"{HOME}supplies/", supplies.SuppliesPage.as_view(), name="supplies"),
    path(SUPPLY, supplies.SupplyPage.as_view(), name="supply"),
    path(f"{SUPPLY}confirm-supply/", supplies.ConfirmPage.as_view(), name="supply-confirm"),
    path(f"{SUPPLY}reject-supply/", supplies.RejectPage.as_view(), name="supply-reject"),
    path(f"{SUPPLY}withdraw-supply/", supplies.WithdrawPage.as_view(), name="supply-withdraw"),
    path(NAME, supplies.NamePage.as_view(), name="material-name"),
    path(f"{NAME}propose/<int:entry>/", supplies.ProposePage.as_view(), name="supply-propose"),
    path(f"{HOME}check/", checking.CheckPage.as_view(), name="check-materials"),
    path(MATTER, matters.MatterPage.as_view(), name="matter"),
    path(f"{MATTER}change/", matters.ChangeMatterPage.as_view(), name="matter-change"),
    path(f"{MATTER}materials/new/", matters.AddMaterialPage.as_view(), name="material-new"),
    path(MATERIAL, matters.MaterialPage.as_view(), name="material"),
    path(f"{MATERIAL}change/", matters.ChangeMaterialPage.as_view(), name="material-change"),
    *[
        path(f"{MATERIAL}{verb}/", page.as_view(), name=f"material-{NAMES.get(verb, verb)}")
        for verb, page in matters.MATERIAL_ACT_PAGES.items()
    ],
]
