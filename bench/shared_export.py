"""A whole table taken as CSV through a grant: rows a second, time to the first byte, and the memory of the web process.

Asked of the web process, each time with its right asked anew at every batch and both rows of the log, for a table and
for one ten times as long. The peer is DuckDB writing the same columns of the same Parquet files as a CSV file, which
knows no right, no condition and no log, and uses every core.
"""

from __future__ import annotations

import http.client
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb
from django.core.files import File

from bench import city
from bench.figures import Figure
from bench.grants import EVERY_ROW, HIDDEN, granted
from bench.ground import HOST_NAME
from bench.portal import cookie_of, web
from bench.pushing import ITEMS, entry
from catalog import services as catalog
from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.ledger.models import Access
from guiyang_data.tables.query import build_view
from guiyang_data.tables.storing import at_version, files_of
from guiyang_data.timekeeping import now
from sharing.models import SharingGrant

SHARE_OF_PEER = 2.0
"""At no less than half the peer's rate: in at most twice its time."""
FIRST_BYTE_MS = 300.0
FLAT_MIB = 64
"""How much more memory the web process may need for ten times as many rows."""
CHUNK = 1 << 20
MOST_A_FILE = 2_500_000
"""Rows of a file that may still be uploaded."""
VALUES = """
    i AS "编号", '第 ' || i || ' 条公交线路' AS "名称", i % 97 AS "数量", (i % 89) / 4.0 AS "长度",
    DATE '2020-01-01' + (i % 2000)::INT AS "日期", '是' AS "是否在用"
"""


@dataclass(frozen=True, kw_only=True)
class _Taken:
    seconds: float
    first_byte: float
    rows: int
    status: int


def measure(rows: int, many: int, rounds: int) -> list[Figure]:
    """Seconds of an export of ``rows`` and of ``many``, beside the peer in the same round; MiB of the web process."""
    small, large = _filled(0, rows), _filled(1, many)
    with web() as port:
        grants = {made: granted(made, hidden=HIDDEN, rows=EVERY_ROW) for made in (small, large)}
        _export(port, grants[small])
        few = [_export(port, grants[small]) for _round in range(rounds)]
        before = _peak_mib(port)
        ours, theirs = [], []
        for _round in range(rounds):
            theirs.append(_peer(large))
            ours.append(_export(port, grants[large]))
        more = _peak_mib(port) - before
    taken = few + ours
    facts = {
        "rows": sorted({one.rows for one in taken}),
        "refused": sum(one.status != 200 for one in taken),
        "logged": Access.objects.filter(phase=Access.Phase.CLOSED, outcome="完成").count() - 1,
        "rows_a_second": [round(one.rows / one.seconds) for one in ours],
    }
    first = [round(one.first_byte * 1000, 1) for one in taken]
    times = [round(mine.seconds / peer, 2) for mine, peer in zip(ours, theirs, strict=True)]
    return [
        Figure(name="all rows as CSV through a grant", unit="s", values=[one.seconds for one in ours], facts=facts),
        Figure(name="the same in times of DuckDB's", unit="x", values=times, target=SHARE_OF_PEER),
        Figure(name="until the first byte", unit="ms", values=first, target=FIRST_BYTE_MS),
        Figure(
            name="more memory for many rows than for few",
            unit="MiB",
            values=[max(more, 0)],
            target=FLAT_MIB,
            facts={"peak_mib": before + more},
        ),
        Figure(name="DuckDB, Parquet to a CSV file", unit="s", values=theirs, peer=True),
    ]


def _filled(number: int, rows: int) -> CatalogEntry:
    """An entry in force, shared on condition, with so many rows and the file that readers read."""
    made = entry(number, rows=1)
    steward = city.person("transport")
    EntryRevision.objects.filter(entry=made).update(sharing_type="conditional", sharing_condition="限本职责。")
    with tempfile.TemporaryDirectory(prefix="guiyang-bench-export-") as folder:
        for first in range(0, rows, MOST_A_FILE):
            path = Path(folder) / f"{first}.csv"
            last = min(first + MOST_A_FILE, rows)
            with duckdb.connect() as connection:
                lines = f"SELECT {VALUES} FROM range({first}, {last}) made(i)"  # noqa: S608 - numbers of our own
                connection.execute(f"COPY ({lines}) TO '{path}' (HEADER)")
            with path.open("rb") as file:
                load = catalog.land_file(
                    entry_id=made.pk,
                    uploaded=File(file, name="数据.csv"),
                    by=steward,
                    at=now(),
                    mode="append" if first else "replace",
                )
            catalog.run_load(load.pk, at=now())
            path.unlink()
    filled = CatalogEntry.objects.select_related("current_data").get(pk=made.pk)
    build_view(filled.table, _version(filled))
    return filled


def _version(made: CatalogEntry) -> int:
    if made.current_data is None:
        raise RuntimeError("the entry has no data")
    return made.current_data.table_version


def _export(port: int, grant: SharingGrant) -> _Taken:
    headers = {"Cookie": cookie_of(city.person("health")), "Sharing-Purpose": quote("测试")}
    link = http.client.HTTPConnection(HOST_NAME, port, timeout=600)
    began = time.perf_counter()
    link.request("GET", f"/api/v1/sharing/grants/{grant.pk}/export.csv", headers=headers)
    answer = link.getresponse()
    lines = answer.read(1).count(b"\n")
    first = time.perf_counter() - began
    while chunk := answer.read(CHUNK):
        lines += chunk.count(b"\n")
    seconds = time.perf_counter() - began
    link.close()
    return _Taken(seconds=round(seconds, 4), first_byte=first, rows=lines - 1, status=answer.status)


def _peer(made: CatalogEntry) -> float:
    names = ", ".join(f'"{item.code}"' for item in ITEMS if item.code != HIDDEN)
    listed = ", ".join(f"'{file}'" for file in files_of(at_version(Path(made.table), _version(made))))
    with tempfile.TemporaryDirectory(prefix="guiyang-bench-export-") as folder, duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        began = time.perf_counter()
        rows = f"SELECT {names} FROM read_parquet([{listed}]) WHERE amount >= 0"  # noqa: S608 - our own files
        connection.execute(f"COPY ({rows}) TO '{folder}/rows.csv' (HEADER)")
        return round(time.perf_counter() - began, 4)


def _peak_mib(port: int) -> int:
    """The most memory that any process of the web has held so far."""
    return max((_peak(process) for process in _processes(f"PORT={port}".encode())), default=0)


def _processes(mark: bytes) -> Iterator[Path]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in said and int(folder.name) != os.getpid():
            yield folder


def _peak(process: Path) -> int:
    lines = (process / "status").read_text("ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)
