"""Looking only: what has a state changes through its acts."""

from __future__ import annotations

from django.contrib import admin

from guiyang_data.accounts.admin import ReadOnlyAdmin
from sharing.models import (
    ChangeSubscription,
    Coordination,
    DataNeed,
    Deferral,
    DocumentTemplate,
    EDocument,
    EDocumentDelivery,
    ListReserve,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    Taking,
    VerificationTerms,
)


@admin.register(SharingApplication)
class SharingApplicationAdmin(ReadOnlyAdmin):
    """Applications."""

    list_display = ["number", "title", "requester", "provider", "status", "submitted_on"]
    list_filter = ["status"]
    list_select_related = ["requester", "provider"]
    search_fields = ["number", "title"]


@admin.register(SharingGrant)
class SharingGrantAdmin(ReadOnlyAdmin):
    """Grants."""

    list_display = ["title", "grantee", "status", "valid_from", "valid_until"]
    list_filter = ["status"]
    list_select_related = ["grantee"]


@admin.register(StandingAuthorisation)
class StandingAuthorisationAdmin(ReadOnlyAdmin):
    """Authorisations for kinds of agency."""

    list_display = ["title", "status", "valid_from", "valid_until"]
    list_filter = ["status"]


@admin.register(ListReserve)
class ListReserveAdmin(ReadOnlyAdmin):
    """Entries kept out of the public lists."""

    list_display = ["entry", "reserved_at", "released_at"]
    list_select_related = ["entry"]


@admin.register(Taking)
class TakingAdmin(ReadOnlyAdmin):
    """Takings."""

    list_display = ["entry", "agency", "duty", "taken_on"]
    list_select_related = ["entry", "agency"]


@admin.register(Coordination)
class CoordinationAdmin(ReadOnlyAdmin):
    """Coordinations."""

    list_display = ["number", "application", "cause", "status", "requested_on"]
    list_filter = ["status", "cause"]
    list_select_related = ["application"]


@admin.register(DataNeed)
class DataNeedAdmin(ReadOnlyAdmin):
    """Data that is in no catalogue."""

    list_display = ["number", "title", "requester", "provider", "status", "submitted_on"]
    list_filter = ["status"]
    list_select_related = ["requester", "provider"]
    search_fields = ["number", "title"]


@admin.register(ChangeSubscription)
class ChangeSubscriptionAdmin(ReadOnlyAdmin):
    """Subscriptions to changes."""

    list_display = ["entry", "agency", "status", "subscribed_at"]
    list_filter = ["status"]
    list_select_related = ["entry", "agency"]


@admin.register(VerificationTerms)
class VerificationTermsAdmin(ReadOnlyAdmin):
    """What grants let their holders verify."""

    list_display = ["grant", "most_subjects", "most_misses", "rows_too", "permitted_at"]
    list_select_related = ["grant"]


@admin.register(Deferral)
class DeferralAdmin(ReadOnlyAdmin):
    """What is told later."""

    list_display = ["access", "agency", "status", "until", "proposed_at"]
    list_filter = ["status"]
    list_select_related = ["grant", "taking", "agency"]


@admin.register(DocumentTemplate)
class DocumentTemplateAdmin(ReadOnlyAdmin):
    """Templates of documents."""

    list_display = ["title", "kind", "entry", "set_at", "ended_at"]
    list_filter = ["kind"]
    list_select_related = ["entry"]


@admin.register(EDocument)
class EDocumentAdmin(ReadOnlyAdmin):
    """E-documents, without whose they are."""

    list_display = ["number", "title", "issuer", "status", "issued_on", "valid_until"]
    list_filter = ["status", "kind"]
    list_select_related = ["issuer"]
    search_fields = ["number", "title"]
    exclude = [
        "holder_encrypted",
        "holder_index",
        "holder_id_encrypted",
        "holder_id_index",
        "row_key_encrypted",
        "row_key_index",
        "code_encrypted",
        "code_index",
        "revoked_reasons",
    ]


@admin.register(EDocumentDelivery)
class EDocumentDeliveryAdmin(ReadOnlyAdmin):
    """Who took which document."""

    list_display = ["number", "document", "agency", "taken_at"]
    list_select_related = ["document", "agency"]
