"""The files of a case."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from guiyang_data.attachments.models import Attachment, Inspection, InspectionFinding


def of(subject: str) -> QuerySet[Attachment]:
    """The files of one subject, oldest first. Whether a person may see them is for the owning app to decide."""
    return Attachment.objects.filter(subject=subject).select_related("uploaded_by")


def of_all(subjects: Iterable[str]) -> dict[str, list[Attachment]]:
    """The files of several subjects by subject, in one query; a subject without files has an empty list."""
    found: dict[str, list[Attachment]] = {subject: [] for subject in subjects}
    for attachment in Attachment.objects.filter(subject__in=found).select_related("uploaded_by"):
        found[attachment.subject].append(attachment)
    return found


def inspected(*subjects: str) -> list[tuple[Attachment, Inspection | None]]:
    """The files of these subjects, each with its latest inspection and what was found; at most four queries."""
    rows = Attachment.objects.filter(subject__in=subjects).prefetch_related("inspections__findings__confirmed_by")
    return [(row, max(row.inspections.all(), key=lambda one: one.pk, default=None)) for row in rows]


def uncleared(inspection: Inspection | None) -> list[InspectionFinding]:
    """What nobody has answered for yet. Files that were not looked into have nothing to show: ask for that apart."""
    return [finding for finding in inspection.findings.all() if not finding.is_cleared] if inspection else []
