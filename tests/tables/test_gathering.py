"""Pushes gathered into one version: as if each had come after the other, and each with an outcome of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from guiyang_data.tables import gathering
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.gathering import Gathered, Push, gather
from guiyang_data.tables.in_memory import short_connection
from guiyang_data.tables.pushed import as_pushed
from guiyang_data.tables.query import query
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import read_refused
from guiyang_data.tables.storing import files_of

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="名称", code="name", data_type=DataType.TEXT, unique=True),
    Column(name="数量", code="amount", data_type=DataType.INTEGER),
)


def push(name: str, *rows: tuple[str, str, Any]) -> Push:
    records = [{"编号": key, "名称": title, "数量": amount} for key, title, amount in rows]
    return Push(push_id=name, pushed=as_pushed(records))


def gathered(table: Path, *pushes: Push, mode: str = "append", name: str = "g1", **more: Any) -> Gathered:
    return gather(pushes, columns=COLUMNS, table=table, gathering_id=name, mode=mode, **more)


def rows_of(table: Path, version: int | None) -> list[tuple[object, ...]]:
    assert version is not None
    return query(table, version, columns=COLUMNS).rows


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with the rows 1 and 2."""
    gathered(tmp_path / "rows", push("first", ("1", "甲", "5"), ("2", "乙", "6")), name="first")
    return tmp_path / "rows"


def test_rows_pushed_by_name_or_code_pass_the_checks_of_a_file(tmp_path: Path) -> None:
    # given rows that name their items in one way or the other, or not at all
    sent = [
        {"编号": "1", "name": "甲", "数量": "5"},
        {"编号": "2", "name": None, "数量": "6.0"},
        {"编号": "3", "数量": "x"},
        {"name": "无编号"},
    ]

    # when
    done = gathered(tmp_path / "rows", Push(push_id="a", pushed=as_pushed(sent)))

    # then
    outcome = done.outcomes["a"]
    assert (outcome.rows_accepted, outcome.rows_refused) == (2, 2)
    assert rows_of(tmp_path / "rows", done.version) == [("1", "甲", 5), ("2", None, 6)]
    assert outcome.bad_rows_path is not None
    _total, problems = read_refused(outcome.bad_rows_path, offset=0, limit=10)
    assert [(cell.line, cell.column) for cell in problems] == [(3, "数量"), (4, "编号")]


def test_several_pushes_become_one_version_in_their_order(table: Path) -> None:
    # when
    done = gathered(table, push("a", ("3", "丙", 7)), push("b", ("4", "丁", 8), ("5", "戊", 9)))

    # then
    assert (done.version, done.rows) == (1, 5)
    assert [row[0] for row in rows_of(table, done.version)] == ["1", "2", "3", "4", "5"]
    assert [outcome.rows_accepted for outcome in done.outcomes.values()] == [1, 2]


def test_the_first_rows_of_a_table_are_gathered_too(tmp_path: Path) -> None:
    done = gathered(tmp_path / "rows", push("a", ("1", "甲", 5)), mode="upsert")
    assert rows_of(tmp_path / "rows", done.version) == [("1", "甲", 5)]


def test_each_push_has_its_own_refused_rows_by_its_own_lines(table: Path) -> None:
    # when
    done = gathered(table, push("a", ("3", "丙", 7), ("4", "丁", "多")), push("b", ("5", "戊", "少"), ("6", "己", 1)))

    # then
    first, second = done.outcomes["a"], done.outcomes["b"]
    assert (first.rows_accepted, first.rows_refused, second.rows_accepted, second.rows_refused) == (1, 1, 1, 1)
    assert first.bad_rows_path is not None
    assert second.bad_rows_path is not None
    _rows, cells = read_refused(first.bad_rows_path, offset=0, limit=9)
    assert [(c.line, c.column, c.value, c.reason, c.row) for c in cells] == [
        (2, "数量", "多", "不是整数", {"编号": "4", "名称": "丁", "数量": "多"})
    ]
    assert [cell.line for cell in read_refused(second.bad_rows_path, offset=0, limit=9)[1]] == [1]


def test_a_key_that_is_there_or_came_earlier_is_refused_when_rows_are_added(table: Path) -> None:
    # when
    done = gathered(
        table, push("a", ("1", "新", 1), ("3", "丙", 1), ("3", "丙二", 1)), push("b", ("3", "丙三", 2), ("4", "丁", 2))
    )

    # then
    assert done.outcomes["a"].reasons == {"编号：与已有数据重复": 1, "编号：与本批中前面的行重复": 1}
    assert done.outcomes["b"].reasons == {"编号：与已有数据重复": 1}
    assert [row[:2] for row in rows_of(table, done.version)][2:] == [("3", "丙"), ("4", "丁")]


def test_of_two_updates_of_a_key_the_later_holds(table: Path) -> None:
    # when
    done = gathered(table, push("a", ("1", "甲一", 1), ("3", "丙", 1)), push("b", ("1", "甲二", 2)), mode="upsert")

    # then
    assert [outcome.rows_accepted for outcome in done.outcomes.values()] == [2, 1]
    assert rows_of(table, done.version) == [("1", "甲二", 2), ("2", "乙", 6), ("3", "丙", 1)]


def test_a_unique_value_of_another_key_is_refused_and_of_the_same_key_is_not(table: Path) -> None:
    # when
    done = gathered(table, push("a", ("1", "甲", 9), ("3", "乙", 1)), push("b", ("4", "甲", 1)), mode="upsert")

    # then
    assert done.outcomes["a"].reasons == {"名称：与已有数据重复": 1}
    assert done.outcomes["b"].refused != ""
    assert rows_of(table, done.version) == [("1", "甲", 9), ("2", "乙", 6)]


def test_a_push_that_fails_as_a_whole_stands_in_the_way_of_no_later_one(table: Path) -> None:
    # given a push of which too many rows are bad, and one that brings the same key again
    bad, good = push("bad", ("3", "丙", 1), ("4", "丁", "x"), ("5", "戊", "y")), push("good", ("3", "丙", 2))

    # when
    done = gathered(table, bad, good, limit_bad_share=0.5)

    # then
    assert done.outcomes["bad"].refused.startswith("共3行，有2行没有通过检查，占66.67%，超过了允许的50.00%")
    assert (done.outcomes["bad"].rows_accepted, done.outcomes["bad"].rows_refused) == (0, 2)
    assert (done.outcomes["good"].rows_accepted, done.outcomes["good"].refused) == (1, "")
    assert rows_of(table, done.version)[2:] == [("3", "丙", 2)]


def test_where_no_push_has_a_good_row_nothing_is_committed(table: Path) -> None:
    # when
    done = gathered(table, push("a", ("1", "新", 1)), push("b", ("2", "新二", 1)))

    # then
    assert (done.version, all(outcome.refused for outcome in done.outcomes.values())) == (None, True)
    assert DeltaTable(str(table)).version() == 0


def test_a_name_that_no_item_has_refuses_all_that_use_it(table: Path) -> None:
    with pytest.raises(LoadRefused, match="颜色"):
        gather(
            [Push(push_id="a", pushed=as_pushed([{"编号": "9", "颜色": "红"}]))],
            columns=COLUMNS,
            table=table,
            gathering_id="g",
            mode="append",
        )


def test_a_gathering_begun_again_finds_what_was_committed(table: Path) -> None:
    # given
    pushes = [push("a", ("3", "丙", 7), ("4", "丁", "多")), push("b", ("5", "戊", 9))]
    first = gathered(table, *pushes)

    # when
    again = gathered(table, *pushes, repeated=True)

    # then
    assert again == first
    assert DeltaTable(str(table)).version() == first.version


def test_many_small_files_are_put_together_and_found_again(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(gathering, "MOST_FILES", 3)
    for number in range(3, 6):
        last = gathered(table, push(f"p{number}", (str(number), f"名{number}", number)), name=f"g{number}")

    # then
    assert len(files_of(DeltaTable(str(table)))) == 1
    assert [row[0] for row in rows_of(table, last.version)] == ["1", "2", "3", "4", "5"]
    assert gathered(table, name="g5", repeated=True) == last


def test_two_connections_to_the_database_in_memory_see_nothing_of_each_other() -> None:
    with short_connection() as one, short_connection() as other:
        # given
        one.execute("CREATE TEMP TABLE gone AS SELECT 1 AS line")
        one.register("stage", pa.table({"line": [1]}))

        # when, then
        for query_of_one in ("FROM gone", "FROM stage"):
            with pytest.raises(duckdb.CatalogException):
                other.execute(query_of_one)
