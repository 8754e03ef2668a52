"""Looking only: what has a state changes through its acts."""

from __future__ import annotations

from django.contrib import admin

from catalog.models import (
    CatalogAdjustment,
    CatalogEntry,
    CatalogImport,
    Category,
    CoCollection,
    ConfidentialityReview,
    EntryRevision,
    Load,
    PublicationDecision,
)
from guiyang_data.accounts.admin import ReadOnlyAdmin


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    """The classification tree."""

    list_display = ["code", "name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]


@admin.register(CatalogEntry)
class CatalogEntryAdmin(ReadOnlyAdmin):
    """Entries by their code."""

    list_display = ["resource_code", "provider", "in_force", "current_data", "frozen_at"]
    list_select_related = ["provider", "in_force", "current_data"]
    search_fields = ["resource_code", "revisions__title"]


@admin.register(EntryRevision)
class EntryRevisionAdmin(ReadOnlyAdmin):
    """Revisions of all entries."""

    list_display = ["title", "number", "status", "sharing_type", "is_open", "in_force_on"]
    list_filter = ["status", "sharing_type", "field"]
    search_fields = ["title", "entry__resource_code"]


@admin.register(ConfidentialityReview)
class ConfidentialityReviewAdmin(ReadOnlyAdmin):
    """Confidentiality reviews."""

    list_display = ["revision", "scope", "outcome", "asked_at", "decided_at"]
    list_filter = ["scope", "outcome"]
    list_select_related = ["revision"]


@admin.register(CatalogAdjustment)
class CatalogAdjustmentAdmin(ReadOnlyAdmin):
    """Declared events."""

    list_display = ["entry", "kind", "event_on", "declared_at", "closed_at"]
    list_filter = ["kind"]
    list_select_related = ["entry"]


@admin.register(Load)
class LoadAdmin(ReadOnlyAdmin):
    """Gatherings of data."""

    list_display = ["entry", "file_name", "state", "rows_accepted", "rows_refused", "received_at"]
    list_filter = ["state"]
    list_select_related = ["entry"]


@admin.register(CatalogImport)
class CatalogImportAdmin(ReadOnlyAdmin):
    """Imports of other catalogues."""

    list_display = ["file_name", "provider", "state", "created", "updated", "refused", "received_at"]
    list_filter = ["state"]
    list_select_related = ["provider"]


@admin.register(CoCollection)
class CoCollectionAdmin(ReadOnlyAdmin):
    """What agencies were asked to collect."""

    list_display = ["revision", "agency", "status", "asked_at", "decided_at"]
    list_filter = ["status"]


@admin.register(PublicationDecision)
class PublicationDecisionAdmin(ReadOnlyAdmin):
    """Decisions to publish a catalogue."""

    list_display = ["catalogue", "agency", "region", "status", "document", "decided_on"]
    list_filter = ["status", "catalogue"]
    list_select_related = ["agency", "region"]
