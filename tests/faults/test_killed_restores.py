"""A process is killed at every named point of a restore: what is added afterwards meets the rows that readers have."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from catalog import services
from catalog.models import CatalogEntry, DataVersion
from guiyang_data.ledger.selectors import events_of
from tests.factories import accounts
from tests.factories import catalog as make
from tests.faults.killing import RESTORING
from tests.faults.machines import Place, copy_of, standing_in
from tests.faults.nursery import RESTORE
from tests.faults.test_killed_loads import seen

pytestmark = pytest.mark.faults

HOUR = dt.timedelta(hours=1)
SECOND = [make.ROWS[0] | {"长度": "13"}, *make.ROWS[1:]]
MORE = [{"线路编号": "020", "线路名称": "新线", "长度": "5", "开通日期": ""}]
EARLIER, LATER = 12.5, 13.0
"""The length of the first line in the first version and in the second."""


@dataclass(frozen=True)
class Made:
    """A database with an entry that has two versions of its data, and the folder of its rows."""

    database: str
    folder: Path


@pytest.fixture(scope="module")
def with_versions(empty: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("rows")
    with copy_of(empty) as name:
        with standing_in(name), override_settings(DATA_DIR=folder, ROWS_DIR=folder / "rows"):
            entry = make.entry_in_force(accounts.city().provider, rows=make.ROWS)
            make.gather(entry, SECOND, at=make.AT + HOUR)
        yield Made(name, folder)


@pytest.fixture
def place(with_versions: Made, place_of: Callable[[str], Place], settings: Any) -> Iterator[Place]:
    with copy_of(with_versions.database) as name, standing_in(name):
        made = place_of(name)
        shutil.copytree(with_versions.folder, made.folder, dirs_exist_ok=True)
        settings.DATA_DIR, settings.ROWS_DIR = made.folder, made.folder / "rows"
        yield made
        made.clear_away()


@pytest.mark.parametrize("point", list(RESTORING))
def test_rows_added_after_a_restore_that_was_killed_here_meet_those_that_readers_have(place: Place, point: str) -> None:
    # given somebody who restores the first version, and is cut off there
    entry = CatalogEntry.objects.get()
    steward = make.steward_of(entry.provider)
    place.move_to(make.AT.date(), seconds=12 * 3600)
    place.killed_at(point, RESTORE, ids=[entry.pk, 1, steward.pk])

    # then readers have one version or the other, and the ledger says the same
    (first, *_rest) = seen()
    restored = DataVersion.objects.filter(restored__number=1).count()
    assert first == ("001", EARLIER if restored else LATER)
    assert events_of(entry).filter(verb="restore-data").count() == restored

    # when rows are added
    load = make.land_csv(CatalogEntry.objects.get(), MORE, mode="append", at=make.AT + 5 * HOUR)
    done = services.run_load(load.pk, at=make.AT + 5 * HOUR)

    # then they stand beside just these
    assert (done.state, done.message) == ("done", "")
    assert seen() == [first, ("002", 8.0), ("010", 21.3), ("020", 5.0)]
