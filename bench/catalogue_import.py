"""Bringing in a catalogue of thousands of entries and tens of thousands of items from the shell, on SQLite.

The whole command is timed, from its start to its end, as an official of the agency waits for it: a first import, the
same file again (nothing changes), a corrected file (every entry changes), and the export. Each round has a new data
folder of the embedded settings. Beside them the same import on PostgreSQL. No peer imports catalogues by the guide.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bench import city
from bench.figures import Figure
from bench.ground import HANDED_ON, ROOT
from bench.words import titles
from guiyang_data.tables.streaming_sheets import stream_workbook

TARGET_SECONDS = 60.0
SHORT_NAME = "市交通委"
HEADER = (
    *("信息资源名称", "信息资源摘要", "所属领域", "关键字", "更新周期", "共享类型", "共享条件", "是否开放", "资源格式"),
    *("联系科室", "联系电话", "信息项名称", "字段英文名", "数据类型", "数据长度", "信息项说明", "是否必填", "值域"),
)
ENTRY_COLUMNS = 11


def measure(entries: int, items: int, rounds: int) -> list[Figure]:
    """Seconds of each command, over rounds; ``items`` in all, the same number for each entry."""
    code = city.agency(SHORT_NAME).code
    facts = {"entries": entries, "items": items}
    with tempfile.TemporaryDirectory(prefix="guiyang-bench-catalogue-") as name:
        folder = Path(name)
        files = {kind: _file(folder, kind, entries, items // entries) for kind in ("xlsx", "csv")}
        corrected = _file(folder, "corrected.csv", entries, items // entries, contact="数据科")
        base = _embedded(folder / "base")
        return [
            *_on_sqlite(folder, base, code, files, corrected, rounds, facts),
            _on_postgresql(folder, code, files["csv"], facts),
        ]


def _on_sqlite(
    folder: Path,
    base: Path,
    code: str,
    files: Mapping[str, Path],
    corrected: Path,
    rounds: int,
    facts: Mapping[str, int],
) -> list[Figure]:
    steps: dict[str, tuple[list[float], list[dict[str, Any]]]] = {}

    def step(name: str, data: Path, file: Path) -> None:
        seconds, report = _import(_environment(data), folder, code, file)
        values, reports = steps.setdefault(name, ([], []))
        values.append(seconds)
        reports.append(report)

    exports: list[float] = []
    for number in range(rounds):
        data = {kind: Path(shutil.copytree(base, folder / f"{kind}-{number}")) for kind in files}
        step("first import, XLSX", data["xlsx"], files["xlsx"])
        step("first import, CSV", data["csv"], files["csv"])
        step("the same file again", data["csv"], files["csv"])
        step("every entry changed", data["csv"], corrected)
        exports.append(_export(_environment(data["csv"]), folder / f"export-{number}.xlsx", code))
    figures = [_figure(f"SQLite, {name}", values, facts, reports) for name, (values, reports) in steps.items()]
    return [*figures, Figure(name="SQLite, export, XLSX", unit="s", values=exports, facts=dict(facts))]


def _on_postgresql(folder: Path, code: str, file: Path, facts: Mapping[str, int]) -> Figure:
    seconds, report = _import(os.environ, folder, code, file)
    return _figure("PostgreSQL, first import, CSV", [seconds], facts, [report])


def _figure(name: str, values: list[float], facts: Mapping[str, int], reports: list[dict[str, Any]]) -> Figure:
    counted = {key: [report[key] for report in reports] for key in ("created", "updated", "unchanged", "refused")}
    return Figure(name=name, unit="s", values=values, target=TARGET_SECONDS, facts={**facts, **counted})


def _import(environment: Mapping[str, str], folder: Path, code: str, file: Path) -> tuple[float, dict[str, Any]]:
    report = folder / "report.json"
    seconds = _run(environment, "import_catalogue", str(file), "--agency", code, "--report", str(report))
    return seconds, json.loads(report.read_text(encoding="utf-8"))


def _export(environment: Mapping[str, str], file: Path, code: str) -> float:
    return _run(environment, "export_catalogue", "--agency", code, "--output", str(file))


def _run(environment: Mapping[str, str], *words: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "manage.py", *words]
    subprocess.run(command, cwd=ROOT, env=dict(environment), check=True, stdout=sys.stderr)
    return round(time.perf_counter() - began, 2)


def _embedded(folder: Path) -> Path:
    """A data folder of the embedded settings with the city's agencies and people."""
    folder.mkdir()
    _run(_environment(folder), "migrate", "--noinput", "--verbosity", "0")
    _run(_environment(folder), "load_demonstration", "--people-only")
    return folder


def _environment(data: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in HANDED_ON or not name.startswith(("GUIYANG_", "DJANGO_"))
    }
    return kept | {"DJANGO_SETTINGS_MODULE": "guiyang_data.settings.embedded", "GUIYANG_DATA_DIR": str(data)}


def _file(folder: Path, ending: str, entries: int, each: int, contact: str = "信息科") -> Path:
    file = folder / (f"catalogue.{ending}")
    rows = _rows(entries, each, contact)
    if ending == "xlsx":
        book = Workbook()
        book.worksheets[0].append(list(HEADER))
        with file.open("wb") as out:
            out.writelines(stream_workbook(book, rows))
    else:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEADER)
            writer.writerows(rows)
    return file


def _rows(entries: int, each: int, contact: str) -> Iterator[list[str]]:
    """A row for each item; the entry stands on that of its first."""
    for number, title in enumerate(titles(entries)):
        conditional = number % 3 == 0
        sharing = ["有条件共享", "限履行本机关职责使用"] if conditional else ["无条件共享", ""]
        abstract = f"{title}，写明装的是什么数据、主要有哪些信息项、覆盖什么范围。"
        entry = [title, abstract, "交通", "出行、设施", "每月", *sharing, "是", "XLSX", contact, "0851-00000000"]
        for place in range(each):
            kind = ("字符型", "整型", "日期型")[place % 3]
            words = "一类、二类、三类" if place == 3 else ""
            item = [f"信息项{place}", f"item_{place}", kind, "40" if kind == "字符型" else "", f"第{place}项的含义"]
            yield [*(entry if place == 0 else [""] * ENTRY_COLUMNS), *item, "是" if place == 0 else "否", words]
