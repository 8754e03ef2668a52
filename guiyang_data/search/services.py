"""Fill the index and count what was looked for in vain. Called inside the transaction of the owner's act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import islice

from django.db import transaction
from django.db.models import F

from guiyang_data.search.engines import engine_of
from guiyang_data.search.models import SearchDocument, SearchMiss
from guiyang_data.search.registry import Document, Iterate
from guiyang_data.search.words import joined, terms, tokens

BATCH = 500
SHORTEST_PERSONAL_NUMBER = 7
"""Digits: identity numbers, telephone numbers and card numbers have at least so many."""
PLAIN_FIELDS = ("title", "summary", "body", "url", "is_public", "agency_code", "facets", "weight", "updated_at")


def index(
    *,
    kind: str,
    key: str,
    title: str,
    url: str,
    is_public: bool,
    updated_at: dt.datetime,
    summary: str = "",
    body: str = "",
    agency_code: str = "",
    facets: Mapping[str, str | int | bool] | None = None,
    weight: float = 1.0,
) -> None:
    """Make one thing findable, or bring what is found about it up to date. (kind, key) names it."""
    index_many(
        [
            Document(
                kind=kind,
                key=key,
                title=title,
                url=url,
                is_public=is_public,
                updated_at=updated_at,
                summary=summary,
                body=body,
                agency_code=agency_code,
                facets=facets or {},
                weight=weight,
            )
        ]
    )


def index_many(documents: Iterable[Document]) -> int:
    """The same for many at once, a batch at a time; how many there were."""
    remaining = iter(documents)
    count = 0
    while batch := list(islice(remaining, BATCH)):
        count += _index_batch(batch)
    return count


@transaction.atomic
def remove(kind: str, key: str) -> None:
    """Take one thing out of the index; nothing happens where it is not in it."""
    SearchDocument.objects.filter(kind=kind, key=key).delete()


def reindex(kind: str, iterate: Iterate) -> int:
    """Bring a whole kind up to date and drop what its owner no longer names; how many documents it has."""
    seen: set[str] = set()

    def noted() -> Iterable[Document]:
        for document in iterate():
            seen.add(document.key)
            yield document

    count = index_many(noted())
    stale = [
        pk
        for pk, key in SearchDocument.objects.filter(kind=kind).values_list("pk", "key").iterator()
        if key not in seen
    ]
    for start in range(0, len(stale), BATCH):
        SearchDocument.objects.filter(pk__in=stale[start : start + BATCH]).delete()
    return count


@transaction.atomic
def record_miss(*, text: str, on: dt.date) -> None:
    """Count a question without a result (第三条、第二十条: demand leads). Long numbers and addresses are not kept."""
    if "@" in text:
        return
    words = [term.word for term in terms(text)]
    kept = joined(word for word in words if sum(map(str.isdigit, word)) < SHORTEST_PERSONAL_NUMBER)[:120].strip()
    if not kept:
        return
    SearchMiss.objects.get_or_create(words=kept, searched_on=on)
    SearchMiss.objects.filter(words=kept, searched_on=on).update(count=F("count") + 1)


@transaction.atomic
def _index_batch(batch: list[Document]) -> int:
    """One batch; of documents with the same kind and key the last one stands."""
    single = {(document.kind, document.key): document for document in batch}
    rows = SearchDocument.objects.bulk_create(
        [_row(document) for document in single.values()],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=PLAIN_FIELDS,
    )
    using = SearchDocument.objects.db
    engine_of(using).write(
        [(row.pk, tokens(row.title), tokens(row.summary), tokens(row.body)) for row in rows], using=using
    )
    return len(batch)


def _row(document: Document) -> SearchDocument:
    values = {name: getattr(document, name) for name in PLAIN_FIELDS}
    values["facets"] = dict(document.facets)
    values["title"] = document.title[:300]
    return SearchDocument(kind=document.kind, key=document.key, **values)
