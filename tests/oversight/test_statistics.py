"""Shares of periods kept, with the numbers of cases they come from."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.accounts.models import Agency, Region
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from oversight import statistics
from oversight.selectors import overview
from oversight.statistics import Kept
from tests.factories.accounts import make_agency, make_region
from tests.factories.oversight import DUE, LATE, Cast, stopped
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

REPLIES = statistics.REPLIES


def kept(on: dt.date, year: int = 2026) -> Kept:
    return statistics.kept(statistics.all_clocks(), REPLIES, year=year, on=on)


def test_on_time_late_and_still_owed_all_count(people: Cast) -> None:
    stopped(running_clock(people.town.transport, subject="a.b:1"), DUE)
    stopped(running_clock(people.town.transport, subject="a.b:2"), LATE)
    running_clock(people.town.transport, subject="a.b:3")
    assert kept(DUE) == Kept(on_time=1, total=2)
    assert kept(LATE) == Kept(on_time=1, total=3)
    assert kept(LATE).percent == "33.3%"
    assert kept(LATE).cases == "1 / 3 件"


def test_withdrawn_targets_and_those_not_bound_do_not_count(people: Cast) -> None:
    withdrawn = running_clock(people.town.transport, subject="a.b:1")
    clocks.stop(withdrawn.subject, withdrawn.kind, on=LATE, at=at(LATE), by=PLATFORM, cause=Clock.Stop.WITHDRAWN)
    stopped(running_clock(people.town.transport, "correction", subject="a.b:2"), LATE)
    stopped(running_clock(make_agency(kind=Agency.Kind.ENTERPRISE), subject="a.b:3"), DUE)
    assert kept(LATE) == Kept(on_time=0, total=0)
    assert kept(LATE).percent == ""


def test_a_case_stands_in_the_year_it_was_finished(people: Cast) -> None:
    stopped(running_clock(people.town.transport, on=dt.date(2025, 12, 25)), dt.date(2026, 1, 4))
    assert kept(LATE, 2025).total == 0
    assert kept(LATE, 2026) == Kept(on_time=1, total=1)


def test_what_is_late_today_stands_in_todays_year_only(people: Cast) -> None:
    running_clock(people.town.transport, on=dt.date(2025, 11, 3))
    assert kept(LATE, 2025).total == 0
    assert kept(LATE, 2026) == Kept(on_time=0, total=1)


@pytest.mark.parametrize(
    ("on_time", "total", "state"),
    [(0, 0, ""), (95, 100, "on_time"), (949, 1000, "near"), (90, 100, "near"), (899, 1000, "late")],
)
def test_the_colour_of_a_share_follows_its_bounds(on_time: int, total: int, state: str) -> None:
    assert Kept(on_time=on_time, total=total).state == state


def test_the_ten_counties_lie_on_the_map_without_overlap(people: Cast) -> None:
    names = {"520102": "南明区", "520111": "花溪区", "520112": "乌当区", "520113": "白云区", "520115": "观山湖区"}
    names |= {"520121": "开阳县", "520122": "息烽县", "520123": "修文县", "520181": "清镇市"}
    for code, name in names.items():
        make_region(code, name, Region.Level.COUNTY)
    stopped(running_clock(people.town.county_department, subject="a.b:1"), DUE)
    stopped(running_clock(people.town.township, "sharing-reply", subject="a.b:2"), LATE)
    stopped(running_clock(people.town.transport, subject="a.b:3"), DUE)
    tiles = statistics.county_tiles(year=2026, on=LATE)
    assert len({(tile.row, tile.column) for tile in tiles}) == 10
    assert {tile.name for tile in tiles} == {
        "云岩",
        "南明",
        "花溪",
        "乌当",
        "白云",
        "观山湖",
        "开阳",
        "息烽",
        "修文",
        "清镇",
    }
    assert {tile.name: tile.kept for tile in tiles}["云岩"] == Kept(on_time=1, total=2)
    assert sum(tile.kept.total for tile in tiles) == 2


def test_each_agency_has_a_cell_for_each_kind(people: Cast) -> None:
    stopped(running_clock(people.town.transport, subject="a.b:1"), DUE)
    running_clock(people.town.transport, "sharing-reply", subject="a.b:2")
    stopped(running_clock(people.town.authority, "review-result", subject="a.b:3"), DUE)
    first, second = statistics.by_agency(year=2026, on=LATE)
    assert (first.agency, first.total) == ("贵阳市交通委员会", Kept(on_time=1, total=2))
    assert [cell.total for cell in first.cells] == [1, 1, 0, 0]
    assert (second.agency, second.cells[2]) == ("贵阳市大数据发展管理局", Kept(on_time=1, total=1))


def test_the_figures_cost_the_same_number_of_queries_however_many_agencies(
    people: Cast, django_assert_num_queries: object
) -> None:
    for number in range(8):
        stopped(running_clock(make_agency(), subject=f"a.b:{number}"), DUE)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(statistics.by_agency(year=2026, on=LATE)) == 8
    with django_assert_num_queries(2):  # type: ignore[operator]
        statistics.county_tiles(year=2026, on=LATE)


@pytest.mark.parametrize(("day", "late", "near"), [("2026-03-08", 0, 0), ("2026-03-09", 0, 1), ("2026-03-13", 1, 0)])
def test_the_board_counts_what_is_late_and_what_is_near(people: Cast, day: str, late: int, near: int) -> None:
    running_clock(people.town.transport)
    seen = overview(people.supervisor, dt.date.fromisoformat(day))
    assert (seen.late, seen.near, seen.near_agencies) == (late, near, near)
    assert seen.late_by_kind == ((("开放申请", 1),) if late else ())


def test_service_targets_are_counted_apart(people: Cast) -> None:
    running_clock(people.town.transport, "correction")
    seen = overview(people.supervisor, LATE)
    assert (seen.late, seen.late_targets) == (0, 1)
