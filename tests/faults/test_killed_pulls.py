"""A worker is killed at every named point of a scheduled pull; its rows are there once, and no pull is left hanging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Load, Pull, PullRun
from catalog.services.pulls import JOB as PULL
from tests.catalog.batches.conftest import rows_of
from tests.catalog.pulls.conftest import MAPPING, Served, bus, served
from tests.factories import accounts, systems
from tests.factories import catalog as make
from tests.faults.killing import PULLING
from tests.faults.machines import Place, copy_of, standing_in
from tests.faults.town import moment

pytestmark = pytest.mark.faults
__all__ = ["served"]

GATHER = "catalog.gather_batches"
ON = make.AT.date()
TEN, LATER = 10 * 3600, 11 * 3600 + 60
"""When a worker is killed, and when another comes: after the lease of the first has run out."""


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
def pull(entry: CatalogEntry, served: Served) -> Pull:
    """All routes of the provider's system, whole, each day."""
    served.give("/v1/routes", [bus("001"), bus("002", "旅游线")])
    steward = make.steward_of(entry.provider)
    system = systems.system_in_use(entry.provider)
    facts = systems.interface_facts(served.url("/v1"))
    interface = services.add_interface(system_id=system.pk, by=steward, at=make.AT, facts=facts)
    asked = services.PullFacts(interface=interface.pk, path="/routes", mapping=MAPPING, every=1440)
    return services.add_pull(entry_id=entry.pk, by=steward, at=make.AT, facts=asked)


@pytest.mark.parametrize("point", list(PULLING))
def test_a_worker_killed_at_this_point_leaves_a_pull_whose_rows_are_there_once(
    place: Place, entry: CatalogEntry, pull: Pull, served: Served, point: str
) -> None:
    # given a pull that is due, and a worker that is killed there
    Pull.objects.update(next_run_at=moment(ON, TEN - 60))
    place.move_to(ON, seconds=TEN)
    place.killed_at(point, PULL)

    # when the message is lost with it, and the next one comes
    place.move_to(ON, seconds=LATER)
    place.worker()
    place.work_off(PULL)
    place.work_off(GATHER)

    # then the rows are those of the interface, received by one run, and the next is tomorrow
    assert [row[:2] for row in rows_of(entry)] == [("001", "环线"), ("002", "旅游线")]
    ended = list(PullRun.objects.order_by("pk").values_list("state", flat=True))
    assert ended in (["received"], ["broken", "received"])
    loads = Load.objects.filter(source="pull")
    assert list(loads.values_list("state", "rows_accepted", "version__number")) == [("done", 2, 2)]
    pull.refresh_from_db()
    assert pull.next_run_at is not None
    assert pull.next_run_at > moment(ON, LATER)
    assert pull.failures == 0
