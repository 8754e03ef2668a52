"""Unmet demand is counted; the index can be filled anew."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from guiyang_data.search import registry, selectors, services
from guiyang_data.search.models import SearchMiss
from guiyang_data.search.registry import Document
from tests.factories.search import UPDATED_AT, indexed

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]
DAY = dt.date(2026, 3, 2)


def document(key: str, title: str) -> Document:
    return Document(kind="trial", key=key, title=title, url=f"/{key}/", is_public=True, updated_at=UPDATED_AT)


@pytest.fixture
def trial_kind() -> Iterator[list[Document]]:
    """A kind whose documents stand in the list; registered for one test."""
    documents: list[Document] = []
    registry.register("trial", lambda: list(documents))
    yield documents
    registry._kinds.pop("trial")


def test_the_same_words_in_vain_are_one_record_a_day_with_their_number() -> None:
    # when
    for text in ("充电桩 分布", "  充电桩　分布 ", "充电桩分布"):
        services.record_miss(text=text, on=DAY)
    services.record_miss(text="充电桩 分布", on=DAY + dt.timedelta(days=1))

    # then
    assert selectors.misses(since=DAY, until=DAY) == [("充电桩分布", 3)]
    assert selectors.misses(since=DAY, until=DAY + dt.timedelta(days=1)) == [("充电桩分布", 4)]


@pytest.mark.parametrize("text", ["13800138000", "520102199001011234", "someone@example.cn 公交", "，。", ""])
def test_what_may_name_a_person_or_nothing_is_not_kept(text: str) -> None:
    # when
    services.record_miss(text=text, on=DAY)

    # then
    assert SearchMiss.objects.count() == 0


def test_a_long_number_is_left_out_of_the_words_that_are_kept() -> None:
    # when
    services.record_miss(text="社保 520102199001011234", on=DAY)

    # then
    assert SearchMiss.objects.get().words == "社保"


def test_what_few_persons_typed_is_not_shown() -> None:
    # given
    services.record_miss(text="张三", on=DAY)

    # then
    assert selectors.misses(since=DAY, until=DAY) == []
    assert selectors.misses(since=DAY, until=DAY, at_least=1) == [("张三", 1)]


def test_reindex_adds_updates_and_drops_only_within_its_kind(trial_kind: list[Document]) -> None:
    # given
    indexed("公交其他", key="other")
    trial_kind += [document("stays", "公交旧名"), document("goes", "公交将删")]
    call_command("reindex", "trial", stdout=io.StringIO())

    # when
    trial_kind[:] = [document("stays", "公交新名"), document("comes", "公交新增")]
    out = io.StringIO()
    call_command("reindex", "trial", stdout=out)

    # then
    assert {hit.key for hit in selectors.find("公交").hits} == {"other", "stays", "comes"}
    assert selectors.find("旧名").total == 0
    assert "trial：2 条" in out.getvalue()


def test_reindex_of_an_unknown_kind_names_the_known_ones(trial_kind: list[Document]) -> None:
    # then
    with pytest.raises(CommandError, match="trial"):
        call_command("reindex", "no-such-kind")


def test_a_kind_is_registered_by_one_app_only(trial_kind: list[Document]) -> None:
    # then
    with pytest.raises(ValueError, match="twice"):
        registry.register("trial", list)


def test_more_documents_than_a_batch_are_all_indexed() -> None:
    # when
    count = services.index_many(document(str(number), f"公交{number}") for number in range(services.BATCH + 7))

    # then
    assert count == selectors.find("公交").total == services.BATCH + 7
