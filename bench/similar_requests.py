"""Similar requests and data sets while somebody types what they need, over four connections.

Peers, on the same titles, one question after the other: PostgreSQL's trigrams (pg_trgm, the index and the operators
of its manual) and SQLite's FTS5 with its trigram tokens and bm25. Beside the time it is counted how often the request
from whose title the question was taken is among the first three.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.db import connection

from bench import city
from bench.figures import Figure, milliseconds, percentile
from bench.load import asked
from bench.portal import web
from bench.words import TEXTS, petitions, titles
from guiyang_data.search.like import tells
from guiyang_data.search.models import SearchDocument
from guiyang_data.timekeeping import today
from requests_app.selectors import similar_to

CONNECTIONS = 4
TARGET_MS = 100.0
SEED = 20260930
SHORTEST = 4
FIRST = 3
PASTED = 200


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was typed so far of the title of a request; ``key`` is the request's number."""

    text: str
    key: str
    title: str


def measure(requests: int, questions: int, rounds: int) -> list[Figure]:
    """The 95th percentile in milliseconds while typing and for pasted text; the same question beside the peers."""
    real = petitions()
    names = [title for title, _text in real] + titles(requests)
    texts = [text for _title, text in real] + list(TEXTS)
    made = city.open_requests(requests, owed_by=city.departments(), day=today(), titles=names[:requests], texts=texts)
    indexed = city.indexed_requests()
    facts = {"requests": made, "indexed": indexed, "real_petitions": len(real)}
    typed = _questions(questions)
    pasted = _pasted(texts, questions)
    with web() as port:
        figures = [
            _over_the_web(port, "while typing", [f"title={quote(one.text)}" for one in typed], rounds, facts),
            _over_the_web(port, "pasted", [f"description={quote(text)}" for text in pasted], rounds, facts),
        ]
    return figures + _beside_peers(typed)


def _questions(number: int) -> list[Question]:
    """Beginnings of titles of all lengths, as they pass while a person types; the whole where that says nothing."""
    chance = random.Random(SEED)
    rows = list(SearchDocument.objects.filter(kind="request").order_by("pk").values_list("key", "title"))
    chosen = chance.choices(rows, k=number)
    typed = [title[: chance.randint(min(SHORTEST, len(title)), len(title))] for _key, title in chosen]
    return [
        Question(text=text if tells(text) else title, key=key, title=title)
        for text, (key, title) in zip(typed, chosen, strict=True)
    ]


def _pasted(texts: Sequence[str], number: int) -> list[str]:
    chance = random.Random(SEED)
    return [text[:PASTED] for text in chance.choices(texts, k=number)]


def _over_the_web(port: int, name: str, queries: Sequence[str], rounds: int, facts: dict[str, int]) -> Figure:
    paths = [f"/requests/new/similar/?{query}" for query in queries]
    asked(port, paths, connections=CONNECTIONS, number=min(len(paths), 40))
    answers = [asked(port, paths, connections=CONNECTIONS, number=len(paths)) for _round in range(rounds)]
    counted = {
        "asked": sum(len(answer.seconds) for answer in answers),
        "refused": sum(answer.refused for answer in answers),
        "p50_ms": [milliseconds(answer.p50) for answer in answers],
    }
    values = [milliseconds(answer.p95) for answer in answers]
    return Figure(name=f"similar {name}, p95", unit="ms", values=values, target=TARGET_MS, facts=facts | counted)


def _beside_peers(questions: Sequence[Question]) -> list[Figure]:
    lite = _fts5()
    _trigrams()
    asking: tuple[tuple[str, Callable[[str], list[str]], bool], ...] = (
        ("similar, in this process, p95", _ours, False),
        ("pg_trgm, p95", _by_trigram, True),
        ("SQLite FTS5 trigrams, p95", lambda text: _by_fts5(lite, text), True),
    )
    return [_alone(name, ask, questions, is_peer) for name, ask, is_peer in asking]


def _alone(name: str, ask: Callable[[str], list[str]], questions: Sequence[Question], is_peer: bool) -> Figure:
    seconds, found = [], 0
    for question in questions:
        began = time.perf_counter()
        titles_found = ask(question.text)
        seconds.append(time.perf_counter() - began)
        found += any(title.startswith(question.text) for title in titles_found)
    values = [milliseconds(percentile(seconds, 0.95))]
    facts = {"asked": len(questions), "found_in_first_three": found, "p50_ms": milliseconds(percentile(seconds, 0.5))}
    return Figure(name=name, unit="ms", values=values, peer=is_peer, facts=facts)


def _ours(text: str) -> list[str]:
    return [hit.title for hit in similar_to(text, is_typing=True).requests]


def _trigrams() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE INDEX peer_trigrams ON search_searchdocument USING gin (title gin_trgm_ops)")
        cursor.execute("SET pg_trgm.word_similarity_threshold = 0.3")


def _by_trigram(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT title FROM search_searchdocument WHERE kind = 'request' AND %s <%% title "
            "ORDER BY word_similarity(%s, title) DESC LIMIT %s",
            [text, text, FIRST],
        )
        return [title for (title,) in cursor.fetchall()]


def _fts5() -> sqlite3.Connection:
    link = sqlite3.connect(":memory:")
    link.execute("CREATE VIRTUAL TABLE peer USING fts5(title, tokenize = 'trigram')")
    rows = SearchDocument.objects.filter(kind="request").values_list("title")
    link.executemany("INSERT INTO peer (title) VALUES (?)", rows.iterator())
    return link


def _by_fts5(link: sqlite3.Connection, text: str) -> list[str]:
    question = '"' + text.replace('"', '""') + '"'
    query = "SELECT title FROM peer WHERE peer MATCH ? ORDER BY bm25(peer) LIMIT ?"
    return [title for (title,) in link.execute(query, [question, FIRST])]
