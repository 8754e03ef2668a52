"""The programs that take figures run and count right, at a small size. What they measure is never asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import surroundings
from tests.services.composed import ROOT, claim_redis

pytestmark = [pytest.mark.services, pytest.mark.figures]

SIZES = {
    "sweep_idle": 300,
    "sweep_due": 30,
    "recount": 30,
    "todo_list": 70,
    "similar_requests": 200,
    "due_days": 60,
    "row_loading": 2000,
    "batches": 8,
    **{"catalogue_import": 6, "catalogue_lists": 200, "shared_export": 500, "key_lookup": 12, "change_feed": 20},
}
"""How many clocks, rungs, cases, requests, days and rows there are in each."""


def _small(folder: Path) -> dict[str, dict[str, Any]]:
    """A small run of everything: by program, the facts of each figure by its name."""
    database, redis = surroundings.database_url(), surroundings.redis_url()
    assert database is not None
    assert redis is not None
    file = folder / "figures.json"
    environment = os.environ | {"GUIYANG_BENCH_DATABASE_URL": database, "GUIYANG_BENCH_REDIS_URL": claim_redis(redis)}
    subprocess.run(
        [sys.executable, "-m", "bench", "--small", "--json", str(file)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    programs = json.loads(file.read_text(encoding="utf-8"))
    return {
        program["program"]: {figure["name"]: figure["facts"] for figure in program["figures"]} for program in programs
    }


def test_a_small_run_of_every_program_counts_right(tmp_path: Path) -> None:
    found = _small(tmp_path)
    assert set(found) == set(SIZES)
    # every clock was there, none was due, none was swept
    idle = found["sweep_idle"]["a sweep with none due"]
    assert (idle["clocks"], idle["swept"]) == (SIZES["sweep_idle"], 0)
    # every rung fired once, whoever of two sweeps took it, and every page was answered
    for name, facts in found["sweep_due"].items():
        if name.startswith("pages"):
            assert facts["refused"] == 0
        elif "rungs" in facts:
            assert (facts["rungs"], facts["failures"], facts["doubled"]) == ([SIZES["sweep_due"]], 0, 0)
            assert [sum(shares) for shares in facts["shares"]] == facts["rungs"]
    # every clock that the day touches was foreseen, counted again once and moved, and no other
    recount = found["recount"]["the recount of what it touches"]
    assert {recount[name] for name in ("foreseen", "counted", "moved", "generations")} == {SIZES["recount"]}
    assert recount["finished"]
    # every list was answered, every request was indexed and every question found its like
    assert {facts["refused"] for facts in found["todo_list"].values() if "refused" in facts} == {0}
    typed = found["similar_requests"]["similar while typing, p95"]
    assert (typed["requests"], typed["indexed"], typed["refused"]) == (200, SIZES["similar_requests"], 0)
    ours = found["similar_requests"]["similar, in this process, p95"]
    assert ours["found_in_first_three"] == ours["asked"]
    # another library knows the same working days
    assert found["due_days"]["chinesecalendar"]["same"] == SIZES["due_days"]
    # every row was read, and those with a day that no year has were refused
    rows = found["row_loading"]["a CSV until its rows can be queried"]
    assert (rows["rows"], rows["accepted"], rows["refused"]) == (SIZES["row_loading"], SIZES["row_loading"] - 2, 2)
    # every push had its receipt and every row can be read
    pushed = next(facts for facts in found["batches"].values() if "pushes" in facts)
    assert (pushed["pushes"], pushed["lost_rows"], pushed["refused"], pushed["done"]) == (SIZES["batches"], 0, 0, 8)
    # every entry was made once on either engine, found again, and changed
    imported = {name: facts for name, facts in found["catalogue_import"].items() if "refused" in facts}
    done = {name: (facts["created"], facts["updated"], facts["unchanged"]) for name, facts in imported.items()}
    all_of_them, none = [SIZES["catalogue_import"]], [0]
    assert done == {
        **dict.fromkeys(("SQLite, first import, XLSX", "SQLite, first import, CSV"), (all_of_them, none, none)),
        "SQLite, the same file again": (none, none, all_of_them),
        "SQLite, every entry changed": (none, all_of_them, none),
        "PostgreSQL, first import, CSV": (all_of_them, none, none),
    }
    # every entry but one in fifty is in force, and every page was answered
    lists = found["catalogue_lists"].values()
    assert {(facts["entries"], facts["in_force"], facts["refused"]) for facts in lists} == {(200, 196, 0)}
    # every row left, of the short table and of the long one, and every reading stands in the log with its end
    export = found["shared_export"]["all rows as CSV through a grant"]
    assert (export["rows"], export["refused"], export["logged"]) == ([SIZES["shared_export"], 2_000], 0, 2)
    # every lookup was answered and stands in the log with its end
    looked = [facts for facts in found["key_lookup"].values() if "logged" in facts]
    assert [facts["asked"] for facts in looked] == [SIZES["key_lookup"], 20]
    assert all(facts["logged"] == [facts["asked"]] * 2 and not facts["refused"] for facts in looked)
    # every answer had every change, and the peer finds as many
    feed = found["change_feed"].values()
    assert [facts["changes"] for facts in feed] == [[SIZES["change_feed"]]] * 4
    assert {facts["refused"] for facts in feed if "refused" in facts} == {0}
