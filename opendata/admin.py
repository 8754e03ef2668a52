"""Looking only: what has a state changes through its acts."""

from __future__ import annotations

from django.contrib import admin

from guiyang_data.accounts.admin import ReadOnlyAdmin
from opendata.models import Demand, OpenDataset, OpeningPlan, PublishedVersion, PublishJob


@admin.register(OpeningPlan)
class OpeningPlanAdmin(ReadOnlyAdmin):
    """Opening plans."""

    list_display = ["entry", "status", "compiled_by", "created_at"]
    list_filter = ["status"]
    list_select_related = ["entry", "compiled_by"]


@admin.register(OpenDataset)
class OpenDatasetAdmin(ReadOnlyAdmin):
    """Open data sets."""

    list_display = ["slug", "title", "provider_name", "status", "published_on", "downloads"]
    list_filter = ["status", "field"]
    search_fields = ["slug", "title"]


@admin.register(PublishedVersion)
class PublishedVersionAdmin(ReadOnlyAdmin):
    """Published versions."""

    list_display = ["dataset", "number", "rows", "made_at"]
    list_select_related = ["dataset"]


@admin.register(PublishJob)
class PublishJobAdmin(ReadOnlyAdmin):
    """Jobs."""

    list_display = ["plan", "source", "state", "progress", "tries", "asked_at", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["plan", "source"]


@admin.register(Demand)
class DemandAdmin(ReadOnlyAdmin):
    """Demand for what is not open."""

    list_display = ["entry", "day", "requests", "searches"]
    list_select_related = ["entry"]
