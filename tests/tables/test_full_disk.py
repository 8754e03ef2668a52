"""A disk that is full in the middle of a load, and what a killed load left: nothing half done, nothing lost."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.gathering import Push, gather
from guiyang_data.tables.leftovers import drop_strangers, stage_prefix
from guiyang_data.tables.loading import load, load_parts
from guiyang_data.tables.pushed import read_pushed
from guiyang_data.tables.query import build_view, query
from guiyang_data.tables.refusals import StorageFailed
from guiyang_data.tables.storing import latest_version

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="数量", code="amount", data_type=DataType.INTEGER),
)
HEADER = "编号,数量"
FIRST = ["1,5", "2,6"]
MANY = [f"{number * 7919:012d},{number * 104729}" for number in range(20_000)]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as where the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(table: Path) -> set[str]:
    """Everything below the table's folder, but for the lock."""
    return {str(path.relative_to(table.parent)) for path in table.parent.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
@pytest.mark.parametrize("size", [0, 300, 2_000, 50_000, 200_000])
def test_a_disk_that_fills_up_leaves_the_old_version_and_nothing_else(load_lines, table, write_text, size, mode):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before, rows = files(table), query(table, 0, columns=COLUMNS).rows
    many = {"file_name": "in.csv", "columns": COLUMNS, "table": table, "load_id": "load-2", "mode": mode}
    path = write_text([HEADER, *MANY], name="many.csv")

    with pytest.raises(StorageFailed), room_for(size):
        load(path, **many)

    assert latest_version(table) == 0
    assert files(table) == before
    assert query(table, 0, columns=COLUMNS).rows == rows

    later = load(path, **many)
    assert (later.version, later.rows_accepted, later.repeated) == (1, len(MANY), False)


@pytest.mark.parametrize("mode", ["append", "upsert"])
@pytest.mark.parametrize("size", [0, 300, 2_000, 50_000])
def test_pushes_that_find_no_room_leave_the_old_version_and_are_gathered_later(load_lines, table, size, mode):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before = files(table)
    pushes = [Push(push_id="a", pushed=read_pushed("\n".join([HEADER, *MANY]).encode(), "csv"))]

    with pytest.raises(StorageFailed), room_for(size):
        gather(pushes, columns=COLUMNS, table=table, gathering_id="g", mode=mode)

    assert latest_version(table) == 0
    assert files(table) == before

    later = gather(pushes, columns=COLUMNS, table=table, gathering_id="g", mode=mode, repeated=True)
    assert (later.version, later.rows) == (1, len(FIRST) + len(MANY))


@pytest.mark.parametrize("size", [0, 300, 50_000])
def test_a_replacement_in_parts_that_finds_no_room_leaves_the_old_version(load_lines, table, tmp_path, size):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before = files(table)
    parts = []
    for number, rows in enumerate((MANY[:10_000], MANY[10_000:])):
        part = tmp_path / f"part-{number}"
        part.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        parts.append((part, "csv"))
    asked = {"header": HEADER.split(","), "columns": COLUMNS, "table": table, "load_id": "load-2"}

    with pytest.raises(StorageFailed), room_for(size):
        load_parts(parts, **asked)

    assert latest_version(table) == 0
    assert files(table) == before
    assert load_parts(parts, **asked).rows_accepted == len(MANY)


def test_what_a_killed_gathering_wrote_is_cleared_away_when_it_is_taken_up_again(load_lines, table):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    stranger = table / "part-00000-never-committed.parquet"
    stranger.write_bytes(b"half")
    pushes = [Push(push_id="a", pushed=read_pushed(f"{HEADER}\n3,7".encode(), "csv"))]

    later = gather(pushes, columns=COLUMNS, table=table, gathering_id="g", mode="append", repeated=True)

    assert later.rows == 3
    assert not stranger.exists()


def test_a_list_of_refused_rows_that_has_no_room_does_not_stay(load_lines, table, write_text):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before = files(table)
    path = write_text([HEADER, *(f"{number},x" for number in range(5_000))], name="bad.csv")

    with pytest.raises(StorageFailed), room_for(20_000):
        load(path, file_name="bad.csv", columns=COLUMNS, table=table, load_id="load-2")

    assert files(table) == before


@pytest.mark.parametrize("size", [1_000, 20_000, 60_000, 270_000, 300_000])
def test_without_room_for_the_readers_file_rows_are_read_from_the_record(load_lines, table, size):
    load_lines(MANY, header=HEADER, columns=COLUMNS)
    before = files(table)

    with pytest.raises(StorageFailed), room_for(size):
        build_view(table, 0)

    assert files(table) == before
    assert query(table, 0, columns=COLUMNS).total == len(MANY)


def test_a_damaged_readers_file_is_passed_over(load_lines, table):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    view = build_view(table, 0)
    view.write_bytes(view.read_bytes()[:5000])

    assert query(table, 0, columns=COLUMNS).total == 2


def test_what_a_killed_load_left_is_cleared_away_by_the_next(load_lines, table):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before = files(table)
    stage = table.parent / f"{stage_prefix(table)}x"
    stage.mkdir()
    (stage / "rows.parquet").write_bytes(b"half")
    (table / "part-00000-never-committed.parquet").write_bytes(b"half")

    load_lines(FIRST, header=HEADER, columns=COLUMNS)

    assert files(table) == before
    assert not stage.exists()


def test_a_load_that_is_told_to_stop_before_its_commit_leaves_no_file(load_lines, table, monkeypatch):
    load_lines(FIRST, header=HEADER, columns=COLUMNS)
    before = files(table)

    def stopped(*_arguments, **_named):
        raise SystemExit(1)

    monkeypatch.setattr(DeltaTable, "create_write_transaction", stopped)
    with pytest.raises(SystemExit):
        load_lines(FIRST, header=HEADER, columns=COLUMNS, load_id="stopped")

    assert files(table) == before


def test_no_file_of_any_version_counts_as_left_over(load_lines, table):
    for number, mode in enumerate(["replace", "upsert", "append", "replace", "upsert"]):
        rows = [f"{number},1"] if mode == "append" else ["1,5", f"{number + 10},6"]
        load_lines(rows, header=HEADER, columns=COLUMNS, load_id=f"load-{number}", mode=mode)
    known = [query(table, version, columns=COLUMNS).rows for version in range(5)]

    assert drop_strangers(table) == []
    assert [query(table, version, columns=COLUMNS).rows for version in range(5)] == known
