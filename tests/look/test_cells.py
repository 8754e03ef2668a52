"""Tables and long lists of choices that are written out in one go say what templates would say."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django import forms
from django.test import SimpleTestCase
from django.utils.safestring import SafeString

from guiyang_data.faces.cells import table_body
from guiyang_data.faces.rendering import PlainSelect

same_html = SimpleTestCase().assertHTMLEqual
COLUMNS = [{"code": "name", "name": "名称"}, {"code": "pm", "name": "PM2.5", "unit": "μg/m³", "numeric": True}]


@dataclass(frozen=True)
class Column:
    code: str
    name: str
    type_label: str


def test_a_row_is_read_by_order_or_by_code() -> None:
    assert table_body([{"pm": 12, "name": "云岩"}], COLUMNS) == table_body([["云岩", 12]], COLUMNS)
    same_html(
        table_body([["云岩", 12]], COLUMNS),
        '<tr><td data-label="名称">云岩</td><td data-label="PM2.5（μg/m³）" class="numeric">12</td></tr>',
    )


@pytest.mark.parametrize("row", [["云岩"], ["云岩", 1, 2]])
def test_a_row_with_more_or_fewer_cells_than_columns_is_a_mistake(row: list[object]) -> None:
    with pytest.raises(ValueError, match="zip"):
        table_body([row], COLUMNS)


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        (None, '<span class="table__none" aria-label="空">—</span>'),
        ("", '<span class="table__none" aria-label="空">—</span>'),
        (0, "0"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ({"text": "<公交>", "url": "/x/?a=1&b=2"}, '<a href="/x/?a=1&amp;b=2">&lt;公交&gt;</a>'),
        ({"text": "公交"}, "公交"),
        ({"text": "公交", "url": ""}, "公交"),
        ("长" * 40, "长" * 40),
        ('"' * 41, f'<span class="cut" tabindex="0" title="{"&quot;" * 41}">{"&quot;" * 41}</span>'),
    ],
)
def test_a_cell_is_a_value_or_a_link_and_never_markup(cell: object, html: str) -> None:
    assert f'<td data-label="名称">{html}</td>' in table_body([[cell, 1]], COLUMNS)


def test_what_is_already_safe_stays_as_it_is() -> None:
    assert "<b>公交</b>" in table_body([[SafeString("<b>公交</b>"), 1]], COLUMNS)


def test_days_are_not_broken_over_two_lines_and_names_are_escaped() -> None:
    shown = table_body([["2026-11-28"]], [Column(code="d", name='"日"', type_label="日期型")])
    assert shown == '<tr><td data-label="&quot;日&quot;" class="nowrap">2026-11-28</td></tr>'


@pytest.mark.parametrize(("second", "kind"), [(None, "nowrap"), ("南明区花果园立交桥南侧", "table__words")])
def test_short_texts_of_data_stay_on_one_line_and_long_ones_have_room(second: str | None, kind: str) -> None:
    shown = table_body([["赵凤兰"], [second]], [Column(code="n", name="姓名", type_label="字符型")])
    assert shown.count(f'<td data-label="姓名" class="{kind}">') == 2


@pytest.mark.parametrize("value", ["", "b", '<"&', None, "not there"])
def test_a_plain_select_draws_what_djangos_draws(value: str | None) -> None:
    choices = [("", "全部"), ("a", "甲"), ("b", "乙 & 丙"), ('<"&', '<"&')]
    attrs = {"id": "id_agency", "class": "input", "required": True}
    same_html(
        PlainSelect(choices=choices).render("agency", value, attrs),
        forms.Select(choices=choices).render("agency", value, attrs),
    )
