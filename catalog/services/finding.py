"""What staff find by searching: entries in force, never the public's business (that is the open data index)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from catalog.models import CatalogEntry, EntryRevision
from catalog.naming import FOUND_AS
from catalog.selectors import entries_in_force
from guiyang_data.search.registry import Document, register
from guiyang_data.search.services import index_many, remove

KIND = FOUND_AS


def document_of(entry: CatalogEntry, revision: EntryRevision, *, updated_at: dt.datetime) -> Document:
    """An entry as the index keeps it."""
    return Document(
        kind=KIND,
        key=str(entry.pk),
        title=revision.title,
        summary=revision.abstract,
        body=" ".join([entry.resource_code, revision.keywords, *(item.name for item in revision.items.all())]),
        url=entry.get_absolute_url(),
        is_public=False,
        agency_code=entry.provider.code,
        facets={"field": str(revision.field), "sharing_type": str(revision.sharing_type)},
        updated_at=updated_at,
    )


def index_entry(entry: CatalogEntry, revision: EntryRevision, *, at: dt.datetime) -> None:
    """Make the entry findable for staff, or bring it up to date."""
    index_many([document_of(entry, revision, updated_at=at)])


def remove_entry(entry: CatalogEntry) -> None:
    """An entry that was withdrawn is found no longer."""
    remove(KIND, str(entry.pk))


def documents() -> Iterator[Document]:
    """Every entry in force, for the reindex command."""
    entries = entries_in_force().prefetch_related("in_force__items")
    for entry in entries.iterator(chunk_size=500):
        if entry.in_force is not None:
            yield document_of(entry, entry.in_force, updated_at=entry.in_force.updated_at)


def make_findable() -> None:
    """Name this kind to the index, once, when the portal starts."""
    register(KIND, documents)
