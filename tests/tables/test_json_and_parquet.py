"""Files of JSON and Parquet are loaded as those of text are: the same checks, the same refused rows."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import LoadResult, load
from guiyang_data.tables.query import query
from guiyang_data.tables.reading import open_source, sample
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import read_refused

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, length=20, is_key=True),
    Column(name="数量", code="n", data_type=DataType.INTEGER, maximum=50),
    Column(name="金额", code="money", data_type=DataType.MONEY),
    Column(name="登记时间", code="seen", data_type=DataType.DATETIME),
)


@pytest.fixture
def load_file(tmp_path: Path, table: Path) -> Callable[..., LoadResult]:
    def run(content: bytes, name: str = "in.json", **options: object) -> LoadResult:
        path = tmp_path / "landed"
        path.write_bytes(content)
        return load(path, file_name=name, columns=COLUMNS, table=table, load_id=name, **options)  # type: ignore[arg-type]

    return run


def rows_of(content: bytes, tmp_path: Path) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    path = tmp_path / "landed"
    path.write_bytes(content)
    with open_source(path, file_name="in") as source:
        return source.header, list(source)


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            '[{"编号": "001", "数量": 5}, {"编号": "002", "金额": 1.50}]',
            '\ufeff  [\n {"编号":"001","数量":5},\n{"金额":1.50,"编号":"002"}]\n',
            '{"编号": "001", "数量": 5}\n\n{"编号": "002", "金额": 1.50}\n',
            '{"rows": [{"编号": "001", "数量": 5}, {"编号": "002", "金额": 1.50}]}',
        ],
    )
    def test_each_way_to_write_rows_gives_the_same_rows_by_name(self, content: str, tmp_path: Path) -> None:
        assert rows_of(content.encode(), tmp_path) == (
            ("编号", "数量", "金额"),
            [(1, ["001", "5", ""]), (2, ["002", "", "1.50"])],
        )

    def test_a_number_keeps_every_digit_and_a_row_has_its_number(self, tmp_path: Path) -> None:
        content = b'[{"a": 520100199001011234567, "b": 0.10, "c": true, "d": null}, {"a": 1e999}]'
        assert rows_of(content, tmp_path)[1] == [
            (1, ["520100199001011234567", "0.10", "true", ""]),
            (2, ["1e999", "", "", ""]),
        ]

    def test_bad_rows_are_set_aside_and_the_good_ones_taken_in(self, load_file: Callable[..., LoadResult]) -> None:
        rows = [{"编号": "001", "数量": 5}, {"编号": "002", "数量": 60}, {"编号": "003", "数量": "x"}]
        done = load_file(json.dumps(rows).encode())
        assert (done.rows_read, done.rows_accepted, done.rows_refused, done.encoding) == (3, 1, 2, "UTF-8")
        assert done.bad_rows_path is not None
        _rows, cells = read_refused(done.bad_rows_path, offset=0, limit=9)
        assert [(cell.line, cell.column, cell.value) for cell in cells] == [(2, "数量", "60"), (3, "数量", "x")]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b'[{"a": 1}, {"a": 2', "不是完整的 JSON"),
            (b'[{"a": 1}, 3]', "第 2 行不是对象"),
            (b'[{"a": [1]}]', "第 1 行的“a”是对象或者数组"),
            (b'[{"a": 1, "a": 2}]', "重名"),
            (b'[{"a": NaN}]', "NaN"),
            (b"[]", "没有内容"),
            (b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "嵌套太深"),
            ('[{"编号": "一"}]'.encode("gbk"), "UTF-8"),
            (b'[{"a": "' + b"x" * 40 * 1024**2 + b'"}]', "不能超过 16 MB"),
        ],
    )
    def test_what_holds_no_rows_is_refused_with_where_and_why(self, content: bytes, said: str, tmp_path: Path) -> None:
        with pytest.raises(LoadRefused, match=said) as refused:
            rows_of(content, tmp_path)
        assert "原有数据没有变动" in refused.value.message

    def test_a_text_that_only_begins_with_a_bracket_stays_a_text(self, tmp_path: Path) -> None:
        assert rows_of(b"[a],b\n1,2\n", tmp_path) == (("[a]", "b"), [(2, ["1", "2"])])

    def test_items_are_proposed_from_it(self, tmp_path: Path) -> None:
        path = tmp_path / "landed"
        path.write_bytes('[{"编号": "001", "数量": 5}]'.encode())
        assert [guess.name for guess in sample(path, "in.json").guesses] == ["编号", "数量"]


def parquet(tmp_path: Path, **columns: object) -> bytes:
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


class TestParquet:
    def test_its_types_reach_the_checks_as_they_are(
        self, load_file: Callable[..., LoadResult], tmp_path: Path, table: Path
    ) -> None:
        content = parquet(
            tmp_path,
            编号=pa.array(["001", "002", "003"]).dictionary_encode(),
            数量=pa.array([5, 60, None], pa.int64()),
            金额=pa.array([Decimal("1.50"), Decimal("2.00"), None], pa.decimal128(12, 2)),
            登记时间=pa.array([dt.datetime(2026, 1, 31, 0, 30, tzinfo=dt.UTC)] * 3, pa.timestamp("ns", tz="UTC")),
        )
        done = load_file(content, "in.parquet")
        assert (done.rows_read, done.rows_accepted, done.rows_refused) == (3, 2, 1)
        told_here = dt.datetime(2026, 1, 31, 8, 30)  # noqa: DTZ001 - wall time of Shanghai
        assert query(table, done.version, columns=COLUMNS).rows == [
            ("001", 5, Decimal("1.50"), told_here),
            ("003", None, None, told_here),
        ]

    def test_a_short_float_shows_no_digits_that_it_does_not_have(self, tmp_path: Path) -> None:
        content = parquet(tmp_path, a=pa.array([0.1, 3.0, None], pa.float32()), b=pa.array([0.1, 3.0, 2.0**60]))
        assert rows_of(content, tmp_path)[1] == [
            (1, ["0.1", "0.1"]),
            (2, ["3", "3"]),
            (3, ["", "1.15292150460685e+18"]),
        ]

    def test_lists_and_bytes_are_named_and_refused(self, tmp_path: Path) -> None:
        content = parquet(tmp_path, 好=["a"], 列表=[[1]], 字节=[b"x"])
        with pytest.raises(LoadRefused, match="列表、字节"):
            rows_of(content, tmp_path)

    def test_a_broken_file_is_refused(self, tmp_path: Path) -> None:
        content = parquet(tmp_path, a=list(range(1000)))
        for broken in (content[:200], content[:100] + b"\x00" * 300 + content[400:], b"PAR1"):
            with pytest.raises(LoadRefused, match="打不开"):
                rows_of(broken, tmp_path)

    def test_a_file_of_equal_values_without_end_is_refused(self, tmp_path: Path) -> None:
        column = pa.array([None] * 1_000_000, pa.null())
        table = pa.table({f"c{number}": column for number in range(401)})
        path = tmp_path / "landed"
        pq.write_table(table, path)
        with pytest.raises(LoadRefused, match="展开后过大"):
            open_source(path, file_name="in.parquet")


OPENED = """
import sys
from guiyang_data.tables.reading import open_source
with open_source(sys.argv[1], file_name="a.parquet") as source:
    line, cells = next(iter(source))
most = next(told for told in open("/proc/self/status") if told.startswith("VmHWM"))
print(line, len(cells[0]), int(most.split()[1]) // 1024)
"""


def same_text(rows: int, columns: int, path: Path) -> Path:
    """A Parquet of one text of a million signs in every cell; it takes no more room than one of them, packed."""
    cells = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({f"c{number}": cells for number in range(columns)}), path, store_schema=False)
    return path


def test_equal_values_that_take_no_room_in_the_file_take_no_memory_where_they_are_read(tmp_path: Path) -> None:
    # given 400 MB of text in a file of some kilobytes
    path = same_text(400, 1, tmp_path / "in.parquet")
    assert path.stat().st_size < 100_000

    # when
    run = subprocess.run([sys.executable, "-c", OPENED, str(path)], capture_output=True, check=True)

    # then
    line, length, megabytes = map(int, run.stdout.split())
    assert (line, length, megabytes < 400) == (1, 1_000_000, True)


def test_a_row_longer_than_any_person_wrote_is_refused(tmp_path: Path) -> None:
    path = same_text(1, 70, tmp_path / "in.parquet")
    with pytest.raises(LoadRefused, match="第1行的内容过长"):
        list(open_source(path, file_name="in.parquet"))


def test_a_name_with_a_sign_that_no_database_keeps_is_told_without_it(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text('[{"编号": "1", "a\\u0000b": "2"}]', encoding="utf-8")
    with pytest.raises(LoadRefused) as refused:
        load(path, file_name="in.json", columns=COLUMNS, table=tmp_path / "table", load_id="one")
    assert ("a\ufffdb" in refused.value.message, "\0" in refused.value.message) == (True, False)


def test_a_zero_in_a_row_is_refused_with_its_line_since_no_database_keeps_it(
    load_file: Callable[..., LoadResult], tmp_path: Path
) -> None:
    # given
    made = tmp_path / "made.parquet"
    pq.write_table(pa.table({"编号": ["001", "002\0"]}), made)

    # then
    for content in (json.dumps([{"编号": "001"}, {"编号": "002\0"}]).encode(), made.read_bytes()):
        with pytest.raises(LoadRefused, match="第2行有零字符"):
            load_file(content)
