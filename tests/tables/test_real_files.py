"""Files as agencies and portals really publish them, each with its trap."""

from __future__ import annotations

import contextlib
import csv
import re
from datetime import date
from pathlib import Path

import pytest

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import LoadResult, load
from guiyang_data.tables.query import Filter, profile, query
from guiyang_data.tables.reading import open_source, sample
from guiyang_data.tables.refusals import LoadRefused

pytestmark = pytest.mark.real_input


def columns_like(path: Path, **options) -> tuple[Column, ...]:
    """Columns as a provider would take them over from the proposal, without bounds on length."""
    guesses = sample(path, path.name, **options).guesses
    return tuple(Column(name=g.name, code=f"c{n:03}", data_type=g.data_type) for n, g in enumerate(guesses, start=1))


def take(path: Path, columns: tuple[Column, ...], table: Path, **options) -> LoadResult:
    return load(path, file_name=path.name, columns=columns, table=table, load_id="real", **options)


def test_people_in_gbk_keep_leading_zeros_and_all_four_date_styles(real_input, table):
    path = real_input / "people" / "synthetic_persons_gb18030.csv"
    columns = columns_like(path)

    result = take(path, columns, table)

    assert result.encoding in {"GBK", "GB18030"}
    assert (result.rows_read, result.rows_refused) == (20_000, 0)
    by_name = {column.name: column for column in columns}
    assert by_name["出生日期"].data_type is DataType.DATE
    asked = [by_name[name].code for name in ("序号", "姓名", "出生日期", "手机号")]
    page = query(table, result.version, columns=columns, selected=asked, limit=3)
    assert page.rows == [
        ("000001", "许霞", date(1986, 5, 29), "15535503605"),
        ("000002", "石旭", date(1957, 2, 22), "+8618066115316"),
        ("000003", "赵凤兰", date(1980, 3, 25), "189 4286 6309"),
    ]


def test_universities_have_their_header_in_row_three_and_sub_headers_go_aside(real_input, table):
    path = real_input / "files" / "全国高等学校名单.xls"
    columns = (
        Column(name="序号", code="n", data_type=DataType.INTEGER, is_key=True),
        Column(name="学校名称", code="name", data_type=DataType.TEXT, required=True),
        Column(name="学校标识码", code="id", data_type=DataType.TEXT, length=10, pattern=r"\d{10}", unique=True),
        Column(name="主管部门", code="owner", data_type=DataType.TEXT),
        Column(name="所在地", code="place", data_type=DataType.TEXT),
        Column(name="办学层次", code="level", data_type=DataType.TEXT, codes=("本科", "专科")),
        Column(name="备注", code="note", data_type=DataType.TEXT),
    )

    result = take(path, columns, table, header_row=3)

    assert result.rows_read == result.rows_accepted + result.rows_refused == 2_950
    assert result.reasons["序号：不是整数"] == result.rows_refused < 40
    first = query(table, 0, columns=columns, selected=["n", "name", "id"], limit=1).rows
    assert first == [(1, "北京大学", "4111010001")]


@pytest.mark.parametrize(
    ("record", "place", "number"),
    [
        # a cell (row, column) far away; the extent of a sheet; the number of texts: each is believed by readers of XLS
        (b"\xfd\x00\x0a\x00", 0, b"\xff\xff\xff\xff"),
        (b"\x00\x02\x0e\x00", 4, b"\xff\xff\xff\x7f"),
        (b"\xfc\x00\x20\x20", 4, b"\xff\xff\xff\xff"),
    ],
)
def test_an_xls_that_asks_for_all_memory_ends_nobody_but_its_own_reader(
    real_input, table, tmp_path, record, place, number
):
    # given
    content = bytearray((real_input / "files" / "全国高等学校名单.xls").read_bytes())
    at = content.rindex(record) + 4 + place
    content[at : at + len(number)] = number
    path = tmp_path / "far.xls"
    path.write_bytes(content)

    # when, then
    with contextlib.suppress(LoadRefused), open_source(path, file_name="far.xls", header_row=3) as source:
        assert sum(1 for _row in source) < 3_000


def test_villages_keep_twelve_digits(real_input, table):
    path = real_input / "guiyang" / "guiyang_villages.csv"
    columns = columns_like(path)

    result = take(path, columns, table)

    assert result.rows_accepted == 1_629
    assert columns[0].data_type is DataType.TEXT
    assert query(table, 0, columns=columns, selected=["c001", "c002"], limit=1).rows == [("520102016001", "纪念塔社区")]


def test_tender_notices_with_a_mark_and_amounts_in_two_units(real_input, table):
    path = real_input / "guiyang" / "guizhou_tender_notices.csv"
    columns = columns_like(path)

    result = take(path, columns, table)

    assert (result.encoding, result.rows_read, result.rows_refused) == ("UTF-8 BOM", 1_477, 0)
    by_name = {column.name: column for column in columns}
    assert by_name["published_at"].data_type is DataType.DATE
    assert by_name["budget"].data_type is DataType.TEXT
    nulls = {c.code: c.nulls for c in profile(table, 0, columns).columns}
    assert 0 < nulls[by_name["bid_deadline"].code] < 1_477


def test_an_amount_with_its_unit_is_refused_and_never_taken_for_a_number(real_input, table):
    path = real_input / "guiyang" / "guizhou_tender_notices.csv"
    columns = tuple(
        Column(name=c.name, code=c.code, data_type=DataType.MONEY if c.name == "budget" else c.data_type)
        for c in columns_like(path)
    )

    result = take(path, columns, table)

    with path.open(encoding="utf-8-sig", newline="") as stream:
        budgets = [row["budget"].strip() for row in csv.DictReader(stream)]
    plain = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?")
    odd = [text for text in budgets if text and not plain.fullmatch(text)]
    reason = "budget：不是金额（只写数字，不带单位，最多两位小数）"
    assert "511.932万元" in odd
    assert result.reasons == {reason: len(odd)}
    assert result.rows_refused == len(odd)


def test_a_month_table_glued_from_366_files_has_no_marks_and_no_end_sign(real_input, table):
    path = real_input / "files" / "all_city_monthly.csv"
    columns = columns_like(path, has_header=False)

    result = take(path, columns, table, has_header=False)

    assert (result.rows_read, result.rows_refused) == (12_384, 0)
    marked = query(table, 0, columns=columns, filters=[Filter("c001", "contains", "\ufeff")])
    assert marked.total == 0
    last = query(table, 0, columns=columns, selected=["c001", "c002", "c012"], offset=12_383).rows
    assert [(city, day) for city, day, _ozone in last] == [("龙岩", "2017-02")]
    assert last[0][2] == 58


def test_air_of_an_hour_has_cells_over_four_lines_and_nan_for_nothing(real_input, table):
    path = real_input / "guiyang" / "air_hourly.csv"
    columns = columns_like(path)

    result = take(path, columns, table)

    assert (result.rows_read, result.rows_refused) == (950, 0)
    by_name = {column.name: column.code for column in columns}
    asked = [by_name["PrimaryPollution"], by_name["PM10"]]
    row = query(
        table,
        0,
        columns=columns,
        selected=asked,
        filters=[
            Filter(by_name["Date"], "eq", "20200404"),
            Filter(by_name["Hour"], "eq", "17"),
            Filter(by_name["WatchPoint"], "eq", "鉴湖路"),
        ],
    ).rows
    assert [([line.strip() for line in text.splitlines() if line.strip()], pm10) for text, pm10 in row] == [
        (["颗粒物(PM10)", "细颗粒物(PM2.5)"], 59)
    ]
    first = query(table, 0, columns=columns, selected=asked, limit=1).rows
    assert first == [("NaN", None)]


def test_codes_kept_as_numbers_in_a_spreadsheet_come_whole(real_input, table):
    path = real_input / "files" / "banks_141k.xlsx"
    columns = (
        Column(name="列1", code="c001", data_type=DataType.TEXT, length=12),
        Column(name="列2", code="c002", data_type=DataType.TEXT),
    )

    result = take(path, columns, table, has_header=False)

    assert (result.rows_read, result.rows_refused) == (141_591, 0)
    assert query(table, 0, columns=columns, limit=1).rows == [
        ("402557500508", "湖南平江农村商业银行股份有限公司大桥分理处")
    ]
