"""Addresses of matters and materials under ``/api/v1/``; ``sharing.api.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from sharing.materials.api import imports, supplies, views

MATTER = "materials/matters/<int:pk>/"
ITEM = "materials/items/<int:pk>/"
SUPPLY = "materials/supplies/<int:pk>/"
IMPORT = "materials/imports/<int:pk>/"

urlpatterns = [
    path("materials/matters/", views.MatterListView.as_view(), name="matters"),
    path(MATTER, views.MatterView.as_view(), name="matter"),
    path(f"{MATTER}change/", views.ChangeMatterView.as_view(), name="matter-change"),
    path(f"{MATTER}materials/", views.AddMaterialView.as_view(), name="material-new"),
    path("materials/check/", views.CheckView.as_view(), name="check-materials"),
    path("materials/demands/", views.DemandsView.as_view(), name="demands"),
    path("materials/mending/", views.MendingsView.as_view(), name="mendings"),
    path("materials/figures/", views.FiguresView.as_view(), name="material-figures"),
    path(f"{ITEM}change/", views.ChangeMaterialView.as_view(), name="material-change"),
    path(f"{ITEM}drop-material/", views.DropView.as_view(), name="material-drop"),
    path(f"{ITEM}ask-again/", views.AskAgainView.as_view(), name="material-ask-again"),
    path(f"{ITEM}record-exception/", views.ExceptionView.as_view(), name="material-exception"),
    path(f"{ITEM}state-reasons/", views.StateReasonsView.as_view(), name="material-state-reasons"),
    path(f"{ITEM}accept-reasons/", views.AcceptReasonsView.as_view(), name="material-accept-reasons"),
    path(f"{ITEM}decline-reasons/", views.DeclineReasonsView.as_view(), name="material-decline-reasons"),
    path(f"{ITEM}strike-exception/", views.StrikeExceptionView.as_view(), name="material-strike-exception"),
    path("materials/supplies/", supplies.SuppliesView.as_view(), name="supplies"),
    path(f"{SUPPLY}confirm-supply/", supplies.ConfirmView.as_view(), name="supply-confirm"),
    path(f"{SUPPLY}reject-supply/", supplies.RejectView.as_view(), name="supply-reject"),
    path(f"{SUPPLY}withdraw-supply/", supplies.WithdrawView.as_view(), name="supply-withdraw"),
    path("materials/imports/", imports.MatterImportsView.as_view(), name="matter-imports"),
    path(IMPORT, imports.MatterImportView.as_view(), name="matter-import"),
    path(f"{IMPORT}preview/", imports.MatterPreviewView.as_view(), name="matter-import-preview"),
    path(f"{IMPORT}begin/", imports.BeginMatterImportView.as_view(), name="matter-import-begin"),
]
