"""Looking only."""

from __future__ import annotations

from django.contrib import admin

from guiyang_data.accounts.admin import ReadOnlyAdmin
from oversight.models import (
    CalendarProposal,
    DisciplineRecommendation,
    Escalation,
    Finding,
    Recount,
    RectificationOrder,
    RuleProposal,
    SweepRun,
)


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    """Runs of the sweep."""

    list_display = ["started_at", "finished_at", "clocks", "rungs", "failures"]


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    """Escalations."""

    list_display = ["clock", "to_agency", "rung", "times", "status", "opened_at"]
    list_filter = ["status"]
    list_select_related = ["clock", "to_agency"]


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """Findings."""

    list_display = ["agency", "item", "clock", "complaint", "status", "drafted_at"]
    list_filter = ["status", "item"]
    list_select_related = ["agency", "clock", "complaint__complaint"]


@admin.register(RectificationOrder)
class RectificationOrderAdmin(ReadOnlyAdmin):
    """Orders to correct."""

    list_display = ["number", "agency", "ordered_by_agency", "due_on", "status"]
    list_filter = ["status"]
    list_select_related = ["agency", "ordered_by_agency"]


@admin.register(DisciplineRecommendation)
class DisciplineRecommendationAdmin(ReadOnlyAdmin):
    """Recommendations for discipline."""

    list_display = ["order", "status", "drafted_at"]
    list_select_related = ["order"]


@admin.register(CalendarProposal)
class CalendarProposalAdmin(ReadOnlyAdmin):
    """Arrangements of holidays that were entered."""

    list_display = ["year", "scope", "document_number", "status", "proposed_by", "decided_by"]
    list_filter = ["status"]
    list_select_related = ["proposed_by", "decided_by"]


@admin.register(RuleProposal)
class RuleProposalAdmin(ReadOnlyAdmin):
    """Versions of rules that were entered."""

    list_display = ["kind", "length", "unit", "in_force_from", "status", "proposed_by", "decided_by"]
    list_filter = ["status"]
    list_select_related = ["proposed_by", "decided_by"]


@admin.register(Recount)
class RecountAdmin(ReadOnlyAdmin):
    """Recounts of running clocks."""

    list_display = ["id", "not_before", "counted", "moved", "finished_at"]
