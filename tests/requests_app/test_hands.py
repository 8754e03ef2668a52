"""A request that was handed on: the days each agency held it, on its pages and in the numbers of each agency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.statute.selectors import clocks_of, hands_of
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.statistics import by_agency, year_in_numbers
from requests_app.views.parts import hands_of_request
from tests.factories.accounts import staff
from tests.factories.requests import AGREE, Cast, at, cast, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TODAY = dt.date(2026, 11, 12)


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_twelfth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 12, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _hand_on(request: OpenRequest, by: User, to: Agency, on: dt.date) -> None:
    reasons = "这项数据由对方采集和管理。"
    services.transfer(request_id=request.pk, by=by, to=to, reasons=reasons, on=on, at=at(on))


def _reply(request: OpenRequest, agency: Agency, on: dt.date) -> None:
    drafter, approver = staff(agency, Role.DATA_STEWARD), staff(agency, Role.APPROVER)
    services.draft_reply(request_id=request.pk, by=drafter, text=AGREE, on=on, at=at(on))
    services.deliver_reply(request_id=request.pk, by=approver, on=on, at=at(on))


def test_the_days_of_all_hands_are_those_since_the_start(play: Cast) -> None:
    # given: filed on the 3rd, handed on on the 6th
    request = waiting(play)
    _hand_on(request, play.steward, play.city.health, day(6))

    # then: still running on the 12th
    held = hands_of_request(request, TODAY)
    assert [(one.agency, one.since, one.until, one.days) for one in held] == [
        (play.city.provider.name, day(3), day(6), 3),
        (play.city.health.name, day(6), None, 6),
    ]
    assert sum(one.days for one in held) == (TODAY - day(3)).days

    # when it is answered
    _reply(request, play.city.health, day(10))

    # then: the last hand ends with the clock
    held = hands_of_request(request, TODAY)
    assert (held[-1].until, held[-1].days) == (day(10), 4)


def test_a_request_that_never_moved_shows_no_hands(play: Cast) -> None:
    request = waiting(play)
    assert hands_of_request(request, TODAY) == []
    assert len(hands_of(clocks_of(request).get(), TODAY)) == 1
    assert "经手的机关" not in Client().get(request.get_absolute_url()).content.decode()


def test_everyone_reads_who_held_it_and_for_how_long(play: Cast) -> None:
    # given
    request = waiting(play)
    _hand_on(request, play.steward, play.city.health, day(6))

    # then
    worker = Client()
    worker.force_login(staff(play.city.health, Role.DATA_STEWARD))
    for client, path in ((Client(), request.get_absolute_url()), (worker, request.work_path)):
        page = client.get(path).content.decode()
        part = page.split('id="hands"')[1].split("</table>")[0]
        assert part.index(play.city.provider.name) < part.index(play.city.health.name)
        assert ">3</td>" in part
        assert ">6</td>" in part


def test_the_numbers_tell_what_was_handed_on_and_the_days_in_each_hand(play: Cast) -> None:
    # given: two handed on after 3 and 1 days, one kept for 2 days and answered
    first, second, third = waiting(play), waiting(play), waiting(play)
    _hand_on(first, play.steward, play.city.health, day(6))
    _hand_on(second, play.steward, play.city.health, day(4))
    _reply(third, play.city.provider, day(5))

    # when
    rows = {row.agency: row.numbers for row in by_agency(2026, today=TODAY)}

    # then
    provider, health = rows[play.city.provider], rows[play.city.health]
    assert (provider.filed, provider.handed_on, provider.median_held) == (1, 2, 2)
    assert (health.filed, health.handed_on, health.median_held) == (2, 0, 7)
    total = year_in_numbers(2026, today=TODAY)
    assert (total.handed_on, total.median_held) == (2, 3)
    alone = year_in_numbers(2026, today=TODAY, agency=play.city.health)
    assert (alone.handed_on, alone.median_held) == (0, 7)


def test_page_file_and_interface_tell_the_same_numbers(play: Cast) -> None:
    # given
    request = waiting(play)
    _hand_on(request, play.steward, play.city.health, day(6))
    client = Client()

    # then
    page = client.get("/requests/statistics/").content.decode()
    assert 'data-label="转出">1</td>' in page
    assert 'data-label="经手中位数">3 天</td>' in page
    lines = b"".join(client.get("/requests/statistics.csv").streaming_content).decode("utf-8-sig").splitlines()
    names, provider = lines[0].split(","), next(line for line in lines if play.city.provider.name in line).split(",")
    assert dict(zip(names, provider, strict=True))["转出（次）"] == "1"
    records = {one["agency_code"]: one for one in client.get("/api/v1/requests/statistics/").json()["agencies"]}
    assert records[play.city.provider.code]["handed_on"] == 1
    assert records[play.city.health.code]["median_held"] == 6


def test_one_more_request_costs_no_query(play: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            by_agency(2026, today=TODAY)
        return len(captured)

    _hand_on(waiting(play), play.steward, play.city.health, day(6))
    few = cost()
    for _number in range(4):
        _hand_on(waiting(play), play.steward, play.city.health, day(7))
    assert cost() == few == 8
