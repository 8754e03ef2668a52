"""Ask the index: results with marked snippets, counts for a filter, help while typing, and unmet demand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import In

from guiyang_data.search.engines import engine_of
from guiyang_data.search.models import IndexRow, SearchDocument, SearchMiss
from guiyang_data.search.snippets import Piece, marked, snippet_of
from guiyang_data.search.words import Term, terms

MOST_SUGGESTED_FROM = 1000
"""Titles of which the best are suggested, however many more fit the little that was typed."""
FACET_NAME = re.compile(r"[a-z][a-z0-9_]*")
Filters = Mapping[str, object]
"""Facet name (or ``agency_code``) -> a value, or several of which one is enough; an empty one does not filter."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One result. ``title_pieces`` and ``snippet`` are runs of plain text, the looked-for words marked."""

    kind: str
    key: str
    title: str
    url: str
    title_pieces: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    agency_code: str
    facets: Mapping[str, str | int | bool]
    updated_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Results:
    """``total`` hits of which ``hits`` is the asked-for page. ``is_partial``: no hit has all words, these have some."""

    total: int
    hits: tuple[Hit, ...]
    is_partial: bool = False
    is_question: bool = True

    @property
    def is_missed(self) -> bool:
        """Nothing answers the whole question: the face records it with ``services.record_miss``."""
        return self.is_question and (self.is_partial or self.total == 0)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which documents a person may find, and which they chose."""

    kinds: tuple[str, ...] = ()
    public_only: bool = True
    own_agencies: tuple[str, ...] = ()
    filters: tuple[tuple[str, object], ...] = ()

    def condition(self, prefix: str) -> Q:
        """The scope over a relation path such as ``"document__"``."""
        condition = Q()
        if self.public_only:
            condition &= Q(_among(prefix, "is_public", (True,))) | Q(**{f"{prefix}agency_code__in": self.own_agencies})
        if self.kinds:
            condition &= Q(_among(prefix, "kind", self.kinds))
        for name, chosen in self.filters:
            condition &= _choice(prefix, name, chosen)
        return condition


def _among(prefix: str, name: str, values: tuple[object, ...]) -> In:
    """Whether a field holds one of the values.

    Beside a question to the index it is written so that no other index fits it: SQLite, which has no statistics, would
    go through all documents of a kind and ask the whole question anew for each. PostgreSQL must see the plain field:
    its statistics tell how few documents of a kind there are.
    """
    field = F(f"{prefix}{name}")
    is_hidden = prefix and not engine_of(IndexRow.objects.db).has_statistics
    return In(Coalesce(field, field) if is_hidden else field, values)


def find(
    text: str,
    *,
    kinds: Collection[str] | None = None,
    public_only: bool = True,
    own_agencies: Collection[str] = (),
    filters: Filters | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Results:
    """Documents that hold all words of the text, best first; without such, those that hold some of them.

    An empty text lists everything, newest first. ``own_agencies``: codes of agencies whose documents are found
    although they are not public. ``public_only=False`` finds everything and is for those who supervise all.
    Two queries for a page, whatever its size (three where no document holds all words).
    """
    scope = _scope(kinds, public_only, own_agencies, filters)
    asked = terms(text)
    if not asked:
        return _newest(scope, offset, limit) if not text.strip() else Results(total=0, hits=())
    for is_any in (False, True) if len(asked) > 1 else (False,):
        rows = _matching(asked, scope, is_any=is_any)
        total = rows.count()
        if total:
            return Results(total=total, hits=hits_of(rows, asked, offset, limit), is_partial=is_any)
    return Results(total=0, hits=())


def named(text: str, *, kind: str) -> RawSQL | None:
    """The keys of all documents of a kind whose title holds all words of the text, as numbers, to ask within a query.

    For kinds whose keys are ids, and for lists that have an order and conditions of their own. None where the text has
    no words. Whoever asks sees to it that only what a person may see is shown.
    """
    asked = terms(text)
    if not asked:
        return None
    rows = IndexRow.objects.filter(Scope(kinds=(kind,), public_only=False).condition("document__"))
    engine = engine_of(rows.db)
    found = engine.matching(engine.question(asked), rows, title_only=True)
    keys = found.order_by().annotate(owner=Cast("document__key", BigIntegerField())).values("owner")
    # written out here, since the question names its table, which a query within a query would call otherwise
    return RawSQL(*keys.query.sql_with_params())  # noqa: S611  its own words, the question is a parameter


def suggest(
    text: str,
    *,
    kinds: Collection[str] | None = None,
    public_only: bool = True,
    own_agencies: Collection[str] = (),
    limit: int = 8,
) -> tuple[Hit, ...]:
    """Titles that fit what is being typed, the last word still unfinished. Two queries.

    Of very many that fit, ``MOST_SUGGESTED_FROM`` are chosen from: they are read without an order and ordered here,
    since a database puts a limit inside a question to the index to no good use.
    """
    asked = terms(text, is_typing=True)
    if not asked:
        return ()
    scope = _scope(kinds, public_only, own_agencies, None)
    rows = IndexRow.objects.filter(scope.condition("document__"))
    engine = engine_of(rows.db)
    fitting = engine.ranked(engine.question(asked), rows, title_only=True)
    return hits_in_order(best_of(fitting, most=MOST_SUGGESTED_FROM)[:limit], asked)


def misses(*, since: dt.date, until: dt.date, at_least: int = 3, limit: int = 100) -> list[tuple[str, int]]:
    """Words looked for in vain between two days (both counted), most often first: (words, times).

    ``at_least`` keeps out what only one or two persons typed, which may be about themselves.
    """
    return list(
        SearchMiss.objects.filter(searched_on__range=(since, until))
        .values_list("words")
        .annotate(times=Sum("count"))
        .filter(times__gte=at_least)
        .order_by("-times", "words")[:limit]
    )


def _scope(
    kinds: Collection[str] | None, public_only: bool, own_agencies: Collection[str], filters: Filters | None
) -> Scope:
    chosen = tuple((name, value) for name, value in (filters or {}).items() if value not in (None, "", [], ()))
    return Scope(kinds=tuple(kinds or ()), public_only=public_only, own_agencies=tuple(own_agencies), filters=chosen)


def _matching(asked: Sequence[Term], scope: Scope, *, is_any: bool) -> QuerySet[IndexRow]:
    rows = IndexRow.objects.filter(scope.condition("document__"))
    engine = engine_of(rows.db)
    return _best_first(engine.ranked(engine.question(asked, is_any=is_any), rows))


def _best_first(ranked: QuerySet[Any]) -> QuerySet[IndexRow]:
    return ranked.order_by(-F("score") * F("document__weight"), "-document_id")


def hits_of(rows: QuerySet[IndexRow], asked: Sequence[Term], offset: int, limit: int) -> tuple[Hit, ...]:
    """A page of ranked rows as hits, the asked-for words marked."""
    page = rows.select_related("document")[offset : offset + limit]
    return tuple(_hit(row.document, asked) for row in page)


def best_of(ranked: QuerySet[Any], *, most: int) -> list[int]:
    """The ids of ranked rows, best first; where there are more than ``most``, of so many of them."""
    scores = ranked.order_by().values_list("pk", "score", "document__weight")[:most]
    return [pk for pk, *_rest in sorted(scores, key=lambda row: (row[1] * row[2], row[0]), reverse=True)]


def hits_in_order(pks: Sequence[int], asked: Sequence[Term]) -> tuple[Hit, ...]:
    """These documents as hits, in this order. No query where there are none."""
    if not pks:
        return ()
    documents = SearchDocument.objects.in_bulk(pks)
    return tuple(_hit(documents[pk], asked) for pk in pks if pk in documents)


def _newest(scope: Scope, offset: int, limit: int) -> Results:
    documents = SearchDocument.objects.filter(scope.condition("")).order_by("-updated_at", "-pk")
    hits = tuple(_hit(document, ()) for document in documents[offset : offset + limit])
    return Results(total=documents.count(), hits=hits, is_question=False)


def _hit(document: SearchDocument, asked: Sequence[Term]) -> Hit:
    return Hit(
        kind=document.kind,
        key=document.key,
        title=document.title,
        url=document.url,
        title_pieces=marked(document.title, asked),
        snippet=snippet_of(document.summary, document.body, asked),
        agency_code=document.agency_code,
        facets=document.facets,
        updated_at=document.updated_at,
    )


def _choice(prefix: str, name: str, chosen: object) -> Q:
    values = list(chosen) if isinstance(chosen, (list, tuple, set, frozenset)) else [chosen]
    if name == "agency_code":
        return Q(**{f"{prefix}agency_code__in": values})
    return Q(**{f"{prefix}facets__{_checked(name)}__in": values})


def _checked(name: str) -> str:
    if "__" in name or not FACET_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no facet name")
    return name
