"""Answers of interfaces read as a pull says: where rows lie, what fields are called, page after page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog import pulling
from catalog.deadlines import PULLING
from catalog.models import Pull
from catalog.pulling import PullFailed, at, pull
from catalog.services.pulls import plan_of
from guiyang_data.outbound.errors import OutboundRefused
from tests.catalog.pulls.conftest import Served, bus

pytestmark = pytest.mark.django_db

Add = Callable[..., Pull]


def codes(made: Pull) -> list[Any]:
    return [row["线路编号"] for row in pull(plan_of(made)).rows]


def test_fields_are_mapped_to_items_and_others_are_left(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", {"data": {"items": [bus("001"), bus("002", km=None)]}})

    # when
    pulled = pull(plan_of(add(rows_at="/data/items")))

    # then
    assert pulled.rows == [
        {"线路编号": "001", "线路名称": "环线", "长度": "12.5"},
        {"线路编号": "002", "线路名称": "环线", "长度": None},
    ]


def test_rows_are_written_to_a_file_and_none_stays_in_memory(add: Add, served: Served, tmp_path: Path) -> None:
    # given
    for number, rows in enumerate(([bus("1"), bus("2")], [bus("3")]), start=1):
        served.give(f"/v1/routes?page={number}", rows)

    # when
    with (tmp_path / "rows").open("w+b") as written:
        pulled = pull(plan_of(add(paging="page", page_name="page")), into=written)
        lines = [json.loads(line)["线路编号"] for line in pulled.lines()]

    # then
    assert (pulled.rows, pulled.count, pulled.pages) == ([], 3, 2)
    assert lines == ["1", "2", "3"]


def test_pages_by_number_end_with_a_short_one(add: Add, served: Served) -> None:
    # given
    for number, rows in enumerate(([bus("1"), bus("2")], [bus("3"), bus("4")], [bus("5")]), start=1):
        served.give(f"/v1/routes?kind=a&size=2&page={number}", rows)

    # when, then
    made = add(paging="page", page_name="page", size_name="size", page_size=2, query={"kind": "a"})
    assert codes(made) == ["1", "2", "3", "4", "5"]


def test_pages_that_the_other_side_cuts_shorter_than_asked_are_all_taken(add: Add, served: Served) -> None:
    # given a server that gives two rows whatever is asked
    for offset, rows in ((0, [bus("1"), bus("2")]), (2, [bus("3"), bus("4")]), (4, [])):
        served.give(f"/v1/routes?limit=500&offset={offset}", rows)

    # when, then
    assert codes(add(paging="offset", page_name="offset", size_name="limit")) == ["1", "2", "3", "4"]


def test_a_cursor_is_followed_to_its_end(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", {"rows": [bus("1")], "next": 77})
    served.give("/v1/routes?after=77", {"rows": [bus("2"), bus("3")], "next": None})

    # when, then
    made = add(paging="cursor", page_name="after", next_at="/next", rows_at="/rows")
    assert codes(made) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("most", "said"),
    [({"most_pages": 3}, "超过 3 页"), ({"most_rows": 3}, "超过 3 行"), ({"most_bytes": 200}, "超过 0 MB")],
)
def test_pages_without_an_end_are_refused_whole_and_not_cut_short(
    add: Add, served: Served, monkeypatch: pytest.MonkeyPatch, most: dict[str, int], said: str
) -> None:
    # given more pages than one pull takes
    monkeypatch.setattr(pulling, "PULLING", replace(PULLING, **most))
    for number in range(1, 6):
        served.give(f"/v1/routes?page={number}", [bus(str(number))])
    made = add(paging="page", page_name="page")

    # when, then
    with pytest.raises(PullFailed, match=said):
        pull(plan_of(made))
    assert pull(plan_of(made), only=1).count == 1


def test_a_link_to_the_next_page_is_followed_on_the_same_host_alone(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", {"rows": [bus("1")], "links": {"next": "/v1/routes?p=2"}})
    served.give("/v1/routes?p=2", {"rows": [bus("2")], "links": {}})
    made = add(paging="link", next_at="/links/next", rows_at="/rows")
    assert codes(made) == ["1", "2"]

    # when, then
    served.give("/v1/routes?p=2", {"rows": [bus("2")], "links": {"next": "http://elsewhere.example/steal"}})
    with pytest.raises(OutboundRefused):
        codes(made)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"rows": {}}, "不是数据行的数组"),
        ({"rows": [1]}, "不是数据行的数组"),
        (b"<html>", "不是 JSON"),
        ({"rows": [bus("1")], "next": "/v1/routes"}, "已经取过的一页"),
        ({"rows": [bus("1")], "next": {"a": 1}}, "不是文字"),
        ({"rows": [bus("1")], "next": "http://[half"}, "不是地址"),
        (rb'{"rows": [{"no": "\ud800"}], "next": null}', "不成对的编码字符"),
    ],
)
def test_an_answer_that_is_none_of_this_fails_with_what_to_do(
    add: Add, served: Served, answer: object, said: str
) -> None:
    served.give("/v1/routes", answer)
    with pytest.raises(PullFailed, match=said):
        codes(add(paging="link", next_at="/next", rows_at="/rows"))


def test_credentials_are_the_pulls_own_or_the_interfaces(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("1")])

    # when
    codes(add())
    codes(add(header_name="Authorization", header_value="Bearer own"))

    # then
    assert served.asked[0][1]["x-api-key"] == "from-the-interface"
    assert served.asked[1][1]["authorization"] == "Bearer own"
    assert "x-api-key" not in served.asked[1][1]


@pytest.mark.parametrize(
    ("pointer", "found"), [("", {"a": [{"b/c": 1}]}), ("/a/0/b~1c", 1), ("/a/7", None), ("/x/y", None)]
)
def test_pointers_lead_to_values_or_to_nothing(pointer: str, found: object) -> None:
    assert at({"a": [{"b/c": 1}]}, pointer) == found
