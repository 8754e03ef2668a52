"""Looking only: what has a state changes through its acts."""

from __future__ import annotations

from django.contrib import admin

from guiyang_data.accounts.admin import ReadOnlyAdmin
from sharing.models import (
    ChangeSubscription,
    Coordination,
    Deferral,
    SharingApplication,
    SharingGrant,
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

    list_display = ["grant", "agency", "status", "until", "proposed_at"]
    list_filter = ["status"]
    list_select_related = ["grant", "agency"]
