"""What an address asks of a data set's rows."""

from __future__ import annotations

import pytest

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.query import BadFilter, Filter, UnknownColumn
from opendata.querying import conditions, listed, sorting, whole

COLUMNS = [
    Column(name="站点", code="station", data_type=DataType.TEXT),
    Column(name="PM2.5", code="pm25", data_type=DataType.INTEGER),
    Column(name="排序", code="sort", data_type=DataType.TEXT),
]


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("station", "云岩", Filter("station", "eq", "云岩")),
        ("station", ">云岩", Filter("station", "eq", ">云岩")),
        ("station__contains", "岩", Filter("station", "contains", "岩")),
        ("pm25", "35", Filter("pm25", "eq", "35")),
        ("pm25", ">=35", Filter("pm25", "ge", "35")),
        ("pm25", "≤ 35", Filter("pm25", "le", "35")),
        ("pm25__lt", "35", Filter("pm25", "lt", "35")),
        ("pm25__in", "1, 2,,3", Filter("pm25", "in", ["1", "2", "3"])),
        ("sort__eq", "甲", Filter("sort", "eq", "甲")),
    ],
)
def test_each_test_has_its_words(parameter: str, value: str, expected: Filter) -> None:
    assert [one.filter for one in conditions({parameter: value}, COLUMNS)] == [expected]


def test_empty_and_reserved_parameters_do_not_filter() -> None:
    assert conditions({"station": " ", "sort": "-pm25", "page": "2", "limit": "5"}, COLUMNS) == []


def test_a_field_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownColumn, match="ghost"):
        conditions({"ghost": "1"}, COLUMNS)
    with pytest.raises(UnknownColumn, match="ghost"):
        sorting("pm25,-ghost", COLUMNS)


def test_an_operator_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadFilter, match="like"):
        conditions({"station__like": "x"}, COLUMNS)


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "１"])  # noqa: RUF001
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        whole(text, name="limit", default=1)


def test_a_number_has_its_bound_and_its_default() -> None:
    assert whole("", name="limit", default=7) == 7
    assert whole("10", name="limit", default=7, most=10) == 10
    with pytest.raises(BadFilter, match="10"):
        whole("11", name="limit", default=7, most=10)


def test_sorting_keeps_the_order_of_the_address() -> None:
    assert sorting("-pm25, station", COLUMNS) == ["-pm25", "station"]
    assert listed(" a,,b ") == ["a", "b"]
