"""What the public finds by searching: data sets that are open."""

from __future__ import annotations

from collections.abc import Iterator

from guiyang_data.ledger.services import PUBLIC
from guiyang_data.search.registry import Document, register
from guiyang_data.search.services import index_many, remove
from opendata.models import OpenDataset
from opendata.policies import visible_to
from opendata.selectors import SEARCH_KIND

KIND = SEARCH_KIND


def document_of(dataset: OpenDataset) -> Document:
    """A data set as the index keeps it."""
    columns = dataset.current.columns if dataset.current else []
    names = " ".join(column["name"] for column in columns)
    return Document(
        kind=KIND,
        key=str(dataset.pk),
        title=dataset.title,
        summary=dataset.abstract,
        body=f"{dataset.keywords} {dataset.provider_name} {names} {dataset.slug}",
        url=dataset.get_absolute_url(),
        is_public=True,
        agency_code=dataset.provider_code,
        facets={
            "field": str(dataset.field),
            "update_cycle": str(dataset.update_cycle),
            "region": dataset.region_code,
        },
        weight=1.2,
        updated_at=dataset.updated_at,
    )


def index_dataset(dataset: OpenDataset) -> None:
    """Make the data set findable, or bring it up to date."""
    index_many([document_of(dataset)])


def remove_dataset(dataset: OpenDataset) -> None:
    """A data set that was taken back is found no longer."""
    remove(KIND, str(dataset.pk))


def documents() -> Iterator[Document]:
    """Every open data set, for the reindex command."""
    datasets = visible_to(PUBLIC, OpenDataset.objects.select_related("current")).order_by("pk")
    return map(document_of, datasets.iterator(chunk_size=500))


def make_findable() -> None:
    """Name this kind to the index, once, when the portal starts."""
    register(KIND, documents)
