"""What changed between two versions: the difference of their ends, whatever lies between, as one reader sees it."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from guiyang_data.tables.changes import ChangeCounts, VersionGone, changes_between
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.gathering import Push, gather
from guiyang_data.tables.pushed import as_pushed
from guiyang_data.tables.query import Filter, query
from guiyang_data.tables.refusals import BadFilter, NoSuchVersion, UnknownColumn
from guiyang_data.tables.storing import compact, latest_version, locked, restore

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="区县", code="county", data_type=DataType.TEXT),
    Column(name="数量", code="amount", data_type=DataType.INTEGER),
    Column(name="金额", code="money", data_type=DataType.MONEY),
    Column(name="时间", code="seen", data_type=DataType.DATETIME),
)
KEYLESS = tuple(replace(column, is_key=False) for column in COLUMNS)
HEADER = "编号,区县,数量,金额,时间"
ROWS = (
    "1,南明,5,1.50,2026-01-01 08:00:00",
    "2,云岩,6,2.00,",
    "3,南明,7,,2026-01-03",
)
Load = Callable[..., Any]


def found(table: Path, before: int, after: int, **asked: Any) -> list[tuple[Any, ...]]:
    """(kind, row) of every change, with the earlier row of an update."""
    settings = {"columns": COLUMNS, "keys": ["id"], **asked}
    with changes_between(table, before, after, **settings) as changes:
        listed = changes.page(limit=10_000)
        assert changes.counts.total == len(listed)
        return [(one.kind, one.row, *([one.before] if one.before else [])) for one in listed]


def kinds(table: Path, before: int, after: int, **asked: Any) -> list[tuple[str, str]]:
    return [(kind, row[0]) for kind, row, *_ in found(table, before, after, **asked)]


@pytest.fixture
def step(load_lines: Load, table: Path) -> Load:
    """Load rows as one more version; gives its number."""

    def run(*rows: str, mode: str = "", header: str = HEADER, columns: Sequence[Column] = COLUMNS) -> int:
        last = latest_version(table)
        mode = mode or ("upsert" if any(column.is_key for column in columns) else "replace")
        load_id = f"load-{0 if last is None else last + 1}"
        return int(load_lines(rows, header=header, columns=columns, mode=mode, load_id=load_id).version)

    return run


# --- one step after the other ------------------------------------------------------------------------


def test_updates_inserts_and_what_an_update_was_before(step: Load, table: Path) -> None:
    step(*ROWS)
    after = step("2,云岩,9,2.00,", "4,白云,1,,")
    assert found(table, 0, after, selected=["id", "amount"]) == [
        ("update", ("2", 9), ("2", 6)),
        ("insert", ("4", 1)),
    ]


def test_a_row_that_came_and_went_in_between_is_nothing(step: Load, table: Path) -> None:
    step(*ROWS)
    step("9,南明,1,,", "1,南明,99,,")
    after = step(*ROWS, mode="replace")
    assert found(table, 0, after) == []
    assert kinds(table, 1, after) == [("update", "1"), ("delete", "9")]


def test_a_replacement_and_a_restored_version_give_the_difference_by_key(step: Load, table: Path) -> None:
    step(*ROWS)
    step("3,南明,8,,2026-01-03", "1,南明,5,1.50,2026-01-01 08:00:00", "5,乌当,1,,", mode="replace")
    back = restore(table, 0, load_id="back", result={})
    assert kinds(table, 0, 1) == [("delete", "2"), ("update", "3"), ("insert", "5")]
    assert kinds(table, 1, back) == [("insert", "2"), ("update", "3"), ("delete", "5")]
    assert found(table, 0, back) == []


def test_without_a_key_rows_are_removed_and_added_as_often_as_they_stand(step: Load, table: Path) -> None:
    step("1,南明,5,,", "1,南明,5,,", "2,云岩,6,,", columns=KEYLESS)
    after = step("1,南明,5,,", "3,云岩,6,,", "3,云岩,6,,", columns=KEYLESS, mode="replace")
    later = step("2,云岩,6,,", columns=KEYLESS, mode="append")
    told = {"keys": (), "columns": KEYLESS}
    assert kinds(table, 0, after, **told) == [("delete", "1"), ("delete", "2"), ("insert", "3"), ("insert", "3")]
    assert kinds(table, after, later, **told) == [("insert", "2")]
    assert kinds(table, 0, later, **told) == [("delete", "1"), ("insert", "3"), ("insert", "3")]


def test_a_key_that_names_several_rows_names_none(step: Load, table: Path) -> None:
    step("1,南明,5,,", "1,云岩,6,,", columns=KEYLESS)
    after = step("1,南明,5,,", "1,云岩,7,,", columns=KEYLESS, mode="replace")
    with changes_between(table, 0, after, columns=COLUMNS, keys=["id"]) as changes:
        assert not changes.is_keyed
        assert changes.counts == ChangeCounts(inserted=1, deleted=1)


def test_pushed_batches_and_the_compaction_of_their_files_count_once(tmp_path: Path) -> None:
    table = tmp_path / "rows"

    def push(name: str, *rows: tuple[str, int], mode: str = "upsert") -> int:
        sent = as_pushed([{"编号": key, "数量": amount} for key, amount in rows])
        gather([Push(push_id=name, pushed=sent)], columns=COLUMNS, table=table, gathering_id=name, mode=mode)
        return int(latest_version(table) or 0)

    push("a", ("1", 1), ("2", 2), mode="append")
    push("b", ("2", 3), ("3", 3))
    with locked(table):
        compacted = compact(table, "b")
    after = push("c", ("1", 1), ("4", 4))

    assert found(table, 1, compacted) == []
    assert kinds(table, 0, after) == [("update", "2"), ("insert", "3"), ("insert", "4")]


# --- as one reader sees it ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_a_row_that_leaves_the_condition_is_deleted_and_one_that_enters_inserted(
    step: Load, table: Path, mode: str
) -> None:
    step(*ROWS)
    after = step("1,云岩,5,1.50,2026-01-01 08:00:00", "2,南明,6,2.00,", "3,南明,70,,2026-01-03", mode=mode)
    hidden = {
        "columns": [column for column in COLUMNS if column.code in {"id", "amount"}],
        "condition_columns": COLUMNS,
        "row_condition": [Filter("county", "eq", "南明")],
    }
    assert found(table, 0, after, **hidden) == [
        ("delete", ("1", 5)),
        ("insert", ("2", 6)),
        ("update", ("3", 70), ("3", 7)),
    ]
    # a filter of the reader is judged in the same way
    assert kinds(table, 0, after, filters=[Filter("amount", "ge", "10")]) == [("insert", "3")]


@pytest.mark.parametrize("mode", ["upsert", "replace"])
@pytest.mark.parametrize("keys", [["id"], []], ids=["keyed", "keyless"])
def test_a_change_only_in_a_hidden_column_gives_nothing(step: Load, table: Path, mode: str, keys: list[str]) -> None:
    step(*ROWS)
    after = step("1,南明,5,77.00,2026-01-01 08:00:00", *ROWS[1:], mode=mode)
    seen = [column for column in COLUMNS if column.code != "money"]
    assert found(table, 0, after, columns=seen, keys=keys) == []
    assert found(table, 0, after, keys=keys) != []


@pytest.mark.parametrize(
    "asked",
    [{"selected": ["{}"]}, {"filters": [Filter("{}", "eq", "1")]}, {"filters": [Filter("{}", "isnull", "true")]}],
)
def test_a_hidden_column_is_refused_like_one_that_does_not_exist(step: Load, table: Path, asked: Any) -> None:
    step(*ROWS)
    after = step("1,南明,6,,")

    def message(code: str) -> str:
        wish = {
            name: [replace(one, code=code) if isinstance(one, Filter) else code for one in values]
            for name, values in asked.items()
        }
        with pytest.raises(UnknownColumn) as refused:
            found(table, 0, after, columns=COLUMNS[:3], condition_columns=COLUMNS, **wish)
        return refused.value.message.replace(code, "?")

    assert message("money") == message("nothing")


def test_values_are_bound_and_never_run(step: Load, table: Path) -> None:
    step(*ROWS)
    after = step("1,x' OR '1'='1,6,,")
    assert kinds(table, 0, after, filters=[Filter("county", "eq", "x' OR '1'='1")]) == [("insert", "1")]
    assert kinds(table, 0, after, filters=[Filter("county", "eq", "' OR 1=1 --")]) == []
    with pytest.raises(BadFilter):
        found(table, 0, after, filters=[Filter("amount", "eq", "1 OR 1=1")])


# --- how it is told ----------------------------------------------------------------------------------


def test_a_file_has_the_kind_in_front_and_the_earlier_image_on_a_line_of_its_own(step: Load, table: Path) -> None:
    step(*ROWS)
    after = step("1,=1+1,5,1.50,2026-01-01 08:00:00", "4,,0,,")
    with changes_between(table, 0, after, columns=COLUMNS, keys=["id"]) as changes:
        plain = list(csv.reader(io.StringIO(b"".join(changes.stream_csv(with_before=True)).decode())))
        sheet = b"".join(changes.stream_csv(for_excel=True)).decode("utf-8-sig")
        objects = json.loads(b"".join(changes.stream_json(with_before=True)))
    assert plain == [
        ["变化", "编号", "区县", "数量", "金额", "时间"],
        ["update-before", "1", "南明", "5", "1.50", "2026-01-01 08:00:00"],
        ["update", "1", "=1+1", "5", "1.50", "2026-01-01 08:00:00"],
        ["insert", "4", "", "0", "", ""],
    ]
    assert "修改后" in sheet.splitlines()[1]
    assert "'=1+1" in sheet
    assert objects[0] == {
        "change": "update",
        "row": {"id": "1", "county": "=1+1", "amount": 5, "money": 1.5, "seen": "2026-01-01T08:00:00"},
        "before": {"id": "1", "county": "南明", "amount": 5, "money": 1.5, "seen": "2026-01-01T08:00:00"},
    }
    assert objects[1]["before"] is None


def test_pages_follow_each_other(step: Load, table: Path) -> None:
    step(*ROWS)
    after = step(*(f"{n:03d},南明,{n},," for n in range(50)))
    with changes_between(table, 0, after, columns=COLUMNS, keys=["id"]) as changes:
        parts = [one.row[0] for offset in (0, 20, 40, 60) for one in changes.page(offset=offset, limit=20)]
    assert parts == [f"{n:03d}" for n in range(50)]


# --- what is not kept --------------------------------------------------------------------------------


def test_the_feed_needs_no_row_of_the_versions_themselves(step: Load, table: Path) -> None:
    step(*ROWS)
    after = step("2,云岩,60,2.00,")
    for file in table.glob("*.parquet"):
        file.unlink()
    assert kinds(table, 0, after) == [("update", "2")]


def test_rows_that_are_not_kept_any_more_are_said_to_be_gone(step: Load, table: Path) -> None:
    step(*ROWS)
    old = set(table.glob("*.parquet"))
    after = step("2,云岩,60,2.00,", mode="replace")
    for file in old:
        file.unlink()
    with pytest.raises(VersionGone):
        found(table, 0, after)


def test_a_version_that_never_was_is_refused(step: Load, table: Path) -> None:
    step(*ROWS)
    with pytest.raises(NoSuchVersion):
        found(table, 0, 7)


# --- any history -------------------------------------------------------------------------------------


def difference(table: Path, before: int, after: int, columns: Sequence[Column], keys: Sequence[str]) -> Counter[Any]:
    """The changes by reading both versions whole, in Python."""
    one, other = (Counter(query(table, version, columns=columns, limit=10_000).rows) for version in (before, after))
    gone, come = one - other, other - one
    if not keys:
        return Counter(
            {("delete", row): n for row, n in gone.items()} | {("insert", row): n for row, n in come.items()}
        )
    old, new = {row[0]: row for row in gone}, {row[0]: row for row in come}
    return Counter(
        [("update", new[key], old[key]) for key in old.keys() & new.keys()]
        + [("delete", old[key]) for key in old.keys() - new.keys()]
        + [("insert", new[key]) for key in new.keys() - old.keys()]
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("columns", [COLUMNS, KEYLESS], ids=["keyed", "keyless"])
def test_of_any_history_the_net_is_the_difference_of_its_ends(
    step: Load, table: Path, columns: Sequence[Column], seed: int
) -> None:
    # given a table with loads of every kind, restored versions and a compaction
    chance = random.Random(seed)
    versions = _history(step, table, columns, chance)
    assert DeltaTable(str(table)).version() == versions[-1]

    # then to each of them from the first and from another before it
    keys = ["id"] if columns is COLUMNS else []
    for place, after in enumerate(versions):
        for before in {versions[0], versions[chance.randint(0, place)]}:
            told = Counter(found(table, before, after, columns=columns, keys=keys))
            assert told == difference(table, before, after, columns, keys), (before, after)


def _history(step: Load, table: Path, columns: Sequence[Column], chance: random.Random) -> list[int]:
    def rows(first: int, last: int) -> list[str]:
        numbers = chance.sample(range(first, last), 8)
        return [f"{n},{chance.choice('甲乙')},{chance.randint(1, 3)},," for n in numbers]

    versions = [step(*rows(0, 30), columns=columns)]
    for turn in range(7):
        what = chance.choice(["add", "add", "update", "replace", "restore", "compact"])
        if what == "restore":
            versions.append(restore(table, chance.choice(versions), load_id=f"back-{turn}", result={}))
        elif what == "compact":
            with locked(table):
                versions.append(compact(table, f"load-{turn}"))
        elif what == "update" and columns is COLUMNS:
            versions.append(step(*rows(0, 30), columns=columns))
        elif what == "replace":
            versions.append(step(*rows(0, 30), columns=columns, mode="replace"))
        else:
            versions.append(step(*rows(100 * turn + 100, 100 * turn + 130), columns=columns, mode="append"))
    return versions
