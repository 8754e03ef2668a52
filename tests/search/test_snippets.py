"""The marked text beside a result."""

from __future__ import annotations

from guiyang_data.search.snippets import Piece, marked, snippet_of
from guiyang_data.search.words import terms


def test_looked_for_words_are_marked_whatever_their_case() -> None:
    # when
    pieces = marked("贵阳市GDP统计", terms("gdp 统计"))

    # then
    assert pieces == (Piece("贵阳市"), Piece("GDP", is_marked=True), Piece("统计", is_marked=True))


def test_a_snippet_shows_the_place_of_the_word() -> None:
    # given
    body = "甲" * 300 + "公交线路" + "乙" * 300

    # when
    text = "".join(piece.text for piece in snippet_of("没有该词", body, terms("公交")))

    # then
    assert "公交线路" in text
    assert text.startswith("…")
    assert text.endswith("…")
    assert len(text) < 100


def test_without_the_word_the_snippet_is_the_beginning_of_the_summary() -> None:
    # when
    pieces = snippet_of("全市停车场名单", "正文", terms("公交"))

    # then
    assert pieces == (Piece("全市停车场名单"),)
