"""Finding in the index: the same answers on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from guiyang_data.search import selectors, services
from guiyang_data.search.models import IndexRow, SearchDocument
from tests.factories.search import UPDATED_AT, indexed

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]


def keys(text: str, **scope: object) -> list[str]:
    return [hit.key for hit in selectors.find(text, **scope).hits]


@pytest.mark.parametrize(
    "question",
    [
        "公交",
        "车辆",
        "位置",
        "交车",
        "时位",
        "贵阳市",
        "公交车辆",
        "实时 公交",
        "置",
        "贵",
        "市",
        "\uff27\uff30\uff33",
        "gps",
        "2026",
    ],
)
def test_every_part_of_a_title_is_found(question: str) -> None:
    # given
    indexed("贵阳市公交车辆实时位置 GPS 2026", key="bus")
    indexed("民宿备案名单", key="inn")

    # then
    assert keys(question) == ["bus"]


@pytest.mark.parametrize("question", ["医院", "站点", "2025", "公园", "Ω"])
def test_what_is_not_there_is_not_found(question: str) -> None:
    # given
    indexed("贵阳市公交车辆实时位置 GPS 2026")

    # when
    results = selectors.find(question)

    # then
    assert results.total == 0
    assert results.is_missed


@pytest.mark.parametrize(
    "question",
    [
        '公交"',
        "'公交",
        "公交*",
        "公交 OR",
        "title:公交",
        "-公交",
        "公交 AND (",
        "公交 & !",
        "公交\\",
        "公交:*",
        "%公交_",
        "公交\x00",
    ],
)
def test_signs_of_a_query_language_are_only_signs(question: str) -> None:
    # given
    indexed("公交线路", key="line")

    # then
    assert keys(question) == ["line"]


def test_a_word_in_the_title_counts_more_than_one_in_the_body() -> None:
    # given
    indexed("年度统计公报", key="body", body="其中提到停车场。" * 3)
    indexed("停车场名单", key="title")
    indexed("城市设施", key="summary", summary="含停车场")

    # then
    assert keys("停车场") == ["title", "summary", "body"]


def test_the_weight_its_owner_gives_lifts_a_document() -> None:
    # given
    indexed("停车场名单", key="usual")
    indexed("停车场名册", key="lifted", weight=3.0)

    # then
    assert keys("停车场") == ["lifted", "usual"]


def test_without_a_document_that_has_all_words_those_with_some_are_shown_and_it_counts_as_missed() -> None:
    # given
    indexed("公交线路", key="line")
    indexed("医院名单", key="hospital")

    # when
    results = selectors.find("公交 换乘")

    # then
    assert [hit.key for hit in results.hits] == ["line"]
    assert results.is_partial
    assert results.is_missed


def test_what_is_not_public_is_found_only_by_its_own_agency_and_by_those_who_supervise() -> None:
    # given
    indexed("公交公开", key="open", agency_code="A")
    indexed("公交内部", key="own", agency_code="B", is_public=False)
    indexed("公交他局", key="other", agency_code="C", is_public=False)

    # then
    assert keys("公交") == ["open"]
    assert set(keys("公交", own_agencies=["B"])) == {"open", "own"}
    assert set(keys("公交", public_only=False)) == {"open", "own", "other"}
    assert keys("") == ["open"]
    assert [hit.key for hit in selectors.suggest("公交")] == ["open"]


def test_kinds_agencies_and_facets_narrow_the_results() -> None:
    # given
    indexed("公交线路", key="a", agency_code="A", facets={"field": "交通", "year": 2025, "has_api": True})
    indexed("公交站点", key="b", agency_code="B", facets={"field": "城建", "year": 2026, "has_api": False})
    indexed("公交新闻", key="c", kind="news", agency_code="A", facets={})

    # then
    assert set(keys("公交", kinds=["dataset"])) == {"a", "b"}
    assert set(keys("公交", filters={"agency_code": "A"})) == {"a", "c"}
    assert keys("公交", filters={"field": "城建"}) == ["b"]
    assert keys("公交", filters={"year": 2025}) == ["a"]
    assert keys("公交", filters={"has_api": True}) == ["a"]
    assert set(keys("公交", filters={"field": ["交通", "城建"]})) == {"a", "b"}
    assert keys("", filters={"field": ["交通"], "agency_code": ""}) == ["a"]


@pytest.mark.parametrize("name", ["field__regex", "FIELD", "x'--", ""])
def test_only_a_plain_name_is_a_facet(name: str) -> None:
    # then
    with pytest.raises(ValueError, match="facet"):
        selectors.find("公交", filters={name: "x"})


def test_an_empty_question_lists_the_newest_first_and_misses_nothing() -> None:
    # given
    indexed("旧", updated_at=UPDATED_AT)
    indexed("新", updated_at=UPDATED_AT + dt.timedelta(days=1))

    # when
    results = selectors.find(" ")

    # then
    assert [hit.key for hit in results.hits] == ["新", "旧"]
    assert not results.is_missed


def test_pages_do_not_overlap_and_cost_the_same_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    # given
    for number in range(30):
        indexed(f"公交{number}路")

    # when
    with django_assert_num_queries(2):
        first = selectors.find("公交", limit=5)
    with django_assert_num_queries(2):
        rest = selectors.find("公交", offset=5, limit=100)

    # then
    assert first.total == rest.total == 30
    assert len({hit.key for hit in first.hits + rest.hits}) == 30


def test_indexing_again_replaces_what_was_found_before() -> None:
    # given
    indexed("公交线路", key="one", facets={"field": "交通"})

    # when
    indexed("医院名单", key="one", is_public=False)

    # then
    document = SearchDocument.objects.get()
    assert keys("公交", public_only=False) == []
    assert keys("医院", public_only=False) == ["one"]
    assert (document.is_public, document.facets) == (False, {})


def test_removing_takes_the_tokens_along_and_may_be_repeated() -> None:
    # given
    indexed("公交线路", key="one")
    indexed("公交站点", key="two")

    # when
    services.remove("dataset", "one")
    services.remove("dataset", "one")

    # then
    assert keys("公交") == ["two"]
    assert IndexRow.objects.count() == 1


def test_a_very_long_text_is_indexed_without_an_error() -> None:
    # given
    signs = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(120_000))

    # when
    indexed("长文", key="long", body="停车场" + signs + "x" * 5000)

    # then
    assert keys("停车场") == ["long"]


def test_titles_are_suggested_while_the_last_word_is_unfinished() -> None:
    # given
    indexed("停车场名单", key="park")
    indexed("parking lots", key="latin")
    indexed("城市概况", key="body", body="停车场")

    # then
    assert [hit.key for hit in selectors.suggest("停")] == ["park"]
    assert [hit.key for hit in selectors.suggest("停车场名")] == ["park"]
    assert [hit.key for hit in selectors.suggest("par")] == ["latin"]
    assert selectors.suggest("") == ()


def test_a_hit_carries_its_marked_title_and_snippet() -> None:
    # given
    indexed("公交线路", key="line", summary="全市公交线路和站点", agency_code="A", facets={"field": "交通"})

    # when
    (hit,) = selectors.find("公交").hits

    # then
    assert [tuple(piece) for piece in hit.title_pieces] == [("公交", True), ("线路", False)]
    assert [piece.text for piece in hit.snippet if piece.is_marked] == ["公交"]
    assert (hit.kind, hit.url, hit.agency_code, hit.facets["field"]) == ("dataset", "/data/line/", "A", "交通")
