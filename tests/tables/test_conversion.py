# ruff: noqa: RUF001, DTZ001, S608 - full-width forms, wall times and SQL are what is tested here
"""What a cell may look like for each data type, and what it becomes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.conversion import add_guard, clean, guarded, strip_guard, typed


def convert(text: str, data_type: DataType) -> object:
    with duckdb.connect(":memory:") as connection:
        connection.register("cells", pa.table({"t": clean(pa.array([text]), data_type)}))
        sql = f"SELECT {typed('t', data_type)} FROM cells"
        return connection.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023-5-12", date(2023, 5, 12)),
        ("2023/5/12", date(2023, 5, 12)),
        ("2023.05.12", date(2023, 5, 12)),
        ("2023年5月12日", date(2023, 5, 12)),
        ("20230512", date(2023, 5, 12)),
        ("２０２３－０５－１２", date(2023, 5, 12)),
        ("2023-05-12 00:00:00", date(2023, 5, 12)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("2023-05-12 10:00", None),
        ("2023-13-01", None),
        ("2023-5/12", None),
        ("45058", None),
        ("—", None),
    ],
)
def test_dates_are_read_in_every_usual_style_and_never_rolled_over(text, value):
    assert convert(text, DataType.DATE) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023-05-12 10:00:00", datetime(2023, 5, 12, 10)),
        ("2023-5-12 9:05", datetime(2023, 5, 12, 9, 5)),
        ("2023-05-12T10:00:00.250", datetime(2023, 5, 12, 10, 0, 0, 250000)),
        ("2023年5月12日9时5分", datetime(2023, 5, 12, 9, 5)),
        ("2023年5月12日 9时5分30秒", datetime(2023, 5, 12, 9, 5, 30)),
        ("2023年5月12日 9时", datetime(2023, 5, 12, 9)),
        ("20230512103000", datetime(2023, 5, 12, 10, 30)),
        ("2023/5/12", datetime(2023, 5, 12)),
        ("2023-05-12T02:00:00Z", datetime(2023, 5, 12, 10)),
        ("2023-05-12T10:00:00+08:00", datetime(2023, 5, 12, 10)),
        ("2023-05-12T10:00:00+0530", datetime(2023, 5, 12, 12, 30)),
        ("2023-05-12 10:00:00-05:00", datetime(2023, 5, 12, 23)),
        ("2023-05-12 24:00:00", None),
        ("2023-05-12 10:61", None),
        ("2023-02-30 10:00", None),
    ],
)
def test_times_are_the_wall_time_of_shanghai(text, value):
    assert convert(text, DataType.DATETIME) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        ("1,234,567.5", 1234567.5),
        ("１２．５", 12.5),
        ("-3", -3.0),
        ("1e3", 1000.0),
        ("0.1", 0.1),
        ("1,23", None),
        ("140~150", None),
        ("12345678901234567890", None),
        ("1e999", None),
        ("NaN", None),
        ("-", None),
        ("511.932万元", None),
    ],
)
def test_numbers_are_read_as_typed_or_not_at_all(text, value):
    assert convert(text, DataType.NUMBER) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200.5", Decimal("1200.50")),
        ("1,200.50", Decimal("1200.50")),
        ("1200.500", Decimal("1200.50")),
        ("999999999999999999.99", Decimal("999999999999999999.99")),
        ("1200.505", None),
        ("1000000000000000000000", None),
        ("297000元", None),
    ],
)
def test_money_is_exact_and_never_rounded(text, value):
    assert convert(text, DataType.MONEY) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("123", 123),
        ("1,234", 1234),
        ("123.0", 123),
        ("+5", 5),
        ("9223372036854775807", 2**63 - 1),
        ("1.5", None),
        ("9223372036854775808", None),
    ],
)
def test_whole_numbers_stay_whole(text, value):
    assert convert(text, DataType.INTEGER) == value


@pytest.mark.parametrize(("text", "value"), [("是", True), ("否", False), ("TRUE", True), ("0", False), ("有", None)])
def test_logical_words(text, value):
    assert convert(text, DataType.BOOLEAN) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("　张　三 ", "张　三"),
        ("-", "-"),
        ("NaN", "NaN"),
        ("００７", "００７"),
        (" \u3000", None),
        ("'=1+1", "=1+1"),
        ("'tis", "'tis"),
    ],
)
def test_text_keeps_itself_but_for_outer_blanks_and_the_guard(text, value):
    assert convert(text, DataType.TEXT) == value


@pytest.mark.parametrize("text", ["=1+1", "+86138", "-5", "@x", "＝1", "＋1", "－1", "＠x", "'=1", "''-5"])
def test_the_guard_goes_on_and_off_alike_in_python_and_sql(text):
    with duckdb.connect(":memory:") as connection:
        in_sql = connection.execute(f"SELECT {guarded('raw')} FROM (SELECT ?::VARCHAR AS raw)", [text]).fetchall()[0][0]

    assert add_guard(text) == in_sql == "'" + text
    assert strip_guard(in_sql) == text == convert(in_sql, DataType.TEXT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "c 1"},
        {"code": "_row"},
        {"code": 'c"; drop'},
        {"pattern": "(?=x)"},
        {"pattern": "["},
        {"data_type": DataType.TEXT, "minimum": 1},
        {"data_type": "X"},
    ],
)
def test_a_column_that_cannot_work_is_refused_when_it_is_made(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - the enum's own message and ours
        Column(**{"name": "项", "code": "c1", "data_type": DataType.NUMBER, **wrong})


def test_every_data_type_has_the_guides_letter_and_label():
    assert {kind.value: kind.label for kind in DataType} == {
        "C": "字符型",
        "N": "数值型",
        "Y": "货币型",
        "D": "日期型",
        "T": "日期时间型",
        "L": "逻辑型",
        "M": "备注型",
        "G": "通用型",
        "B": "双精度型",
        "I": "整型",
        "F": "浮点型",
    }
