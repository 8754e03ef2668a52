"""The part of a text that shows why it was found, as pieces: the face marks them, so no markup is ever trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from guiyang_data.search.words import Term

WIDTH = 90
"""Characters of a snippet."""
LEAD = 20
"""Characters shown before the first word that was found."""


class Piece(NamedTuple):
    """A run of text; ``is_marked`` where it is a word that was looked for."""

    text: str
    is_marked: bool = False


def marked(text: str, asked: Sequence[Term]) -> tuple[Piece, ...]:
    """The whole text in pieces."""
    return tuple(_pieces(text, _pattern(asked)))


def snippet_of(summary: str, body: str, asked: Sequence[Term]) -> tuple[Piece, ...]:
    """The place of the summary, or else of the body, where the first of the words stands; without one the beginning."""
    pattern = _pattern(asked)
    for text in (summary, body):
        flat = " ".join(text.split())
        found = pattern.search(flat) if pattern else None
        if found:
            return tuple(_pieces(_window(flat, found.start()), pattern))
    return tuple(_pieces(_window(" ".join((summary or body).split()), 0), None))


def _window(text: str, place: int) -> str:
    start = max(0, place - LEAD)
    end = start + WIDTH
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _pattern(asked: Sequence[Term]) -> re.Pattern[str] | None:
    words = {word for term in asked for word in (term.word, *term.pairs)}
    if not words:
        return None
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def _pieces(text: str, pattern: re.Pattern[str] | None) -> Iterator[Piece]:
    place = 0
    for found in pattern.finditer(text) if pattern else ():
        if found.start() > place:
            yield Piece(text[place : found.start()])
        yield Piece(found.group(), is_marked=True)
        place = found.end()
    if place < len(text):
        yield Piece(text[place:])
