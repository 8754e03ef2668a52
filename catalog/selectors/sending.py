"""What is asked of an entry at every batch that a system sends: read in one query, its items once a process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from catalog.models import CatalogEntry, EntryRevision, InformationItem
from guiyang_data.accounts.models import Agency
from guiyang_data.prepared import PreparedRow

REVISIONS_KEPT = 1_000
"""Revisions of which a process remembers what of their items a batch is judged by."""


def _entries() -> QuerySet[CatalogEntry]:
    revision = (f"in_force__{name}" for name in ("entry", "number", "status", "title", "updated_at", "substance"))
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
    """Of a revision that is in force: read once, since it is not changed any more."""
    return _sendable(revision.pk, revision.updated_at, revision.substance)


@lru_cache(maxsize=REVISIONS_KEPT)
def _sendable(revision: int, updated_at: dt.datetime, substance: str) -> Sendable:
    # what is not asked for tells one revision from another that had its number
    items = list(InformationItem.objects.filter(revision=revision).order_by().values_list("is_key", "collector"))
    return Sendable(
        has_items=bool(items),
        has_key=any(is_key for is_key, _collector in items),
        is_collected_together=any(collector for _is_key, collector in items),
    )
