"""The text of the regulation, for the law map."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXT = Path(__file__).parent / "data" / "regulation.json"


@dataclass(frozen=True, kw_only=True)
class ArticleText:
    """One article: its number as cited (``第二十一条``), its place among all (21), and its paragraphs and items."""

    number: str
    ordinal: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One chapter with its articles."""

    number: str
    title: str
    articles: tuple[ArticleText, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """The seven chapters with all thirty-three articles."""
    content = json.loads(TEXT.read_text(encoding="utf-8"))
    made: list[Chapter] = []
    ordinal = 0
    for chapter in content["chapters"]:
        articles: list[ArticleText] = []
        for article in chapter["articles"]:
            ordinal += 1
            articles.append(
                ArticleText(number=article["number"], ordinal=ordinal, paragraphs=tuple(article["paragraphs"]))
            )
        made.append(Chapter(number=chapter["number"], title=chapter["title"], articles=tuple(articles)))
    return tuple(made)


@cache
def history() -> str:
    """When the regulation was adopted, approved and amended."""
    return str(json.loads(TEXT.read_text(encoding="utf-8"))["history"])
