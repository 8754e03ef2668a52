"""Dates, numbers and citations, in the one form every page shows them in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template

from guiyang_data.faces import articles, text
from guiyang_data.faces.rendering import ManyFilesField
from guiyang_data.faces.templatetags import portal


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十三", 13),
        ("二十", 20),
        ("二十一", 21),
        ("一百零一", 101),
        ("一千二百六十", 1260),
        ("21", 21),
    ],
)
def test_a_chinese_numeral_becomes_its_number(numeral: str, number: int) -> None:
    assert articles.chinese_number(numeral) == number


def test_what_is_no_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        articles.chinese_number("甲")


@pytest.mark.parametrize(
    ("citation", "address"),
    [
        ("第二十一条第一款", "/law/#a21"),
        ("第三十条第（六）项", "/law/#a30"),
        ("贵阳市政府数据共享开放条例第十五条第二款", "/law/#a15"),
        ("《贵阳市政府数据共享开放条例》第四条", "/law/#a4"),
        ("民法典第二百零一条", ""),
        ("《中华人民共和国政府信息公开条例》第三十三条", ""),
        ("内部约定", ""),
    ],
)
def test_only_an_article_of_the_regulation_leads_to_the_law_map(citation: str, address: str) -> None:
    assert articles.law_map_address(citation) == address


def test_the_article_tag_leaves_out_the_name_of_the_regulation_and_keeps_that_of_others() -> None:
    assert portal.article_tag("贵阳市政府数据共享开放条例第四条") == '<a class="article" href="/law/#a4">第四条</a>'
    assert portal.article_tag("民法典第二百零一条") == '<span class="article">民法典第二百零一条</span>'
    assert portal.article_tag(None) == ""


def test_an_instant_is_shown_on_the_wall_clock_of_guiyang() -> None:
    just_before_midnight_in_london = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)
    assert portal.zh_date(just_before_midnight_in_london) == "11月25日（周三）"
    assert portal.zh_datetime(just_before_midnight_in_london) == "11月25日 07:30"
    assert portal.zh_datetime(just_before_midnight_in_london, "year") == "2026年11月25日 07:30"


def test_a_day_is_shown_with_its_weekday() -> None:
    assert portal.zh_date(dt.date(2026, 10, 10)) == "10月10日（周六）"
    assert portal.zh_date(dt.date(2027, 1, 4), "year") == "2027年1月4日（周一）"
    assert portal.zh_datetime(dt.date(2026, 11, 18)) == "11月18日（周三）"
    assert portal.zh_date(None) == ""


@pytest.mark.parametrize(("size", "words"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (13_002_342, "12.4 MB")])
def test_a_size_is_shown_in_the_unit_that_reads_best(size: int, words: str) -> None:
    assert portal.file_size(size) == words


def test_numbers_are_grouped_but_the_cells_of_a_table_are_not() -> None:
    assert portal.thousands(788412) == "788,412"
    assert portal.thousands(Decimal("1234.50")) == "1,234.50"
    assert portal.thousands(None) == ""
    assert portal.cell_text(520100) == "520100"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (0, "0"),
        (0.1, "0.1"),
        (True, "是"),
        (dt.date(2026, 1, 4), "2026-01-04"),
        (dt.datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("Asia/Shanghai")), "2026-11-23 08:00"),
        (dt.datetime(2026, 11, 23, 0, 0, 5, tzinfo=dt.UTC), "2026-11-23 08:00:05"),
    ],
)
def test_a_cell_shows_its_value_as_it_is(value: object, words: str) -> None:
    assert portal.cell_text(value) == words


def test_zero_is_a_value_and_nothing_is_not() -> None:
    assert [portal.or_unfilled(value) for value in (0, "", None, False)] == [0, "未填写", "未填写", False]


def test_progress_never_passes_a_hundred_and_is_nothing_without_a_total() -> None:
    assert [portal.percent_of(*pair) for pair in ((1, 3), (4, 3), (None, 3), (1, None))] == [33, 100, 0, 0]


def test_a_wait_is_told_in_whole_minutes_rounded_up() -> None:
    assert portal.minutes(dt.timedelta(minutes=15)) == 15
    assert portal.minutes(dt.timedelta(seconds=61)) == 2


def test_the_tags_are_there_without_loading_them() -> None:
    drawn = Template("{{ day|zh_date }} {% article_tag '第四条' %} {{ 1234|thousands }}").render(Context({"day": None}))
    assert "第四条" in drawn
    assert drawn.endswith("1,234")


def test_several_attachments_come_as_a_list_and_a_required_field_refuses_none() -> None:
    from_nobody = ManyFilesField(required=False)
    assert from_nobody.clean([]) == []
    assert from_nobody.clean(None) == []


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "刚刚"), (20, "20 分钟前"), (60, "1 小时前"), (1439, "23 小时前"), (1440, "1 天前"), (10_079, "6 天前")],
)
def test_how_long_ago_is_said_in_the_largest_unit(minutes: int, words: str) -> None:
    now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    assert text.ago(now - dt.timedelta(minutes=minutes), now=now) == words


def test_from_a_week_on_the_date_is_said() -> None:
    now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    assert text.ago(now - dt.timedelta(days=8), now=now) == "11月15日"
    assert text.ago(dt.datetime(2025, 12, 31, 20, tzinfo=dt.UTC), now=now) == "1月1日"
    assert text.ago(dt.datetime(2025, 12, 30, 20, tzinfo=dt.UTC), now=now) == "2025年12月31日"
