"""A CSV with every check on, until its rows can be queried: seconds and memory beside DuckDB's own CSV to Parquet.

The peer reads the same file, guesses types and writes one Parquet file; it checks nothing, keeps no list of what it
refuses, knows no keys and makes no version. Each load runs in a process of its own
(``python -m bench.row_loading ours|duckdb FILE``), so that its memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.figures import Figure
from guiyang_data.tables.check_digits import CheckDigits
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import load
from guiyang_data.tables.query import build_view, query

TIMES_PEER = 3
CREDIT_CODE = r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}"
COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, length=8, is_key=True),
    Column(name="名称", code="name", data_type=DataType.TEXT, length=50, required=True),
    Column(
        name="统一社会信用代码",
        code="credit_code",
        data_type=DataType.TEXT,
        pattern=CREDIT_CODE,
        check_digits=CheckDigits.CREDIT_CODE,
        unique=True,
    ),
    Column(
        name="证件号",
        code="paper",
        data_type=DataType.TEXT,
        length=18,
        pattern=r"\d{17}[\dX]",
        check_digits=CheckDigits.RESIDENT_ID,
    ),
    Column(name="电话", code="telephone", data_type=DataType.TEXT, pattern=r"1\d{10}"),
    Column(name="登记日期", code="day", data_type=DataType.DATE, minimum="2000-01-01", maximum="2029-12-31"),
    Column(name="更新时间", code="time", data_type=DataType.DATETIME, required=True),
    Column(name="金额", code="money", data_type=DataType.MONEY, minimum=0),
    Column(name="面积", code="area", data_type=DataType.NUMBER, minimum=0, maximum=100_000),
    Column(name="人数", code="people", data_type=DataType.INTEGER, length=6, minimum=0),
    Column(name="在册", code="listed", data_type=DataType.BOOLEAN),
    Column(name="类别", code="kind", data_type=DataType.TEXT, codes=["0", "1", "2", "3", "4"]),
)
BAD_EVERY = 1000
"""Each so many rows one has a day that no year has."""
CREDIT_SIGNS, PAPER_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY", "0123456789X"


def _checked(body: str, signs: str, weights: Sequence[int], rest: int) -> str:
    """SQL: a number of seventeen signs with the one that checks them."""
    points = (
        f"{weight} * (instr('{signs}', substr({body}, {place}, 1)) - 1)"
        for place, weight in enumerate(weights, start=1)
    )
    modulus = len(signs)
    check = f"({modulus} + {rest} - ({' + '.join(points)}) % {modulus}) % {modulus}"
    return f"{body} || substr('{signs}', ({check})::INT + 1, 1)"


VALUES = f"""
    lpad(i::VARCHAR, 8, '0'), '企业' || (i * 7919 % 1000003),
    {_checked("credit", CREDIT_SIGNS, [3**place % 31 for place in range(17)], 0)},
    {_checked("paper", PAPER_SIGNS, [2 ** (17 - place) % 11 for place in range(17)], 1)},
    '1' || (3000000000 + i * 37 % 1000000000),
    CASE WHEN i % {BAD_EVERY} = 7 THEN '2023-02-30' ELSE strftime(DATE '2020-01-01' + (i % 1500)::INT, '%Y-%m-%d') END,
    strftime(TIMESTAMP '2023-01-01 08:00:00' + to_seconds(i % 10000000), '%Y-%m-%d %H:%M:%S'),
    printf('%.2f', (i % 1000000) / 7.0), printf('%.3f', (i % 9999) / 3.0), i % 500,
    CASE WHEN i % 2 = 0 THEN '是' ELSE '否' END, i % 5
"""
NUMBERS = """
    i, '91520100MA' || lpad((i % 10000000)::VARCHAR, 7, '0') AS credit,
    '52010219' || (70 + i % 30) || '0101' || lpad((i % 1000)::VARCHAR, 3, '0') AS paper
"""


def measure(rows: int, many: int, rounds: int) -> list[Figure]:
    """Seconds and MiB for ``rows`` rows over several rounds, and MiB for ``many`` once."""
    with tempfile.TemporaryDirectory(prefix="guiyang-bench-rows-") as folder:
        path = _file(Path(folder) / "rows.csv", rows)
        ours, theirs = [], []
        for _round in range(rounds):
            theirs.append(_alone("duckdb", path))
            ours.append(_alone("ours", path))
        path.unlink()
        large = _alone("ours", _file(Path(folder) / "many.csv", many))
    facts = {key: ours[-1][key] for key in ("rows", "accepted", "refused")}
    peer = [told["seconds"] for told in theirs]
    times = [round(mine["seconds"] / other, 2) for mine, other in zip(ours, peer, strict=True)]
    return [
        Figure(name="a CSV until its rows can be queried", unit="s", values=[o["seconds"] for o in ours], facts=facts),
        Figure(name="the same in times of DuckDB's", unit="x", values=times, target=TIMES_PEER),
        Figure(name="its memory at most", unit="MiB", values=[told["mib"] for told in ours], target=1024),
        Figure(name="the file that readers read, built after", unit="s", values=[told["view"] for told in ours]),
        Figure(name="the memory of many rows", unit="MiB", values=[large["mib"]], target=2048, facts=large),
        Figure(name="DuckDB, CSV to Parquet", unit="s", values=peer, peer=True),
        Figure(name="DuckDB, its memory", unit="MiB", values=[told["mib"] for told in theirs], peer=True),
    ]


def _file(path: Path, rows: int) -> Path:
    names = ", ".join(column.name for column in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        numbers = f"SELECT {NUMBERS} FROM range(1, {rows} + 1) made(i)"  # noqa: S608
        made = f"SELECT * FROM (SELECT {VALUES} FROM ({numbers})) named({names})"  # noqa: S608
        connection.execute(f"COPY ({made}) TO '{path}' (HEADER)")
    return path


def _alone(what: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.row_loading", what, str(path)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def _ours(path: Path, folder: Path) -> dict[str, float]:
    table = folder / "entry" / "rows"
    began = time.perf_counter()
    result = load(path, file_name=path.name, columns=COLUMNS, table=table, load_id="bench")
    page = query(table, result.version, columns=COLUMNS, sort=["-money"], limit=100)
    seconds = time.perf_counter() - began
    build_view(table, result.version)
    facts = {"rows": result.rows_read, "accepted": page.total, "refused": result.rows_refused}
    return facts | {"seconds": round(seconds, 2), "view": round(time.perf_counter() - began - seconds, 2)}


def _duckdb(path: Path, folder: Path) -> dict[str, float]:
    began = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"COPY (SELECT * FROM read_csv('{path}')) TO '{folder}/rows.parquet'")  # noqa: S608
    return {"seconds": round(time.perf_counter() - began, 2)}


def main() -> None:
    """One load, told as JSON."""
    what, path = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="load-", dir=path.parent) as folder:
        told = (_ours if what == "ours" else _duckdb)(path, Path(folder))
    told["mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
