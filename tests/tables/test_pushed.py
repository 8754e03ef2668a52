"""Rows as systems push them: three formats, and what is turned away before anything is received."""

from __future__ import annotations

import pytest

from guiyang_data.tables.pushed import Unreadable, read_pushed


def test_json_keeps_every_digit_of_a_number() -> None:
    # when
    read = read_pushed(b'{"rows": [{"id": 520102199003074518, "amount": 12.50, "on": true, "note": null}]}', "json")

    # then
    assert read.header == ("id", "amount", "on", "note")
    assert list(read.rows) == [["520102199003074518", "12.50", "true", ""]]


def test_json_may_be_the_rows_alone_or_say_more_of_them() -> None:
    assert list(read_pushed(b'[{"a": "1"}]', "json").rows) == [["1"]]
    assert read_pushed(b'{"mode": "append", "rows": [{"a": "1"}]}', "json").said == {"mode": "append"}


def test_rows_that_name_different_items_are_not_uniform() -> None:
    # when
    read = read_pushed(b'[{"a": "1"}, {"b": "2"}]', "json")

    # then
    assert (read.header, list(read.rows), read.uniform) == (("a", "b"), [["1", ""], ["", "2"]], False)


def test_lines_of_json_are_numbered_as_they_stand() -> None:
    assert tuple(read_pushed(b'{"a": 1}\n\n{"a": 2}\n', "ndjson").lines) == (1, 3)


def test_csv_rows_are_numbered_by_the_line_they_begin_on() -> None:
    # when
    read = read_pushed('\ufeff编号,备注\n1,"两\n行"\n\n2,b\n'.encode(), "csv")

    # then
    assert (read.header, list(read.rows), list(read.lines)) == (("编号", "备注"), [["1", "两\n行"], ["2", "b"]], [2, 5])


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b'{"rows": [{"a": 1}', "json", "第 1 行第"),
        (b'{"rows": [{"a": NaN}]}', "json", "NaN"),
        (b'[{"a": 1, "a": 2}]', "json", "重名"),
        (b'[{"a": {"b": 1}}]', "json", "“a”是对象"),
        (b'[{"a": [1]}]', "json", "“a”是对象或者数组"),
        (b'["a"]', "json", "第 1 行不是对象"),
        (b'{"data": []}', "json", "没有找到数据行"),
        (b"[]", "json", "没有数据行"),
        (b"", "json", "不是完整的 JSON"),
        (b"\xc4\xe3", "json", "UTF-8"),
        (b'[{"a": "\\ud800"}]', "json", "不成对"),
        (b'[{"a\\u0000": "1"}]', "json", "名称里有零字符"),
        (b'[{"a\\ud800": "1"}]', "json", "名称里有不成对"),
        (b'[{"a": "1"}, {"a": "2\\u0000"}]', "json", "第 2 行有零字符"),
        (b"a\n1\n2\x00\n", "csv", "第 3 行有零字符"),
        (b"[" * 100_000, "json", "JSON"),
        (b'{"a": 1}\n{"a": ', "ndjson", "第 2 行"),
        (b"a,b\n1\n", "csv", "第 2 行有 1 列"),
        (b'a,b\n1,"2\n', "csv", "第 2 行"),
        (b"a,b\n", "csv", "没有数据行"),
    ],
)
def test_what_holds_no_rows_is_turned_away_with_the_place(content: bytes, kind: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_pushed(content, kind)
