"""How texts are cut."""

from __future__ import annotations

import pytest

from guiyang_data.search.words import LONGEST_TOKEN, MOST_TERMS, terms, tokens


def test_a_chinese_run_is_kept_as_words_as_pairs_and_with_its_last_character() -> None:
    # when
    found = tokens("停车场")

    # then
    assert {"停车场", "停车", "车场", "场"} <= set(found)


def test_full_width_signs_and_capitals_are_found_as_plain_ones() -> None:
    # then
    assert tokens("\uff27\uff24\uff30 \uff12\uff10\uff12\uff16") == ["gdp", "2026"]
    assert [term.word for term in terms("GDP")] == ["gdp"]


@pytest.mark.parametrize("question", ["", "   ", "，。；", "\"' * : & | ! ( )", "\x00"])
def test_a_question_without_letters_or_digits_has_no_terms(question: str) -> None:
    # then
    assert terms(question) == ()


def test_no_token_carries_a_sign_that_a_query_language_could_read() -> None:
    # when
    found = tokens("a\"b'c*d:e(f)g&h|i!j\\k-l_m 公交\"名单'")

    # then
    assert all(token.isalnum() for token in found)


def test_words_that_say_nothing_are_dropped_beside_others_and_kept_alone() -> None:
    # then
    assert [term.word for term in terms("我想要公交数据")] == ["公交", "数据"]
    assert [term.word for term in terms("查询")] == ["查询"]


def test_a_single_character_stands_for_all_pairs_that_begin_with_it() -> None:
    # when
    (term,) = terms("水")

    # then
    assert term.is_prefix
    assert term.pairs == ()


def test_only_the_last_word_is_unfinished_while_typing() -> None:
    # when
    found = terms("公交 gd", is_typing=True)

    # then
    assert [(term.word, term.is_prefix) for term in found] == [("公交", False), ("gd", True)]


def test_endless_questions_and_words_are_cut() -> None:
    # when
    many = terms(" ".join(f"w{number}" for number in range(200)))
    (long,) = terms("x" * 1000)

    # then
    assert len(many) == MOST_TERMS
    assert long.word == "x" * LONGEST_TOKEN
    assert tokens("x" * 1000) == [long.word]
