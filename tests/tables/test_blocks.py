# ruff: noqa: RUF001 - full-width forms as they are typed
"""Reading and checking by blocks says, row for row, what reading and checking one by one says."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guiyang_data.tables import blocks
from guiyang_data.tables.batches import Batch, batched
from guiyang_data.tables.checking import Checker, Refusal
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.conversion import clean
from guiyang_data.tables.loading import load
from guiyang_data.tables.query import query
from guiyang_data.tables.reading import open_source
from guiyang_data.tables.refusals import LoadRefused

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, length=6, is_key=True, pattern=r"[^甲]*"),
    Column(name="类别", code="kind", data_type=DataType.TEXT, codes=["a", "b", "01", "1"]),
    Column(name="日期", code="day", data_type=DataType.DATE, minimum="1980-01-02", maximum="2024-02-29"),
    Column(name="时间", code="time", data_type=DataType.DATETIME, minimum="1990-01-01"),
    Column(name="金额", code="money", data_type=DataType.MONEY, minimum=0, maximum="99999.99", length=7),
    Column(name="数值", code="number", data_type=DataType.NUMBER, minimum=-1.5),
    Column(name="整数", code="whole", data_type=DataType.INTEGER, length=5, maximum="12345.5"),
    Column(name="双精度", code="double", data_type=DataType.DOUBLE),
    Column(name="逻辑", code="flag", data_type=DataType.BOOLEAN, required=True),
)
HEADER = [column.name for column in COLUMNS]

TEXTS = st.text(alphabet="ab1 甲乙\u3000\u00a0'=-\x1c\t", max_size=8)
DAYS = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(
    ["2023-02-29", "2024-02-29", "1900-02-29", "2023-2-3", "2023年2月3日", "20230203", "2023-04-31", "0999-01-01"]
)
TIMES = st.datetimes().map(lambda at: at.isoformat(sep=" ")) | st.sampled_from(
    ["2023-05-12 24:00:00", "2023-05-12 23:59:60", "2023-05-12 09:05", "2023-05-12T09:05:00Z", "20230512103000"]
)
NUMBERS = (
    st.integers(-(10**19), 10**19).map(str)
    | st.decimals(-(10**6), 10**6, places=3).map(str)
    | st.floats(allow_nan=True).map(repr)
    | st.sampled_from(
        ["1,200", "１２", "-0", "00012", "0x1F", "1.0", "+5", ".5", "5.", "1e3", "1.23", "99999.99", "——"]
    )
)
FLAGS = st.sampled_from(["是", "否", "TRUE", "f", "1", "0", "Ｙ", "有", "-"])
PLAIN = (TEXTS, st.sampled_from(["a", "b", "01", "c"]), DAYS, TIMES, NUMBERS, NUMBERS, NUMBERS, NUMBERS, FLAGS)
CELLS = st.tuples(*(strategy | st.just("") | TEXTS for strategy in PLAIN))
ROWS = CELLS | st.tuples(*PLAIN)

Outcome = tuple[list[tuple[object, ...]], list[Refusal], list[tuple[int, list[str]]]]


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\r\n') else cell


@st.composite
def files(draw: st.DrawFn) -> tuple[str, int]:
    """The text of a file, and how long its blocks are to be."""
    kinds = {
        "row": ROWS.map(lambda row: ",".join(map(_quoted, row))),
        "all quoted": ROWS.map(lambda row: ",".join(f'"{_quoted(cell).strip(chr(34))}"' for cell in row)),
        "lines inside": ROWS.map(lambda row: ",".join(['"1\n2"', *map(_quoted, row[1:])])),
        "blank": st.sampled_from(["", ",,,,,,,,", " ,\t,,,,,,,", "\u3000,,,,,,,,"]),
        "odd": st.sampled_from(["1,2", "1,a,,,,,,,是,", "1,a,,,,,,,是,多", '"1",2', '"1\n",a,,,,,,,是,,']),
        "broken": st.sampled_from(
            ['5" pipe,a,,,,,,,是', '"1"x,a,,,,,,,是', "1\r2,,,,,,,,是", "\ufeff1,,,,,,,,是", '"', "\x1a"]
        ),
    }
    used = draw(st.sets(st.sampled_from(sorted(kinds)), min_size=1))
    lines = draw(st.lists(st.one_of(*(kinds[kind] for kind in sorted(used))), max_size=12))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    last = draw(st.sampled_from([end, "", "\x1a"]))
    return end.join([",".join(HEADER), *lines]) + last, draw(st.sampled_from([40, 150, 600]))


def _outcome(batches: Iterator[Batch], check: Callable[[Batch], tuple[pa.Table, list[Refusal]]]) -> Outcome | str:
    rows: list[tuple[object, ...]] = []
    refusals: list[Refusal] = []
    odd: list[tuple[int, list[str]]] = []
    try:
        for batch in batches:
            good, bad = check(batch)
            rows += [tuple(map(repr, row.values())) for row in good.to_pylist()]
            refusals += bad
            odd += batch.odd
    except LoadRefused as refused:
        return refused.reason
    return rows, refusals, odd


def _both(path: Path, *, block: int, **options) -> Sequence[Outcome | str]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        checker = Checker(connection, COLUMNS, list(range(len(COLUMNS))))

        def full(batch: Batch) -> tuple[pa.Table, list[Refusal]]:
            texts = [clean(cells, column.data_type) for cells, column in zip(batch.cells, COLUMNS, strict=True)]
            return checker.examine(batch, dict(enumerate(texts)))

        with open_source(path, file_name="a.csv", **options) as source:
            one_by_one = _outcome(batched(source, len(COLUMNS)), full)
        with pytest.MonkeyPatch.context() as patch, open_source(path, file_name="a.csv", **options) as source:
            patch.setattr(blocks, "BLOCK", block)
            by_blocks = _outcome(source.batches(), checker.check)
    return one_by_one, by_blocks


@settings(max_examples=60, deadline=None)
@given(files())
@example((",".join(HEADER) + "\n" + '1,a,,,,,,,是\n5" pipe,a,,,,,,,是\n2,a,,,,,,,是\n', 10))
def test_blocks_give_the_rows_and_the_refusals_of_reading_one_by_one(made):
    text, block = made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())

        one_by_one, by_blocks = _both(path, block=block)

    assert by_blocks == one_by_one


@pytest.mark.parametrize("codec", ["utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("block", [1, 33, 4096])
def test_blocks_read_every_encoding_and_what_stands_above_the_header(tmp_path, codec, block):
    path = tmp_path / "a.csv"
    rows = [
        '贵阳市 5" 表',
        ",".join(HEADER),
        "1,a,2023-01-01,,1.5,,,,是",
        '"2",c,,,,,,,否',
        "3,a",
        ",,,,,,,,",
        "甲,a,,,,,,,是",
    ]
    path.write_bytes("\r\n".join(rows).encode(codec))

    one_by_one, by_blocks = _both(path, block=block, header_row=2)

    assert by_blocks == one_by_one
    assert [refusal.line for refusal in by_blocks[1]] == [4, 7]
    assert by_blocks[2] == [(5, ["3", "a"])]


def test_a_load_by_blocks_keeps_the_order_of_rows_that_were_made_to_fit(write_text, table, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 16)
    columns = (
        Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
        Column(name="名称", code="name", data_type=DataType.TEXT, length=2),
    )
    lines = ["编号,名称", "3,甲", "1,乙,", "2", "4,丙丁戊", "", '5,"己"', "1,庚", "6,辛"]

    result = load(write_text(lines), file_name="in.csv", columns=columns, table=table, load_id="a")

    assert query(table, 0, columns=columns).rows == [("3", "甲"), ("1", "乙"), ("5", "己"), ("6", "辛")]
    assert (result.rows_read, result.rows_refused) == (7, 3)
    assert result.bad_rows_path is not None
    written = result.bad_rows_path.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in written[1:]] == ["4", "5", "8"]
