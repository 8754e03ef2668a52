"""What is being compiled, and how far its confidentiality review is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from django.db.models import QuerySet

from catalog.models import ConfidentialityReview, EntryRevision, InformationItem, SharingType
from catalog.workflow import WORKFLOW

Outcome = ConfidentialityReview.Outcome


class Judged(StrEnum):
    """How far the confidentiality review of a revision is."""

    UNNEEDED = "unneeded"
    WANTED = "wanted"
    WAITING = "waiting"
    PASSED = "passed"


def being_compiled(agencies: set[int]) -> QuerySet[EntryRevision]:
    """Drafts and what was sent back of these providers (ids), the latter first, then the newest."""
    editable = EntryRevision.objects.filter(status__in=WORKFLOW["submit"].sources, entry__provider__in=agencies)
    return editable.select_related("entry__provider").order_by("-status", "-pk")


def judged(revisions: Sequence[EntryRevision]) -> dict[int, Judged]:
    """How far each is, by its id, as ``passed_review`` says it of one; one query for any number."""
    reviews = ConfidentialityReview.objects.filter(
        revision__entry__in={revision.entry_id for revision in revisions}, scope=ConfidentialityReview.Scope.SHARING
    )
    waiting: set[int] = set()
    last: dict[tuple[int, str], str] = {}
    shown = ("revision", "revision__entry", "substance", "outcome", "decided_at")
    for revision_id, entry_id, substance, outcome, decided_at in reviews.order_by("decided_at", "pk").values_list(
        *shown
    ):
        if outcome == Outcome.WAITING:
            waiting.add(revision_id)
        elif decided_at is not None:
            last[entry_id, substance] = outcome
    return {revision.pk: _judged(revision, waiting, last) for revision in revisions}


def personal_items(revision: EntryRevision) -> list[str]:
    """The names of its items that are marked as about persons: such a revision is judged by itself."""
    return [item.name for item in revision.items.all() if item.sensitivity != InformationItem.Sensitivity.NONE]


def _judged(revision: EntryRevision, waiting: set[int], last: dict[tuple[int, str], str]) -> Judged:
    if revision.sharing_type == SharingType.WITHHELD:
        return Judged.UNNEEDED
    if last.get((revision.entry_id, revision.substance)) == Outcome.PASSED:
        return Judged.PASSED
    return Judged.WAITING if revision.pk in waiting else Judged.WANTED
