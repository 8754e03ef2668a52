"""A list costs as many queries for twelve rows as for three: the pages over all apps, whose apps test their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.roles import Role
from guiyang_data.notices import services as telling
from tests.caching import forget
from tests.factories import catalog, notices, opendata, requests
from tests.factories.accounts import City, city, staff, system
from tests.factories.statute import running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def _cost(client: Client, path: str) -> int:
    client.get(path)  # the first look fills what is read once for all
    forget()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _grows(make: Callable[[int], object], client: Client, *paths: str) -> None:
    for number in range(3):
        make(number)
    few = [_cost(client, path) for path in paths]
    for number in range(3, 12):
        make(number)
    assert [_cost(client, path) for path in paths] == few


def _due(town: City, number: int) -> object:
    return running_clock(town.provider, subject=f"requests_app.openrequest:{number}", number=f"GY-2026-{number:05}")


def test_the_list_of_what_i_owe_costs_the_same(client: Client) -> None:
    town = city()
    client.force_login(staff(town.provider, Role.DATA_STEWARD))
    _grows(lambda number: _due(town, number + 1), client, "/desk/")


def test_the_board_of_oversight_costs_the_same(client: Client) -> None:
    town = city()
    client.force_login(staff(town.authority, Role.SUPERVISOR))
    _grows(lambda number: _due(town, number + 1), client, "/desk/oversight/")


def test_home_and_the_list_of_data_cost_the_same(client: Client) -> None:
    town = city()
    _grows(lambda number: opendata.dataset_open(town.provider, title=f"线路{number}"), client, "/", "/data/")


def test_the_lists_of_requests_cost_the_same(client: Client) -> None:
    play = requests.cast()
    client.force_login(play.steward)
    _grows(lambda number: requests.waiting(play, title=f"车位{number}"), client, "/", "/requests/", "/desk/requests/")


def test_the_catalogue_and_what_is_shared_cost_the_same(client: Client) -> None:
    town = city()
    client.force_login(staff(town.requester, Role.DATA_STEWARD))
    paths = ("/desk/catalog/", "/desk/sharing/", "/catalog/sharing/", "/catalog/open/")

    def make(number: int) -> object:
        return catalog.entry_in_force(town.provider, title=f"站点{number}", rows=catalog.ROWS)

    _grows(make, client, *paths)


def test_ones_notices_and_the_addresses_they_are_pushed_to_cost_the_same(client: Client) -> None:
    town = city()
    user = staff(town.provider, Role.SYSTEM_ADMIN)
    client.force_login(user)
    first = notices.webhook(system(town.provider).user)

    def make(number: int) -> object:
        telling.tell([user], about="x:1", kind="k", key=str(number), title="已答复", at=notices.AT)
        notices.push(first, number=number)
        notices.undelivered(town.provider, number=number)
        return notices.webhook(system(town.provider).user)

    _grows(make, client, "/me/notices/", "/me/webhooks/", first.get_absolute_url(), "/desk/notices/failed/")
