"""Small tables made for the tests; nothing here needs Django."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from guiyang_data.tables import reading_rows
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import LoadResult, load
from guiyang_data.tables.query import build_view

PERSONS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, length=6, is_key=True),
    Column(name="姓名", code="name", data_type=DataType.TEXT, length=10, required=True),
    Column(name="出生日期", code="born", data_type=DataType.DATE),
    Column(name="登记时间", code="seen", data_type=DataType.DATETIME),
    Column(name="补助金额", code="money", data_type=DataType.MONEY, minimum=0, maximum=100000),
    Column(name="面积", code="area", data_type=DataType.NUMBER),
    Column(name="人数", code="people", data_type=DataType.INTEGER),
    Column(name="是否在册", code="listed", data_type=DataType.BOOLEAN),
)

MANY = (
    Column(name="序号", code="n", data_type=DataType.INTEGER),
    Column(name="组", code="g", data_type=DataType.TEXT),
)

HEADER = "编号,姓名,出生日期,登记时间,补助金额,面积,人数,是否在册"
ROWS = (
    "000001,许霞,1986-05-29,2023-05-12 10:00:00,1200.50,88.5,3,是",
    '000002,石旭,1957年2月22日,2023年5月12日 9时5分,"1,200",60,2,否',
    "000003,赵凤兰,19800325,20230512103000,,NaN,—,",
)


@pytest.fixture
def write_text(tmp_path: Path) -> Callable[..., Path]:
    """Write lines to a file in an encoding; give its path."""

    def write(lines: Sequence[str], *, name: str = "in.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    return write


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "entry" / "rows"


@pytest.fixture
def load_lines(write_text: Callable[..., Path], table: Path) -> Callable[..., LoadResult]:
    """Load lines under a header into the table of the test."""

    def run(rows: Sequence[str], *, header: str = HEADER, columns: Sequence[Column] = PERSONS, **options) -> LoadResult:
        path = write_text([header, *rows])
        settings = {"file_name": "in.csv", "columns": columns, "table": table, "load_id": "load-1", **options}
        return load(path, **settings)

    return run


WAYS = ["file", "file with indexes", "parquet"]
"""How a version is read; the answers are the same."""


@pytest.fixture(params=WAYS)
def persons(request: pytest.FixtureRequest, load_lines, table, monkeypatch) -> Path:
    """Three persons in version 0, read in each of the ways."""
    load_lines(ROWS)
    _ready(table, request.param, monkeypatch, looked_up=["id", "born", "money", "people"])
    return table


@pytest.fixture(params=WAYS)
def many(request: pytest.FixtureRequest, load_lines, table, monkeypatch) -> Path:
    """50,000 rows counted downwards, read in each of the ways."""
    load_lines([f"{n},{'甲' if n % 2 else '乙'}" for n in range(50_000, 0, -1)], header="序号,组", columns=MANY)
    _ready(table, request.param, monkeypatch, looked_up=[column.code for column in MANY])
    return table


def _ready(table: Path, way: str, monkeypatch: pytest.MonkeyPatch, *, looked_up: Sequence[str]) -> None:
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 1)
    if way != "parquet":
        build_view(table, 0, looked_up=looked_up if way == "file with indexes" else ())
