"""Versions compared with each other, and an earlier one made the newest again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deltalake import DeltaTable

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.comparing import Difference, compare
from guiyang_data.tables.query import query
from guiyang_data.tables.reading_rows import build_view, share_view, view_path
from guiyang_data.tables.refusals import NoSuchVersion
from guiyang_data.tables.storing import latest_version, restore

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="数量", code="amount", data_type=DataType.INTEGER),
)
HEADER = "编号,数量"


@pytest.fixture
def two_versions(load_lines, table):
    load_lines(["1,5", "2,6", "3,"], header=HEADER, columns=COLUMNS, load_id="a")
    load_lines(["1,5", "2,7", "3,8", "4,"], header=HEADER, columns=COLUMNS, load_id="b")
    return table


def test_rows_of_two_versions_are_told_apart_by_their_key(two_versions):
    assert compare(two_versions, 0, 1, columns=COLUMNS, keys=["id"]) == Difference(added=1, removed=0, changed=2)
    assert compare(two_versions, 1, 0, columns=COLUMNS, keys=["id"]) == Difference(added=0, removed=1, changed=2)


def test_without_a_key_a_changed_row_is_one_removed_and_one_added(load_lines, table):
    keyless = (replace(COLUMNS[0], is_key=False), COLUMNS[1])
    load_lines(["1,5", "1,5", "2,"], header=HEADER, columns=keyless, load_id="a")
    load_lines(["1,5", "2,7", "2,7"], header=HEADER, columns=keyless, load_id="b")

    assert compare(table, 0, 1, columns=keyless) == Difference(added=2, removed=2, changed=None)


def test_a_column_that_a_version_does_not_have_is_empty_in_it(two_versions, load_lines):
    wider = (*COLUMNS, Column(name="日期", code="day", data_type=DataType.DATE))
    load_lines(["1,5,", "2,7,2023-01-01"], header=HEADER + ",日期", columns=wider, load_id="c")

    assert compare(two_versions, 1, 2, columns=wider, keys=["id"]) == Difference(added=0, removed=2, changed=1)


def test_restoring_makes_a_new_version_of_the_same_rows_once(two_versions):
    rows = query(two_versions, 0, columns=COLUMNS).rows

    made = restore(two_versions, 0, load_id="back", result={"rows": 3})

    assert made == restore(two_versions, 0, load_id="back", result={"rows": 3}) == latest_version(two_versions) == 2
    assert query(two_versions, made, columns=COLUMNS).rows == rows
    assert compare(two_versions, 0, made, columns=COLUMNS, keys=["id"]) == Difference(added=0, removed=0, changed=0)
    assert len(query(two_versions, 1, columns=COLUMNS).rows) == 4


def test_restoring_brings_the_columns_back_that_a_later_version_has_not(two_versions, load_lines):
    load_lines(["9"], header="编号", columns=COLUMNS[:1], load_id="narrow")

    made = restore(two_versions, 1, load_id="back", result={})

    assert query(two_versions, made, columns=COLUMNS).rows == query(two_versions, 1, columns=COLUMNS).rows
    assert [field.name for field in DeltaTable(str(two_versions)).schema().fields] == ["_row", "id", "amount"]


def test_restoring_what_is_newest_is_still_a_version_of_its_own(two_versions):
    made = restore(two_versions, 1, load_id="back", result={})

    assert made == 2
    assert query(two_versions, 2, columns=COLUMNS).rows == query(two_versions, 1, columns=COLUMNS).rows


def test_a_version_that_never_was_cannot_be_restored(two_versions):
    with pytest.raises(NoSuchVersion):
        restore(two_versions, 7, load_id="back", result={})
    assert latest_version(two_versions) == 1


@pytest.mark.parametrize("is_built", [True, False])
def test_a_restored_version_shares_the_readers_file_of_its_rows(two_versions, is_built):
    if is_built:
        build_view(two_versions, 0)
    made = restore(two_versions, 0, load_id="back", result={})

    share_view(two_versions, made, 0)

    assert view_path(two_versions, made).exists() == is_built
    assert query(two_versions, made, columns=COLUMNS).rows == query(two_versions, 0, columns=COLUMNS).rows
