"""Read-only administration: cases move by their acts alone. What is encrypted is not shown."""

from __future__ import annotations

from django.contrib import admin

from guiyang_data.accounts.admin import ReadOnlyAdmin
from requests_app.models import CorrectionReport, OpenRequest, Reply, ReviewApplication

HIDDEN = ("name_encrypted", "mail_encrypted", "phone_encrypted", "code_hash")


@admin.register(OpenRequest)
class OpenRequestAdmin(ReadOnlyAdmin):
    """Open requests."""

    list_display = ["number", "title", "agency", "status", "submitted_on"]
    list_filter = ["status", "case"]
    list_select_related = ["agency"]
    search_fields = ["number", "title"]
    exclude = [*HIDDEN, "purpose"]


@admin.register(Reply)
class ReplyAdmin(ReadOnlyAdmin):
    """Replies."""

    list_display = ["request", "round", "agency", "outcome", "delivered_on", "due_on"]
    list_select_related = ["request", "agency"]
    list_filter = ["outcome"]


@admin.register(ReviewApplication)
class ReviewApplicationAdmin(ReadOnlyAdmin):
    """Reviews."""

    list_display = ["number", "reply", "status", "outcome", "submitted_on", "decided_on"]
    list_select_related = ["reply__request"]
    list_filter = ["status", "outcome"]
    search_fields = ["number"]
    exclude = HIDDEN


@admin.register(CorrectionReport)
class CorrectionReportAdmin(ReadOnlyAdmin):
    """Reported doubts."""

    list_display = ["number", "title", "provider", "status", "submitted_on"]
    list_select_related = ["provider"]
    list_filter = ["status", "target"]
    search_fields = ["number", "title"]
    exclude = [*HIDDEN, "rows_encrypted", "matter_encrypted"]
