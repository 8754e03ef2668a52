# ruff: noqa: DTZ001 - the tables keep wall time
"""Reading a version: the same answers from the DuckDB file and from the Parquet files."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from guiyang_data.tables import reading_rows
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.query import (
    BadFilter,
    Filter,
    NoSuchVersion,
    UnknownColumn,
    build_view,
    open_version,
    profile,
    query,
    stream_csv,
    stream_json,
    transform,
    view_path,
)
from guiyang_data.tables.storing import latest_version
from tests.tables.conftest import MANY, PERSONS, ROWS


def ids(table: Path, *filters: Filter, **options) -> list[str]:
    page = query(table, 0, columns=PERSONS, selected=["id"], filters=filters, **options)
    assert page.total == len(page.rows)
    return [row[0] for row in page.rows]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (Filter("id", "eq", "000002"), ["000002"]),
        (Filter("id", "ne", "000002"), ["000001", "000003"]),
        (Filter("name", "contains", "凤"), ["000003"]),
        (Filter("name", "contains", "%"), []),
        (Filter("name", "starts", "许"), ["000001"]),
        (Filter("born", "lt", "1980年3月25日"), ["000002"]),
        (Filter("born", "le", date(1980, 3, 25)), ["000002", "000003"]),
        (Filter("seen", "ge", "2023-05-12T02:00:00Z"), ["000001", "000003"]),
        (Filter("seen", "gt", datetime(2023, 5, 12, 10)), ["000003"]),
        (Filter("seen", "ge", "2023-05-12"), ["000001", "000002", "000003"]),
        (Filter("money", "eq", "1200.50"), ["000001"]),
        (Filter("money", "eq", "1200.501"), []),
        (Filter("money", "ne", 1200), ["000001"]),
        (Filter("money", "isnull", True), ["000003"]),
        (Filter("money", "isnull", "false"), ["000001", "000002"]),
        (Filter("area", "gt", "60"), ["000001"]),
        (Filter("people", "in", ["3", 2]), ["000001", "000002"]),
        (Filter("listed", "eq", "是"), ["000001"]),
        (Filter("id", "eq", "x' OR '1'='1"), []),
    ],
)
def test_filters(persons, item, found):
    assert ids(persons, item) == found


@pytest.mark.parametrize(
    "item",
    [
        Filter("born", "eq", "昨天"),
        Filter("born", "eq", "2023-02-30"),
        Filter("seen", "eq", "x"),
        Filter("money", "gt", "很多"),
        Filter("money", "gt", "1e30"),
        Filter("people", "eq", "1.5"),
        Filter("people", "eq", True),
        Filter("area", "lt", "nan"),
        Filter("listed", "eq", "有"),
        Filter("people", "contains", "1"),
        Filter("id", "in", []),
        Filter("id", "in", "000001"),
        Filter("id", "in", [str(n) for n in range(1001)]),
        Filter("id", "eq", None),
        Filter("id", "eq", ["000001"]),
        Filter("id", "isnull", "x"),
        Filter("id", "like", "0%"),
    ],
)
def test_a_filter_that_does_not_fit_is_refused_in_chinese(persons, item):
    with pytest.raises(BadFilter) as refused:
        ids(persons, item)

    assert refused.value.status == 422
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.message)


def test_codes_outside_the_columns_given_are_unknown_wherever_they_stand(persons):
    seen = PERSONS[:2]

    for asked in (
        {"selected": ["money"]},
        {"selected": ["_row"]},
        {"filters": [Filter("money", "gt", 1)]},
        {"sort": ["-money"]},
        {"sort": ['id"; DROP TABLE rows']},
        {"row_condition": [Filter("money", "gt", 1)]},
    ):
        with pytest.raises(UnknownColumn):
            query(persons, 0, columns=seen, **asked)


def test_the_condition_of_a_grant_holds_with_and_without_filters_and_may_rest_on_a_hidden_column(persons):
    grant = {
        "columns": PERSONS[:2],
        "condition_columns": PERSONS,
        "row_condition": [Filter("listed", "eq", "true"), Filter("people", "ge", 3)],
    }

    assert query(persons, 0, **grant).rows == [("000001", "许霞")]
    page = query(persons, 0, filters=[Filter("id", "eq", "000002")], **grant)
    assert (page.rows, page.total) == ([], 0)
    assert b"".join(stream_csv(persons, 0, **grant)).decode().count("\n") == 2
    assert len(json.loads(b"".join(stream_json(persons, 0, **grant)))) == 1


def test_a_condition_on_a_column_the_version_does_not_have_lets_nothing_out(persons):
    later = (*PERSONS, Column(name="密级", code="secret", data_type=DataType.TEXT))

    with pytest.raises(UnknownColumn):
        query(persons, 0, columns=later, row_condition=[Filter("secret", "isnull", True)])


def test_pages_follow_the_file_at_any_offset_and_beyond_the_end(many):
    page = query(many, 0, columns=MANY, selected=["n"], offset=40_000, limit=3)
    assert (page.codes, page.rows, page.total) == (("n",), [(10_000,), (9_999,), (9_998,)], 50_000)

    assert query(many, 0, columns=MANY, offset=50_000).rows == []


def test_equals_keep_the_order_of_the_file_when_sorted(many):
    page = query(many, 0, columns=MANY, selected=["n"], sort=["g"], limit=3)
    assert page.rows == [(50_000,), (49_998,), (49_996,)]

    page = query(many, 0, columns=MANY, selected=["n"], sort=["-g", "n"], offset=1, limit=2)
    assert page.rows == [(3,), (5,)]


def test_a_sorted_page_has_nulls_last(persons):
    assert ids(persons, sort=["money"]) == ["000002", "000001", "000003"]
    assert ids(persons, sort=["-money"]) == ["000001", "000002", "000003"]


@pytest.mark.parametrize("bounds", [{"offset": -1}, {"limit": -1}])
def test_a_page_before_the_beginning_is_refused(persons, bounds):
    with pytest.raises(BadFilter):
        query(persons, 0, columns=PERSONS, **bounds)


def test_a_version_that_was_never_written_is_told_apart(persons, tmp_path):
    for table in (persons, tmp_path / "nothing"):
        with pytest.raises(NoSuchVersion):
            query(table, 7, columns=PERSONS)
        with pytest.raises(NoSuchVersion):
            build_view(table, 7)


def test_a_view_is_built_once_and_leaves_nothing_half_made(load_lines, table):
    load_lines(ROWS)

    built = build_view(table, 0)
    made = built.stat()
    again = build_view(table, 0)

    assert built == again == view_path(table, 0)
    assert again.stat() == made
    assert [p.name for p in built.parent.iterdir()] == ["0.duckdb"]


def test_a_table_made_anew_at_the_same_place_is_read_anew(load_lines, table):
    load_lines(ROWS)
    assert len(ids(table)) == 3
    table.rename(table.with_name("old"))

    load_lines(ROWS[:1])

    assert ids(table) == ["000001"]


def test_readers_in_many_threads_do_not_disturb_each_other_when_versions_are_closed(load_lines, table, monkeypatch):
    monkeypatch.setattr(reading_rows, "KEPT_OPEN", 1)
    for number in range(4):
        load_lines([f"{number},甲"], header="序号,组", columns=MANY, load_id=f"load-{number}")
    build_view(table, 2)

    def read(turn: int) -> bool:
        version = turn % 4
        return query(table, version, columns=MANY).rows == [(version, "甲")]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(200)))


def test_a_transformation_makes_a_version_of_another_table_and_a_repeat_does_nothing(persons, tmp_path):
    out = tmp_path / "open" / "rows"
    select = [
        (Column(name="姓名", code="name", data_type=DataType.TEXT), "left(name, 1) || '**'"),
        (Column(name="出生年", code="year", data_type=DataType.INTEGER), "year(born)"),
    ]

    made = transform(persons, 0, out, select=select, load_id="t1", where="people IS NOT NULL", order="born")
    again = transform(persons, 0, out, select=select, load_id="t1")

    assert (made.version, made.rows, made.repeated) == (0, 2, False)
    assert (again.version, again.rows, again.repeated) == (0, 2, True)
    assert latest_version(out) == 0
    columns = [column for column, _sql in select]
    assert query(out, 0, columns=columns).rows == [("石**", 1957), ("许**", 1986)]


def test_a_transformation_may_bring_tables_and_macros_of_its_own_and_run_twice(persons, tmp_path):
    select = [(Column(name="代号", code="token", data_type=DataType.TEXT), "token_of(id)")]
    tokens = pa.table({"plain": ["000001", "000002", "000003"], "token": ["甲", "乙", "丙"]})

    def prepare(connection) -> None:
        connection.register("tokens", tokens)
        connection.execute("CREATE MACRO token_of(asked) AS (SELECT token FROM tokens WHERE plain = asked)")

    for load_id in ("t1", "t2"):
        made = transform(persons, 0, tmp_path / "open" / "rows", select=select, load_id=load_id, prepare=prepare)

    page = query(tmp_path / "open" / "rows", made.version, columns=[select[0][0]])
    assert (made.version, page.rows) == (1, [("甲",), ("乙",), ("丙",)])


def test_a_profile_counts_nulls_distinct_values_and_bounds(persons):
    younger = Column(name="新项", code="new", data_type=DataType.TEXT)

    found = profile(persons, 0, [PERSONS[2], PERSONS[4], younger])

    assert found.rows == 3
    assert [(c.code, c.nulls, c.distinct, c.minimum, c.maximum) for c in found.columns] == [
        ("born", 0, 3, date(1957, 2, 22), date(1986, 5, 29)),
        ("money", 1, 2, Decimal("1200.00"), Decimal("1200.50")),
        ("new", 3, 0, None, None),
    ]


def test_a_view_answers_without_reach_to_other_files(load_lines, table, tmp_path):
    load_lines(ROWS)
    build_view(table, 0)

    with open_version(table, 0) as opened, pytest.raises(Exception, match="disabled"):
        opened.connection.execute(f"SELECT * FROM read_csv('{tmp_path / 'in.csv'}')").fetchall()  # noqa: S608
