"""One material, however it is written; and how alike two names are."""

from __future__ import annotations

import pytest

from sharing.materials.matching import ITEM, TITLE, Offers
from sharing.materials.naming import key_of, likeness, plain_name
from sharing.services.materials.import_words import as_form


@pytest.mark.parametrize(
    "label",
    [
        "居民身份证",
        "居民身份证（原件及复印件）1份",
        "居民身份证 复印件",
        "居民身份证原件2份",
        "　居民身份证（加盖公章）【必要】",
        "居民身份证的复印件",
    ],
)
def test_a_material_is_one_however_it_is_written(label: str) -> None:
    assert key_of(label) == "居民身份证"


@pytest.mark.parametrize("label", ["申请人居民身份证", "居民身份证办理回执", "户口簿"])
def test_another_material_is_another(label: str) -> None:
    assert key_of(label) != "居民身份证"


@pytest.mark.parametrize("label", ["（原件）", "1份", "()", "复印件", "A4"])
def test_a_name_is_never_empty(label: str) -> None:
    assert key_of(label)


def test_long_names_of_brackets_cost_nothing() -> None:
    assert len(key_of("(" * 100_000 + "一" * 100_000)) <= 200


def test_names_that_share_what_tells_are_alike() -> None:
    assert likeness("婚姻状况证明", "婚姻登记核验") > 0.5
    assert likeness("医疗机构执业许可证", "医疗机构基本信息") > 0.5
    assert likeness("道路运输从业资格证", "婚姻登记核验") == 0


def test_a_title_counts_for_more_than_an_item() -> None:
    # given
    offers = Offers()
    offers.add(1, ["低保对象家庭成员", "名册"], ITEM)
    offers.add(2, ["低保对象"], TITLE)
    offers.add(3, ["特困人员"], TITLE)
    # then
    assert offers.like("低保对象证明") == {2: 1.0, 1: 0.6}
    assert list(offers.like("低保对象证明", "特困人员证")) == [2, 3, 1]


def test_of_titles_that_hold_a_name_the_shortest_comes_first_and_no_more_than_three() -> None:
    offers = Offers()
    offers.add(1, ["道路运输证年审记录表"], TITLE)
    for number in range(2, 7):
        offers.add(number, ["道路运输证"], TITLE)
    assert list(offers.like("道路运输证")) == [2, 3, 4]


def test_the_name_to_show_has_no_copies_and_forms() -> None:
    assert plain_name("最低生活保障证明（原件）") == "最低生活保障证明"
    assert plain_name("PM2.5 检测报告 复印件2份") == "PM2.5 检测报告"
    assert plain_name("（原件）") == "（原件）"


def test_the_form_of_a_long_cell_is_none_and_costs_nothing() -> None:
    assert as_form("原件及复印件各一份") == "both"
    assert as_form("原件" * 1_000_000) is None
