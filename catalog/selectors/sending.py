"""What is asked of an entry at every batch that a system sends: read in one query, its items in another."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from catalog.models import CatalogEntry, EntryRevision, InformationItem
from guiyang_data.accounts.models import Agency
from guiyang_data.prepared import PreparedRow


def _entries() -> QuerySet[CatalogEntry]:
    revision = (f"in_force__{name}" for name in ("entry", "number", "status", "title"))
    provider = (f"provider__{field.name}" for field in Agency._meta.concrete_fields)
    own = ("resource_code", "provider", "in_force", "current_data", "frozen_at")
    return CatalogEntry.objects.select_related("provider", "in_force").only(*own, *revision, *provider)


SENT_TO = PreparedRow(_entries, by="pk", kind=int)
"""Entries with what a batch is judged by; anything else of them is read when asked for."""


@dataclass(frozen=True, kw_only=True)
class Sendable:
    """What a batch must know of the items of a revision."""

    has_items: bool
    has_key: bool
    is_collected_together: bool


def sendable(revision: EntryRevision) -> Sendable:
    """The same of a revision, in one narrow query."""
    items = list(InformationItem.objects.filter(revision=revision).order_by().values_list("is_key", "collector"))
    return Sendable(
        has_items=bool(items),
        has_key=any(is_key for is_key, _collector in items),
        is_collected_together=any(collector for _is_key, collector in items),
    )
