"""``python -m bench``: every figure, or those that are named, as a table and as JSON."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import machine, table
from bench.ground import Ground, base, copied

FULL: dict[str, dict[str, Any]] = {
    "sweep_idle": {"clocks": 1_000_000, "rounds": 20},
    "sweep_due": {"idle": 200_000, "due": 10_000, "rounds": 2},
    "recount": {"idle": 1_000_000, "touched": 10_000},
    "todo_list": {"clocks": 200_000, "owed": 10_000, "requests": 400, "rounds": 3},
    "similar_requests": {"requests": 100_000, "questions": 400, "rounds": 3},
    "due_days": {"days": 1461, "rounds": 5},
    "row_loading": {"rows": 1_000_000, "many": 10_000_000, "rounds": 3},
    "batches": {
        **{"rows": 100_000, "batch": 1_000, "batches": 60},
        **{"entries": 20, "pushes": 3_000, "a_second": 50, "small": 20},
    },
    "catalogue_import": {"entries": 5_000, "items": 50_000, "rounds": 2},
    "catalogue_lists": {"entries": 100_000, "requests": 400, "rounds": 3},
    "shared_export": {"rows": 1_000_000, "many": 10_000_000, "rounds": 3},
    "key_lookup": {"rows": 1_000_000, "lookups": 400, "rounds": 3, "a_second": 100, "seconds": 60},
    "change_feed": {"rows": 1_000_000, "changed": 1_000, "asked": 40, "rounds": 3},
}
SMALL: dict[str, dict[str, Any]] = {
    "sweep_idle": {"clocks": 300, "rounds": 2},
    "sweep_due": {"idle": 50, "due": 30, "rounds": 1},
    "recount": {"idle": 100, "touched": 30},
    "todo_list": {"clocks": 200, "owed": 70, "requests": 8, "rounds": 1},
    "similar_requests": {"requests": 200, "questions": 8, "rounds": 1},
    "due_days": {"days": 60, "rounds": 1},
    "row_loading": {"rows": 2000, "many": 4000, "rounds": 1},
    "batches": {
        **{"rows": 50, "batch": 20, "batches": 3},
        **{"entries": 2, "pushes": 8, "a_second": 8, "small": 5},
    },
    "catalogue_import": {"entries": 6, "items": 18, "rounds": 1},
    "catalogue_lists": {"entries": 200, "requests": 16, "rounds": 1},
    "shared_export": {"rows": 500, "many": 2_000, "rounds": 1},
    "key_lookup": {"rows": 500, "lookups": 12, "rounds": 1, "a_second": 20, "seconds": 1},
    "change_feed": {"rows": 200, "changed": 20, "asked": 2, "rounds": 1},
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*FULL, []], help="which figures; all where none is named")
    parser.add_argument("--small", action="store_true", help="a few rows, to see that everything runs and counts right")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


def _measured(ground: Ground, name: str, sizes: dict[str, Any]) -> dict[str, Any]:
    facts, began = machine(), time.monotonic()
    file = ground.folder / f"{name}.json"
    command = [sys.executable, "-m", "bench.child", name, json.dumps(sizes), str(file)]
    subprocess.run(command, env=ground.environment(), check=True, stdout=sys.stderr)
    facts |= {"load_after": round(os.getloadavg()[0], 1), "seconds": round(time.monotonic() - began)}
    return {"program": name, "sizes": sizes, "machine": facts, "figures": json.loads(file.read_text("utf-8"))}


def main() -> None:
    """Measure in databases of their own, and show."""
    asked = _arguments()
    sizes = SMALL if asked.small else FULL
    results = []
    with tempfile.TemporaryDirectory(prefix="guiyang-bench-") as folder, base(Path(folder)) as ground:
        for name in asked.names or sizes:
            with copied(ground, name) as own:
                results.append(_measured(own, name, sizes[name]))
            print(f"\n{name} {sizes[name]} {results[-1]['machine']}")
            print(table(results[-1]["figures"]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
