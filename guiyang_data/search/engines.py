"""What differs between SQLite and PostgreSQL: how a question is written, ranked, and how tokens are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

from django.db import connections
from django.db.models import BooleanField, FloatField, QuerySet
from django.db.models.expressions import RawSQL

from guiyang_data.search.models import IndexRow
from guiyang_data.search.words import Term

MOST_POSITIONS = 16_383
"""PostgreSQL counts no further inside one document."""
MOST_POSITIONS_OF_A_TOKEN = 255
Tokens = tuple[int, list[str], list[str], list[str]]
"""Document id, then the tokens of its title, its summary and its body."""


class Engine(Protocol):
    """One way to keep and ask tokens. ``has_statistics``: it knows whether a condition or the question finds less."""

    has_statistics: bool

    def question(self, terms: Sequence[Term], *, is_any: bool, title_only: bool) -> str:
        """The question in the engine's own language; ``is_any``: one of the terms is enough."""

    def two_of(self, terms: Sequence[Term]) -> str:
        """The question for whatever holds any two of the terms."""

    def matching(self, question: str, rows: QuerySet[IndexRow]) -> QuerySet[IndexRow]:
        """The rows that answer the question, annotated with ``score`` (higher is better)."""

    def write(self, documents: Sequence[Tokens], *, using: str) -> None:
        """Replace the tokens of the documents."""


class SqliteEngine:
    """FTS5: ranked by bm25, a word in the title counting most."""

    has_statistics = False

    def question(self, terms: Sequence[Term], *, is_any: bool, title_only: bool) -> str:
        written = (" OR " if is_any else " AND ").join(self._term(term) for term in terms)
        return f"title : ({written})" if title_only else written

    def two_of(self, terms: Sequence[Term]) -> str:
        return " OR ".join(f"({self._term(one)} AND {self._term(other)})" for one, other in combinations(terms, 2))

    def matching(self, question: str, rows: QuerySet[IndexRow]) -> QuerySet[IndexRow]:
        return rows.filter(RawSQL("search_index MATCH %s", [question], BooleanField())).annotate(
            score=RawSQL("-bm25(search_index, 8.0, 3.0, 1.0)", [], FloatField())
        )

    def write(self, documents: Sequence[Tokens], *, using: str) -> None:
        with connections[using].cursor() as cursor:
            cursor.executemany("DELETE FROM search_index WHERE rowid = %s", [(document[0],) for document in documents])
            cursor.executemany(
                "INSERT INTO search_index (rowid, title, summary, body) VALUES (%s, %s, %s, %s)",
                [(pk, " ".join(title), " ".join(summary), " ".join(body)) for pk, title, summary, body in documents],
            )

    def _term(self, term: Term) -> str:
        word = f'"{term.word}"*' if term.is_prefix else f'"{term.word}"'
        if not term.pairs:
            return word
        pairs = " AND ".join(f'"{pair}"' for pair in term.pairs)
        return f"({word} OR ({pairs}))"


class PostgresEngine:
    """tsvector and GIN. The lexemes are written as they are: no parser or dictionary of the server has a say."""

    has_statistics = True

    def question(self, terms: Sequence[Term], *, is_any: bool, title_only: bool) -> str:
        return (" | " if is_any else " & ").join(self._term(term, "A" if title_only else "") for term in terms)

    def two_of(self, terms: Sequence[Term]) -> str:
        pairs = combinations(terms, 2)
        return " | ".join(f"({self._term(one, '')} & {self._term(other, '')})" for one, other in pairs)

    def matching(self, question: str, rows: QuerySet[IndexRow]) -> QuerySet[IndexRow]:
        rank = "ts_rank('{0.1, 0.1, 0.3, 1.0}', search_index.tokens, %s::tsquery, 1)"
        return rows.filter(RawSQL("search_index.tokens @@ %s::tsquery", [question], BooleanField())).annotate(
            score=RawSQL(rank, [question], FloatField())  # noqa: S611  a constant, the question is a parameter
        )

    def write(self, documents: Sequence[Tokens], *, using: str) -> None:
        with connections[using].cursor() as cursor:
            # one statement for all: a round trip for each of a hundred thousand documents takes minutes
            cursor.execute(
                "INSERT INTO search_index (rowid, tokens) SELECT pk, tokens::tsvector "
                "FROM unnest(%s::bigint[], %s::text[]) AS given (pk, tokens) "
                "ON CONFLICT (rowid) DO UPDATE SET tokens = excluded.tokens",
                [
                    [document[0] for document in documents],
                    [
                        self._vector((("A", title), ("B", summary), ("D", body)))
                        for _, title, summary, body in documents
                    ],
                ],
            )

    def _term(self, term: Term, weight: str) -> str:
        marks = ("*" if term.is_prefix else "") + weight
        word = f"'{term.word}':{marks}" if marks else f"'{term.word}'"
        if not term.pairs:
            return word
        pairs = " & ".join(f"'{pair}':{weight}" if weight else f"'{pair}'" for pair in term.pairs)
        return f"({word} | ({pairs}))"

    def _vector(self, parts: Sequence[tuple[str, list[str]]]) -> str:
        places: defaultdict[str, list[str]] = defaultdict(list)
        position = 0
        for weight, tokens in parts:
            for token in tokens:
                position = min(position + 1, MOST_POSITIONS)
                if len(places[token]) < MOST_POSITIONS_OF_A_TOKEN:
                    places[token].append(f"{position}{weight}")
        return " ".join(f"'{token}':{','.join(found)}" for token, found in places.items())


ENGINES: dict[str, Engine] = {"sqlite": SqliteEngine(), "postgresql": PostgresEngine()}


def engine_of(using: str) -> Engine:
    """The engine of a database connection."""
    return ENGINES[connections[using].vendor]
