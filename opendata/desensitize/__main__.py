"""``python -m opendata.desensitize plan.json in.csv out.csv``: desensitize a UTF-8 CSV file.

The plan names a technique for each column: ``{"columns": {"姓名": {"technique": "suppress"}}, "key": "…"}``. Columns it
does not name are kept, unless they hold a direct identifier: then nothing is written and the reason is said.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from guiyang_data.detection import detect
from opendata.desensitize.plan import Plan, make_plan, quoted
from opendata.desensitize.risk import measure
from opendata.desensitize.techniques import PlanError, literal

SAMPLE = 500


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status (2 where the plan is refused)."""
    parser = argparse.ArgumentParser(prog="python -m opendata.desensitize", description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(arguments)
    try:
        report = run(json.loads(options.plan.read_text(encoding="utf-8")), options.source, options.target)
    except PlanError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return 0


def run(content: dict[str, Any], source: Path, target: Path) -> dict[str, Any]:
    """Desensitize ``source`` into ``target``; returns the risk report. Raises ``PlanError`` and writes nothing."""
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE source AS SELECT * FROM read_csv({literal(str(source))}, all_varchar = true, header = true)"  # noqa: S608
        )
        names = [row[0] for row in connection.execute("DESCRIBE source").fetchall()]
        plan = _plan(connection, names, content)
        faults = plan.faults()
        if faults:
            raise PlanError("\n".join(faults.values()))
        chosen = ", ".join(f"{expression} AS {quoted(column.name)}" for column, expression in plan.selection())
        connection.execute(f"CREATE TABLE result AS SELECT {chosen} FROM source")  # noqa: S608
        quasi = [quoted(column.name) for column in plan.columns if column.is_quasi]
        report = measure(connection, "result", quasi=quasi, direct_left=False, personal=plan.personal)
        connection.execute(f"COPY result TO {literal(str(target))} (HEADER, DELIMITER ',')")
    return report.to_dict()


def _plan(connection: duckdb.DuckDBPyConnection, names: list[str], content: dict[str, Any]) -> Plan:
    detected = {}
    for name in names:
        rows = connection.execute(f"SELECT {quoted(name)} FROM source LIMIT {SAMPLE}").fetchall()  # noqa: S608
        detected[name] = detect(name, [row[0] for row in rows])
    return make_plan(
        [(name, name, "C") for name in names],
        content.get("columns", {}),
        detected=detected,
        key=str(content.get("key", "")),
    )


if __name__ == "__main__":
    raise SystemExit(main())
