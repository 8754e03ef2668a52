# ruff: noqa: DTZ001 - the tables keep wall time
"""Loads: checks, refusals set aside, one version per load, repeats."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import load
from guiyang_data.tables.query import query
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import rows_to_mend
from guiyang_data.tables.storing import find_load, latest_version
from tests.tables.conftest import HEADER, PERSONS, ROWS

PLAIN = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="名称", code="name", data_type=DataType.TEXT, unique=True),
    Column(name="数量", code="amount", data_type=DataType.INTEGER),
)


def rows_of(table: Path, version: int, columns=PLAIN) -> list[tuple]:
    return query(table, version, columns=columns).rows


def refused_cells(path: Path | None) -> list[tuple[str, str, str, str]]:
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [(r["行号"], r["信息项"], r["值"], r["原因"]) for r in csv.DictReader(stream)]


def test_good_rows_become_one_version_with_typed_values(load_lines, table, tmp_path):
    result = load_lines(ROWS)

    assert (result.version, result.rows_read, result.rows_accepted, result.rows_refused) == (0, 3, 3, 0)
    assert result.sha256 == hashlib.sha256((tmp_path / "in.csv").read_bytes()).hexdigest()
    assert (result.encoding, result.bad_rows_path, result.repeated) == ("UTF-8", None, False)
    assert rows_of(table, 0, PERSONS) == [
        ("000001", "许霞", date(1986, 5, 29), datetime(2023, 5, 12, 10), Decimal("1200.50"), 88.5, 3, True),
        ("000002", "石旭", date(1957, 2, 22), datetime(2023, 5, 12, 9, 5), Decimal("1200.00"), 60.0, 2, False),
        ("000003", "赵凤兰", date(1980, 3, 25), datetime(2023, 5, 12, 10, 30), None, None, None, None),
    ]


def test_a_new_table_keeps_its_log_and_files_and_records_changes(load_lines, table):
    load_lines(ROWS)

    settings = DeltaTable(str(table)).metadata().configuration
    assert settings == {
        "delta.logRetentionDuration": "interval 36500 days",
        "delta.deletedFileRetentionDuration": "interval 36500 days",
        "delta.enableExpiredLogCleanup": "false",
        "delta.enableChangeDataFeed": "true",
    }


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (",许霞,,,,,,", "编号", "", "必填项没有填写"),
        ("0000011,许霞,,,,,,", "编号", "0000011", "超过规定长度（6个字）"),
        ("000009,,,,,,,", "姓名", "", "必填项没有填写"),
        ("000009,许霞,2023-02-30,,,,,", "出生日期", "2023-02-30", "不是日期，或者没有这一天"),
        ("000009,许霞,,昨天,,,,", "登记时间", "昨天", "不是日期时间，或者没有这个时间"),
        (
            "000009,许霞,,,297000元,,,",
            "补助金额",
            "297000元",
            "不是金额（只写数字，不带单位，最多两位小数）",
        ),
        ("000009,许霞,,,100000.01,,,", "补助金额", "100000.01", "超出规定范围（0至100000）"),
        ("000009,许霞,,,-1,,,", "补助金额", "'-1", "超出规定范围（0至100000）"),
        ("000009,许霞,,,,140~150,,", "面积", "140~150", "不是数字，或者位数多到不能准确保存"),
        ("000009,许霞,,,,,1.5,", "人数", "1.5", "不是整数"),
        ("000009,许霞,,,,,,有", "是否在册", "有", "不是“是”或“否”"),
        ("000001,许霞,,,,,,", "编号", "000001", "与文件中前面的行重复"),
        ("000009,许霞,,,,,", "（整行）", "", "列数与表头不一致"),
        ("000009,许霞,,,,,,,多", "（整行）", "", "列数与表头不一致"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line_and_reason(load_lines, table, row, column, value, reason):
    result = load_lines([*ROWS, row])

    assert (result.rows_read, result.rows_accepted, result.rows_refused) == (4, 3, 1)
    assert result.reasons == {f"{column}：{reason}": 1}
    assert result.bad_rows_path == table.parent / "bad" / "load-1.csv"
    assert refused_cells(result.bad_rows_path) == [("5", column, value, reason)]
    assert len(rows_of(table, 0, PERSONS)) == 3


def test_every_bad_cell_of_a_row_is_told_and_the_whole_row_is_kept(load_lines, tmp_path):
    wanted = tmp_path / "elsewhere" / "bad.csv"

    result = load_lines([*ROWS, "000009,,x,,y,,,"], bad_rows=wanted)

    assert result.bad_rows_path == wanted
    assert [cell[1] for cell in refused_cells(wanted)] == ["姓名", "出生日期", "补助金额"]
    with wanted.open(encoding="utf-8-sig", newline="") as stream:
        kept = [json.loads(r["整行"]) for r in csv.DictReader(stream)]
    named = dict(zip(HEADER.split(","), ["000009", "", "x", "", "y", "", "", ""], strict=True))
    assert kept == [named] * 3
    assert result.rows_refused == 1


def test_pattern_and_code_list_are_held_against_the_value(write_text, table):
    columns = (
        Column(name="手机", code="phone", data_type=DataType.TEXT, pattern=r"1\d{10}"),
        Column(name="性别", code="sex", data_type=DataType.TEXT, codes={"1": "男", "2": "女"}),
        Column(name="日", code="day", data_type=DataType.DATE, minimum="2020-01-01", maximum=date(2020, 12, 31)),
    )
    path = write_text(
        [
            "手机,性别,日",
            "13800000000,1,2020-01-01",
            "138,2,",
            "13800000001,3,",
            ",,2021-01-01",
            ",,2019-12-31",
        ]
    )

    result = load(path, file_name="in.csv", columns=columns, table=table, load_id="a")

    assert refused_cells(result.bad_rows_path) == [
        ("3", "手机", "138", "不符合规定格式"),
        ("4", "性别", "3", "不在代码表内"),
        ("5", "日", "2021-01-01", "超出规定范围（2020-01-01至2020-12-31）"),
        ("6", "日", "2019-12-31", "超出规定范围（2020-01-01至2020-12-31）"),
    ]
    assert rows_of(table, 0, columns) == [("13800000000", "1", date(2020, 1, 1))]


def test_a_header_matches_by_name_or_code_whatever_its_width_and_blanks(load_lines, table):
    result = load_lines(["1,5,甲"], header="\uff29\uff24,数 量,  名称 ", columns=PLAIN)

    assert rows_of(table, result.version) == [("1", "甲", 5)]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("名称,数量", "缺少必填的列：编号"),
        ("编号,名称,备注", "目录中没有这些列：备注"),
        ("编号,,名称", "第2列没有名称"),
        ("编号,名称,id", "出现了两次"),
    ],
)
def test_a_header_that_does_not_fit_refuses_the_file_and_leaves_the_table(load_lines, table, header, told):
    load_lines(["1,甲,5"], header="编号,名称,数量", columns=PLAIN)

    with pytest.raises(LoadRefused, match=told) as refused:
        load_lines(["2,乙,6"], header=header, columns=PLAIN, load_id="load-2")

    assert refused.value.reason.endswith("原有数据没有变动。")
    assert latest_version(table) == 0
    assert find_load(table, "load-2") is None
    assert sorted(p.name for p in table.parent.iterdir()) == [".rows.lock", "rows"]


def test_too_many_bad_rows_refuse_the_file_but_keep_the_list(load_lines, table):
    with pytest.raises(LoadRefused, match="超过了允许的") as refused:
        load_lines(["1,甲,5", "2,乙,x"], header="编号,名称,数量", columns=PLAIN, limit_bad_share=0.4)

    assert (refused.value.rows_read, refused.value.rows_refused) == (2, 1)
    assert refused.value.reasons == {"数量：不是整数": 1}
    assert refused_cells(refused.value.bad_rows_path) == [("3", "数量", "x", "不是整数")]
    assert latest_version(table) is None


def test_a_share_of_bad_rows_at_the_limit_is_taken(load_lines):
    result = load_lines(["1,甲,5", "2,乙,x"], header="编号,名称,数量", columns=PLAIN, limit_bad_share=0.5)

    assert result.rows_accepted == 1


@pytest.mark.parametrize(("rows", "told"), [([], "没有数据行"), (["1,甲,x"], "没有一行通过检查")])
def test_a_file_without_one_good_row_does_not_empty_the_table(load_lines, table, rows, told):
    load_lines(["1,甲,5"], header="编号,名称,数量", columns=PLAIN)

    with pytest.raises(LoadRefused, match=told):
        load_lines(rows, header="编号,名称,数量", columns=PLAIN, load_id="load-2")

    assert rows_of(table, latest_version(table)) == [("1", "甲", 5)]


def test_the_same_load_again_is_a_no_op_that_gives_the_first_result(load_lines, table):
    first = load_lines([*ROWS, "000009,,,,,,,"])
    load_lines(ROWS[:1], load_id="load-2")

    again = load_lines([*ROWS, "000009,,,,,,,"])

    assert again == replace(first, repeated=True)
    assert latest_version(table) == 1
    assert find_load(table, "load-2")[0] == 1


def test_a_replaced_version_stays_readable(load_lines, table):
    load_lines(["1,甲,5"], header="编号,名称,数量", columns=PLAIN)
    load_lines(["2,乙,6"], header="编号,名称,数量", columns=PLAIN, load_id="load-2")

    assert rows_of(table, 0) == [("1", "甲", 5)]
    assert rows_of(table, 1) == [("2", "乙", 6)]


def test_append_keeps_the_order_and_refuses_what_is_there_already(load_lines, table):
    load_lines(["2,乙,6", "1,甲,5"], header="编号,名称,数量", columns=PLAIN)

    result = load_lines(
        ["0,丙,7", "1,丁,8", "3,乙,9"], header="编号,名称,数量", columns=PLAIN, load_id="load-2", mode="append"
    )

    assert rows_of(table, result.version) == [("2", "乙", 6), ("1", "甲", 5), ("0", "丙", 7)]
    assert refused_cells(result.bad_rows_path) == [
        ("3", "编号", "1", "与已有数据重复"),
        ("4", "名称", "乙", "与已有数据重复"),
    ]


def test_upsert_updates_in_place_inserts_at_the_end_and_keeps_columns_not_carried(load_lines, table):
    load_lines(["1,甲,5", "2,乙,6"], header="编号,名称,数量", columns=PLAIN)

    result = load_lines(["3,丙", "1,戊", "4,乙"], header="编号,名称", columns=PLAIN, load_id="load-2", mode="upsert")

    assert rows_of(table, result.version) == [("1", "戊", 5), ("2", "乙", 6), ("3", "丙", None)]
    assert refused_cells(result.bad_rows_path) == [("4", "名称", "乙", "与已有数据重复")]
    changes = pa.table(DeltaTable(str(table)).load_cdf(1, 1)).to_pylist()
    assert sorted((c["id"], c["_change_type"]) for c in changes) == [
        ("1", "update_postimage"),
        ("1", "update_preimage"),
        ("3", "insert"),
    ]


def test_upsert_of_known_keys_alone_still_makes_a_version_that_a_repeat_finds(load_lines, table):
    only_key = PLAIN[:1]
    load_lines(["1", "2"], header="编号", columns=only_key)

    result = load_lines(["1"], header="编号", columns=only_key, load_id="load-2", mode="upsert")

    assert find_load(table, "load-2")[0] == result.version == 1
    assert rows_of(table, 1, only_key) == [("1",), ("2",)]


def test_upsert_without_a_key_is_refused(load_lines, table):
    keyless = (replace(PLAIN[0], is_key=False), *PLAIN[1:])

    with pytest.raises(LoadRefused, match="没有规定主键"):
        load_lines(["1,甲,5"], header="编号,名称,数量", columns=keyless, mode="upsert")

    assert latest_version(table) is None


def test_a_key_of_two_columns_is_unique_together(write_text, table):
    columns = tuple(
        Column(name=name, code=code, data_type=DataType.TEXT, is_key=True) for name, code in (("甲", "a"), ("乙", "b"))
    )
    path = write_text(["甲,乙", "1,1", "1,2", "2,1", "1,2"])

    result = load(path, file_name="in.csv", columns=columns, table=table, load_id="a")

    assert refused_cells(result.bad_rows_path) == [("5", "甲、乙", "1 2", "与文件中前面的行重复")]


def test_a_column_added_later_is_null_in_rows_and_versions_from_before(load_lines, table):
    load_lines(["1,甲,5"], header="编号,名称,数量", columns=PLAIN)
    wider = (*PLAIN, Column(name="日期", code="day", data_type=DataType.DATE))

    result = load_lines(
        ["2,乙,6,2023-5-12"], header="编号,名称,数量,日期", columns=wider, load_id="load-2", mode="append"
    )

    assert rows_of(table, result.version, wider) == [("1", "甲", 5, None), ("2", "乙", 6, date(2023, 5, 12))]
    assert rows_of(table, 0, wider) == [("1", "甲", 5, None)]


def test_a_changed_type_cannot_be_appended_but_can_replace(load_lines, table):
    load_lines(["1,甲,5"], header="编号,名称,数量", columns=PLAIN)
    changed = (*PLAIN[:2], replace(PLAIN[2], data_type=DataType.TEXT))

    with pytest.raises(LoadRefused, match="数据类型已经变更"):
        load_lines(["2,乙,6"], header="编号,名称,数量", columns=changed, load_id="load-2", mode="append")
    assert latest_version(table) == 0

    result = load_lines(["2,乙,6"], header="编号,名称,数量", columns=changed, load_id="load-3")
    assert rows_of(table, result.version, changed) == [("2", "乙", "6")]


def test_progress_reaches_the_end_of_the_file(write_text, table):
    path = write_text([HEADER, *ROWS])
    told: list[tuple[int, int, int]] = []

    load(path, file_name="in.csv", columns=PERSONS, table=table, load_id="a", progress=lambda *seen: told.append(seen))

    size = path.stat().st_size
    assert told[-1] == (size, size, 3)
    assert all(done <= size for done, _total, _rows in told)


def test_a_file_without_header_is_read_by_position(write_text, table):
    path = write_text(["1,甲,5"])

    result = load(path, file_name="in.csv", columns=PLAIN, table=table, load_id="a", has_header=False)
    assert rows_of(table, result.version) == [("1", "甲", 5)]

    with pytest.raises(LoadRefused, match="文件有3列，目录有2个信息项"):
        load(path, file_name="in.csv", columns=PLAIN[:2], table=table, load_id="b", has_header=False)


def test_refused_rows_come_as_a_file_that_is_put_right_and_loaded_as_it_is(load_lines, table, tmp_path):
    # given a file that carries some of the items, in another order, with rows refused for every kind of reason
    header = "姓名,编号,补助金额,人数"
    rows = ["甲,1,5,1", ",2,x,1", "=丙,3,-1,2", "丁,4", "戊,1,1,1"]
    bad = load_lines(rows, header=header).bad_rows_path

    # when
    listed = b"".join(rows_to_mend(bad, [column.name for column in PERSONS]))

    # then
    assert listed.decode("utf-8-sig").splitlines() == [
        "退回的行号,退回的原因,编号,姓名,补助金额,人数",
        "3,姓名：必填项没有填写；补助金额：不是金额（只写数字，不带单位，最多两位小数）,2,,x,1",
        "4,补助金额：超出规定范围（0至100000）,3,'=丙,'-1,2",
        "5,（整行）：列数与表头不一致,丁,4",
        "6,编号：与文件中前面的行重复,1,戊,1.00,1",
    ]
    mended = listed.decode("utf-8-sig").replace("2,,x,1", "2,乙,7,1").replace("'-1", "1").replace("丁,4", "4,丁,,")
    path = tmp_path / "mended.csv"
    path.write_text(mended.replace("1,戊,1.00,1", "5,戊,1.00,1"), encoding="utf-8-sig")
    again = load(path, file_name="m.csv", columns=PERSONS, table=table, load_id="again", mode="append")
    assert (again.rows_accepted, again.rows_refused) == (4, 0)
    found = query(table, again.version, columns=PERSONS).rows
    assert [row[:2] for row in found] == [("1", "甲"), ("2", "乙"), ("3", "=丙"), ("4", "丁"), ("5", "戊")]


def test_mended_rows_leave_what_they_do_not_carry_as_it_is(load_lines, table, tmp_path):
    # given a row whose amount is updated from a file without its other items
    load_lines(ROWS)
    with pytest.raises(LoadRefused) as refused:
        load_lines(["000001,许霞,多"], header="编号,姓名,补助金额", mode="upsert", load_id="load-2")
    bad = refused.value.bad_rows_path

    # when
    path = tmp_path / "mended.csv"
    listed = b"".join(rows_to_mend(bad, [column.name for column in PERSONS])).decode("utf-8-sig")
    path.write_text(listed.replace("多", "7"), encoding="utf-8")
    again = load(path, file_name="m.csv", columns=PERSONS, table=table, load_id="load-3", mode="upsert")

    # then
    first = query(table, again.version, columns=PERSONS).rows[0]
    assert (first[4], first[2]) == (Decimal("7.00"), date(1986, 5, 29))


def test_names_that_a_spreadsheet_would_run_are_guarded_in_the_file_to_mend(table, tmp_path):
    # given an item of another agency
    columns = (Column(name="=甲", code="a", data_type=DataType.INTEGER),)
    path = tmp_path / "in.csv"
    path.write_text("=甲\n1\nx\n", encoding="utf-8")
    bad = load(path, file_name="in.csv", columns=columns, table=table, load_id="a").bad_rows_path

    # when
    listed = b"".join(rows_to_mend(bad, ["=甲"])).decode("utf-8-sig")

    # then
    assert listed.splitlines() == ["退回的行号,退回的原因,'=甲", "3,'=甲：不是整数,x"]
    path.write_text(listed.replace(",x", ",2"), encoding="utf-8")
    assert load(path, file_name="in.csv", columns=columns, table=table, load_id="b", mode="append").rows_accepted == 1
