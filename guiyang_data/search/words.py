"""Words of a text, for filling the index and for asking it: the same cut on SQLite and on PostgreSQL.

Word cutting alone loses matches: the same characters are cut differently in a title and in a question.
So every Chinese run is kept twice, as the words ``rjieba`` finds in it and as its pairs of neighbouring
characters. A question's longer word is then found by itself or by all of its pairs; a single character
is found as the beginning of a pair (the last character of a run stands alone for that).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rjieba

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
HAN_RUN = re.compile(rf"[{HAN}]+")
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
LONGEST_QUESTION = 200
"""Characters of a question that are looked at; the rest is cut off."""
MOST_TERMS = 16
LONGEST_TOKEN = 60
"""Characters of one Latin word or number; what is longer is cut, in the index and in the question alike."""
LONGEST_TEXT = 40_000
"""Characters of one text that are indexed: PostgreSQL keeps at most one megabyte of tokens for a document."""
EMPTY_WORDS = frozenset(
    "的 了 和 与 及 或 在 是 有 我 你 您 要 想 请 吗 呢 把 被 对 从 为 等 个 这 那 "
    "想要 需要 我要 我想 请问 一下 哪里 怎么 如何 什么 有没有 关于 相关 有关 查询 下载".split()
)
"""Words that say nothing about what is looked for; they are dropped from a question that has others."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One word of a question. ``pairs``: its neighbouring characters, where it has more than two."""

    word: str
    pairs: tuple[str, ...] = ()
    is_prefix: bool = False


def normalised(text: str) -> str:
    """The text in one form: full-width letters and digits as half-width, capitals as small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """All tokens under which a text is found, in order; a token may come more than once."""
    return [token for run in RUN.findall(normalised(text[:LONGEST_TEXT])) for token in _run_tokens(run)]


def terms(question: str, *, is_typing: bool = False) -> tuple[Term, ...]:
    """The words of a question, each once, in order; empty for a question without letters or digits.

    ``is_typing``: the last word may still be unfinished and stands for all words that begin with it.
    """
    words = list(dict.fromkeys(question_words(question[:LONGEST_QUESTION])))
    telling = [word for word in words if word not in EMPTY_WORDS] or words
    kept = telling[:MOST_TERMS]
    return tuple(term_of(word, is_prefix=is_typing and word == kept[-1]) for word in kept)


def joined(words: Iterable[str]) -> str:
    """Words as one text, a space only where two are not both Chinese: the same however a person spaced them."""
    return BETWEEN_HAN.sub("", " ".join(words))


def _run_tokens(run: str) -> Iterator[str]:
    if not HAN_RUN.fullmatch(run):
        yield run[:LONGEST_TOKEN]
        return
    cut = [word for word in rjieba.cut_for_search(run) if len(word) > 1]
    yield from cut
    seen = set(cut)
    yield from (pair for pair in _pairs(run) if pair not in seen)
    yield run[-1]


def question_words(question: str) -> Iterator[str]:
    """The words of a text in order, as they are cut; a word may come more than once."""
    for run in RUN.findall(normalised(question)):
        if HAN_RUN.fullmatch(run):
            yield from rjieba.cut(run)
        else:
            yield run[:LONGEST_TOKEN]


def term_of(word: str, *, is_prefix: bool = False) -> Term:
    """A word as it is asked for."""
    is_han = HAN_RUN.fullmatch(word) is not None
    if is_han and len(word) == 1:
        return Term(word=word, is_prefix=True)
    return Term(word=word, pairs=_pairs(word) if is_han and len(word) > 2 else (), is_prefix=is_prefix)


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(run[place : place + 2] for place in range(len(run) - 1))
