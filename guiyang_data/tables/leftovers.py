"""What a load leaves when its disk is full or its process killed, and how it goes."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from guiyang_data.tables.refusals import LoadRefused, StorageFailed

LOG = "_delta_log"
STAGE = ".load-"
BUILDING = (".build-", ".compare-", ".make-")
FAILURES = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException, duckdb.FatalException)
"""How DuckDB says that disk or memory did not suffice: while it writes, at the commit, and after either."""
SETTLING = 0.2
"""Seconds within which the threads of a commit that failed have put down what they still had in hand."""
ABANDONED = 6 * 3600
"""Seconds after which a folder that somebody builds in is nobody's any more."""


def stage_prefix(table: Path) -> str:
    """How the folders begin in which rows of a load into this table wait."""
    return f"{STAGE}{table.name}-"


@contextmanager
def tidied(table: Path) -> Iterator[None]:
    """Clear away what a killed load left, and this one where it fails or is stopped. The caller holds the lock."""
    if _clear_stages(table):
        drop_strangers(table)
    try:
        yield
    except (OSError, *FAILURES, DeltaError, pa.ArrowException) as failed:
        _drop_all_strangers(table)
        raise StorageFailed(str(failed)) from failed
    except LoadRefused:
        raise  # before anything was put into the table
    except BaseException:
        # told to stop between the files and their commit: the stage goes, so that the next load would not look for them
        _drop_all_strangers(table)
        raise


def _clear_stages(table: Path) -> bool:
    """Whether there was a stage of a load that did not end. Nobody loads while the lock is held."""
    left = list(table.parent.glob(f"{stage_prefix(table)}*"))
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    for place in (table.parent, table.parent / "views" / table.name):
        for folder in place.glob(".*-*") if place.is_dir() else ():
            if folder.name.startswith(BUILDING) and folder.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)
    return bool(left)


def _drop_all_strangers(table: Path) -> None:
    """The same after a commit that failed or was stopped: its threads may put down a last file a moment later."""
    drop_strangers(table)
    time.sleep(SETTLING)
    while drop_strangers(table):
        time.sleep(SETTLING)


def drop_strangers(table: Path) -> list[Path]:
    """Remove the files of rows that no commit names: they were written for one that was never made."""
    if not table.is_dir():
        return []
    known = {table / path for path in _committed(table)}
    strangers = [file for file in table.rglob("*.parquet") if LOG not in file.parts and file not in known]
    for file in strangers:
        file.unlink(missing_ok=True)
    return strangers


def _committed(table: Path) -> Iterator[str]:
    # every entry of the log is kept for ever, so that it names every file of every version
    for entry in (table / LOG).glob("*.json"):
        for line in entry.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            for kind in ("add", "cdc"):
                if kind in action:
                    yield unquote(action[kind]["path"])
