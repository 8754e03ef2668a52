"""A general store of timers beside the sweep: APScheduler with its jobs in the same PostgreSQL.

It runs with the Python of an environment of its own (``bench/peers/requirements.lock``), which GUIYANG_BENCH_PEERS
names; where there is none, there is no figure.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from bench.figures import Figure
from bench.ground import ROOT

SCRIPT = Path(__file__).with_name("apscheduler_timers.py")


def peers_python() -> Path | None:
    """The Python of the peers' environment; None where it was not made."""
    folder = os.environ.get("GUIYANG_BENCH_PEERS", "")
    python = (ROOT / folder if folder else ROOT / "build" / "bench-peers") / "bin" / "python"
    return python if python.exists() else None


def figures(database_url: str, due: int) -> list[Figure]:
    """Seconds until as many timers have each written one row, with one scheduler and with two."""
    python = peers_python()
    if python is None:
        return []
    made = []
    for schedulers in (1, 2):
        command = [str(python), str(SCRIPT), database_url, str(due), str(schedulers)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        name = "APScheduler, a row for each timer" + (", two schedulers" if schedulers > 1 else "")
        made.append(Figure(name=name, unit="s", values=[told["seconds"]], peer=True, facts=told))
    return made
