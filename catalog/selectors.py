"""Reading the catalogue."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import CatalogEntry, ConfidentialityReview, EntryRevision, InformationItem
from guiyang_data.tables.columns import Column, DataType


def entries_in_force() -> QuerySet[CatalogEntry]:
    """Entries whose catalogue record is in force, with what lists show."""
    entries = CatalogEntry.objects.filter(in_force__isnull=False)
    return entries.select_related("in_force", "in_force__category", "provider", "current_data")


def columns_of(revision: EntryRevision) -> list[Column]:
    """The columns of an entry's table, as its information items define them."""
    return [column_of(item) for item in revision.items.all()]


def column_of(item: InformationItem) -> Column:
    """One information item as a column."""
    return Column(
        name=item.name,
        code=item.code,
        data_type=DataType(item.data_type),
        length=item.length,
        required=item.required,
        is_key=item.is_key,
        codes=tuple(item.code_list) or None,
    )


def confidentiality_passed(revision: EntryRevision, scope: str) -> bool:
    """Whether a second person found that the revision may be shared or opened (第二十四条)."""
    return revision.confidentiality_reviews.filter(scope=scope, outcome=ConfidentialityReview.Outcome.PASSED).exists()
