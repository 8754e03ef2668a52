"""A worker is killed at every named point of a load: readers have old rows or new ones, and the next worker ends it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from catalog.models import CatalogEntry, Load
from catalog.selectors import columns_of
from catalog.services.gathering import SILENT
from guiyang_data.ledger.selectors import events_of
from guiyang_data.tables.query import query
from guiyang_data.tables.storing import latest_version
from tests.factories import accounts
from tests.factories import catalog as make
from tests.faults.killing import LOADING, MERGING
from tests.faults.machines import LOAD, SWEEP, Place, copy_of, standing_in

pytestmark = pytest.mark.faults

TEN_O_CLOCK = 10 * 3600
PAUSE = int(SILENT.total_seconds()) + 60
"""After so long a sweep takes a silent worker for gone."""
CHANGED = [make.ROWS[0] | {"长度": "13"}, {"线路编号": "020", "线路名称": "新线", "长度": "5", "开通日期": ""}]
OLD = [("001", 12.5), ("002", 8.0), ("010", 21.3)]
NEW = {"replace": [("001", 13.0), ("020", 5.0)], "upsert": [("001", 13.0), ("002", 8.0), ("010", 21.3), ("020", 5.0)]}


@dataclass(frozen=True)
class Made:
    """A database with an entry that has one version of its data, and the folder of its rows."""

    database: str
    folder: Path


@pytest.fixture(scope="module")
def with_rows(empty: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("rows")
    with copy_of(empty) as name:
        with standing_in(name), override_settings(DATA_DIR=folder, ROWS_DIR=folder / "rows"):
            make.entry_in_force(accounts.city().provider, rows=make.ROWS)
        yield Made(name, folder)


@pytest.fixture
def place(with_rows: Made, place_of: Callable[[str], Place], settings: Any) -> Iterator[Place]:
    with copy_of(with_rows.database) as name, standing_in(name):
        made = place_of(name)
        shutil.copytree(with_rows.folder, made.folder, dirs_exist_ok=True)
        settings.DATA_DIR, settings.ROWS_DIR = made.folder, made.folder / "rows"
        yield made
        made.clear_away()


def seen() -> list[tuple[Any, ...]]:
    """What readers are given: the first and the third item of every row."""
    entry = CatalogEntry.objects.select_related("current_data", "in_force").get()
    assert entry.current_data is not None
    assert entry.in_force is not None
    rows = query(entry.table, entry.current_data.table_version, columns=columns_of(entry.in_force)).rows
    return [(row[0], row[2]) for row in rows]


def assert_loaded_once(load: Load, mode: str) -> None:
    load.refresh_from_db()
    entry = load.entry
    assert (load.state, load.rows_accepted) == (Load.State.DONE, 2)
    assert seen() == NEW[mode]
    assert (entry.data_versions.count(), latest_version(entry.table)) == (2, 1)
    assert events_of(entry).filter(verb="gather").count() == 2
    left = [path.name for path in entry.table.parent.iterdir() if path.name.startswith((".load-", ".build-"))]
    assert left == []


@pytest.mark.parametrize(
    ("point", "mode"), [*((point, "replace") for point in LOADING), *((point, "upsert") for point in MERGING)]
)
def test_a_load_killed_at_this_point_leaves_the_old_rows_or_the_new_ones_and_is_finished_by_the_next(
    place: Place, point: str, mode: str
) -> None:
    # given a worker that is killed there
    day = make.AT.date()
    place.move_to(day)
    load = make.land_csv(CatalogEntry.objects.get(), CHANGED, mode=mode, at=make.AT + dt.timedelta(minutes=59))
    place.killed_at(point, LOAD, ids=[load.pk])

    # then no reader sees a mixture
    assert seen() in (OLD, NEW[mode])

    # when a sweep finds what was left lying
    place.move_to(day, seconds=TEN_O_CLOCK + PAUSE)
    place.worker()
    place.work_off(SWEEP)
    place.wait_for(lambda: Load.objects.get(pk=load.pk).state == Load.State.DONE, "the end of the load")
    place.work_off(LOAD, ids=[load.pk])

    # then
    assert_loaded_once(load, mode)
