"""What differs between SQLite and PostgreSQL: how a question is written, ranked, and how tokens are stored."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any, Protocol

from django.db import connections
from django.db.models import BooleanField, FloatField, QuerySet
from django.db.models.expressions import RawSQL

from guiyang_data.search.models import IndexRow
from guiyang_data.search.words import Term

MOST_POSITIONS = 16_383
"""PostgreSQL counts no further inside one document."""
MOST_POSITIONS_OF_A_TOKEN = 255
FEW_DOCUMENTS = 1000
"""Below so many nothing can be said about how common a word is."""
STATISTICS_SECONDS = 600.0
"""How long what is known of common words is good for."""
Tokens = tuple[int, list[str], list[str], list[str]]
"""Document id, then the tokens of its title, its summary and its body."""


class Engine(Protocol):
    """One way to keep and ask tokens. ``has_statistics``: it knows whether a condition or the question finds less."""

    has_statistics: bool

    def question(self, terms: Sequence[Term], *, is_any: bool = False) -> str:
        """The question in the engine's own language; ``is_any``: one of the terms is enough."""

    def two_of(self, terms: Sequence[Term]) -> str:
        """The question for whatever holds any two of the terms."""

    def matching(
        self, question: str, rows: QuerySet[IndexRow], *, in_title: str = "", title_only: bool = False
    ) -> QuerySet[IndexRow]:
        """The rows that answer the question, and in their title the one of ``in_title`` as well."""

    def ranked(self, question: str, rows: QuerySet[IndexRow], *, title_only: bool = False) -> QuerySet[Any]:
        """The rows that answer the question, annotated with ``score`` (higher is better)."""

    def shares(self, words: Collection[str], *, using: str) -> Mapping[str, float]:
        """In what part of all documents a word stands (0 to 1), for those words of which it is known to be much."""

    def write(self, documents: Sequence[Tokens], *, using: str) -> None:
        """Replace the tokens of the documents."""


class SqliteEngine:
    """FTS5: ranked by bm25, a word in the title counting most."""

    has_statistics = False

    def question(self, terms: Sequence[Term], *, is_any: bool = False) -> str:
        return (" OR " if is_any else " AND ").join(self._term(term) for term in terms)

    def two_of(self, terms: Sequence[Term]) -> str:
        return " OR ".join(f"({self._term(one)} AND {self._term(other)})" for one, other in combinations(terms, 2))

    def matching(
        self, question: str, rows: QuerySet[IndexRow], *, in_title: str = "", title_only: bool = False
    ) -> QuerySet[IndexRow]:
        written = f"title : ({question})" if title_only else question
        if in_title:
            written = f"({written}) AND title : ({in_title})"
        return rows.filter(RawSQL("search_index MATCH %s", [written], BooleanField()))

    def ranked(self, question: str, rows: QuerySet[IndexRow], *, title_only: bool = False) -> QuerySet[Any]:
        found = self.matching(question, rows, title_only=title_only)
        return found.annotate(score=RawSQL("-bm25(search_index, 8.0, 3.0, 1.0)", [], FloatField()))

    def shares(self, words: Collection[str], *, using: str) -> Mapping[str, float]:
        marks = ", ".join(["%s"] * len(words))
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_index_docsize")
            number = max(cursor.fetchone()[0], FEW_DOCUMENTS)
            cursor.execute(f"SELECT term, doc FROM search_vocabulary WHERE term IN ({marks})", list(words))  # noqa: S608  marks alone
            return {word: count / number for word, count in cursor.fetchall()}

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
    """tsvector and GIN. The lexemes are written as they are: no parser or dictionary of the server has a say.

    The title has a vector of its own: it is small, so that to rank thousands of titles costs little, while the vector
    of a whole document lies outside its row and is fetched and unpacked for each.
    """

    has_statistics = True

    def __init__(self) -> None:
        self._common: dict[str, tuple[float, Mapping[str, float]]] = {}

    def question(self, terms: Sequence[Term], *, is_any: bool = False) -> str:
        return (" | " if is_any else " & ").join(self._term(term) for term in terms)

    def two_of(self, terms: Sequence[Term]) -> str:
        return " | ".join(f"({self._term(one)} & {self._term(other)})" for one, other in combinations(terms, 2))

    def matching(
        self, question: str, rows: QuerySet[IndexRow], *, in_title: str = "", title_only: bool = False
    ) -> QuerySet[IndexRow]:
        column = "title" if title_only else "tokens"
        found = rows.filter(RawSQL(f"search_index.{column} @@ %s::tsquery", [question], BooleanField()))  # noqa: S611  a constant name
        if in_title:
            found = found.filter(RawSQL("search_index.title @@ %s::tsquery", [in_title], BooleanField()))
        return found

    def ranked(self, question: str, rows: QuerySet[IndexRow], *, title_only: bool = False) -> QuerySet[Any]:
        found = self.matching(question, rows, title_only=title_only)
        column = "title" if title_only else "tokens"
        rank = f"ts_rank('{{0.1, 0.1, 0.3, 1.0}}', search_index.{column}, %s::tsquery, 1)"
        return found.annotate(score=RawSQL(rank, [question], FloatField()))  # noqa: S611  a constant, the question is a parameter

    def shares(self, words: Collection[str], *, using: str) -> Mapping[str, float]:
        known_at, common = self._common.get(using, (-STATISTICS_SECONDS, {}))
        if time.monotonic() - known_at > STATISTICS_SECONDS:
            common = self._most_common(using)
            self._common[using] = (time.monotonic(), common)
        return {word: common[word] for word in words if word in common}

    def _most_common(self, using: str) -> Mapping[str, float]:
        """What the server has found out about the column by itself: the tokens of most documents, and their shares."""
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats "
                "WHERE schemaname = current_schema() AND tablename = 'search_index' AND attname = 'tokens'"
            )
            row = cursor.fetchone()
        # after the frequencies of the tokens come their least and greatest
        return dict(zip(*row, strict=False)) if row and row[0] else {}

    def write(self, documents: Sequence[Tokens], *, using: str) -> None:
        with connections[using].cursor() as cursor:
            # one statement for all: a round trip for each of a hundred thousand documents takes minutes
            cursor.execute(
                "INSERT INTO search_index (rowid, tokens, title) "
                "SELECT pk, tokens::tsvector, ts_filter(tokens::tsvector, '{a}') "
                "FROM unnest(%s::bigint[], %s::text[]) AS given (pk, tokens) "
                "ON CONFLICT (rowid) DO UPDATE SET tokens = excluded.tokens, title = excluded.title",
                [
                    [document[0] for document in documents],
                    [
                        self._vector((("A", title), ("B", summary), ("D", body)))
                        for _, title, summary, body in documents
                    ],
                ],
            )

    def _term(self, term: Term) -> str:
        word = f"'{term.word}':*" if term.is_prefix else f"'{term.word}'"
        if not term.pairs:
            return word
        pairs = " & ".join(f"'{pair}'" for pair in term.pairs)
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
