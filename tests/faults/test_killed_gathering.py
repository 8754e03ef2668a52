"""A worker is killed at every named point between the receipt of batches and their version; each row is there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.models import CatalogEntry, DataVersion, Load
from guiyang_data.accounts.models import User
from guiyang_data.ledger.selectors import events_of
from tests.catalog.batches.conftest import line, push, rows_of
from tests.factories import accounts
from tests.factories import catalog as make
from tests.faults.killing import GATHERING
from tests.faults.machines import Place, copy_of, standing_in

pytestmark = pytest.mark.faults

GATHER = "catalog.gather_batches"
TEN, LATER = 10 * 3600, 11 * 3600
"""When a worker is killed, and when another comes, long after it counts as gone."""
ON = make.AT.date()


@pytest.fixture
def place(empty: str, place_of: Callable[[str], Place], tmp_path: Path, settings: Any) -> Iterator[Place]:
    """An agency with an entry, in a database of its own."""
    settings.DATA_DIR, settings.ROWS_DIR = tmp_path, tmp_path / "rows"
    with copy_of(empty) as name, standing_in(name):
        made = place_of(name)
        yield made
        made.clear_away()


@pytest.fixture
def entry(place: Place) -> CatalogEntry:
    return make.entry_in_force(accounts.city().provider, rows=make.ROWS)


@pytest.fixture
def system(entry: CatalogEntry) -> User:
    return accounts.system(entry.provider).user


@pytest.mark.parametrize("point", list(GATHERING))
def test_a_worker_killed_at_this_point_leaves_batches_whose_rows_are_there_once(
    place: Place, entry: CatalogEntry, system: User, point: str
) -> None:
    # given three batches with receipts, and a worker that is killed there
    for number in range(3):
        push(entry, system, line(f"10{number}"), line("001", f"第{number}次"), mode="upsert")
    place.move_to(ON, seconds=TEN)
    place.killed_at(point, GATHER)

    # when the message is lost with it, and the next one comes
    place.move_to(ON, seconds=LATER)
    place.worker()
    place.work_off(GATHER)

    # then every row is there once, the last update holds, and one event tells of one version
    assert [(row[0], row[1]) for row in rows_of(entry)] == [
        ("001", "第2次"),
        ("002", "花果园专线"),
        ("010", "观山湖快线"),
        ("100", "环线"),
        ("101", "环线"),
        ("102", "环线"),
    ]
    batches = Load.objects.filter(source="push")
    assert set(batches.values_list("state", "rows_accepted", "rows_refused")) == {("done", 2, 0)}
    assert DataVersion.objects.filter(entry=entry).count() == 2
    assert [event.verb for event in events_of(entry)].count("gather") == 2
    assert set(batches.values_list("version__number", flat=True)) == {2}
