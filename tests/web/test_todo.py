"""What I owe: in pages, filtered by standing and kind, counted as a whole, at the same cost whatever its length."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import standing
from guiyang_data.web.todo import PAGE_SIZE, worklist
from tests.factories.accounts import City, city, staff
from tests.factories.statute import MONDAY, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DUE = dt.date(2026, 3, 12)
"""The day on which what starts on MONDAY is due."""


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def steward(town: City) -> User:
    return staff(town.transport, Role.DATA_STEWARD)


def _owing(town: City, number: int, *, kind: str = "open-reply", days: int = 1) -> None:
    """``number`` clocks, spread over as many days of start as ``days`` says."""
    for place in range(number):
        on = MONDAY + dt.timedelta(days=place % days)
        running_clock(town.transport, kind, on=on, subject=f"a.{kind}:{place}", title=f"{kind} {place}")


def test_a_long_list_comes_in_pages_that_hold_every_item_once_soonest_first(town: City, steward: User) -> None:
    # given more than two pages, many due on the same day
    _owing(town, 2 * PAGE_SIZE + 5, days=3)
    # when every page is read
    pages = [worklist(steward, today=MONDAY, number=str(number))["items"] for number in (1, 2, 3)]
    # then
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
    items = [item for page in pages for item in page]
    assert len({item["pk"] for item in items}) == 2 * PAGE_SIZE + 5
    assert [item["face"].due_on for item in items] == sorted(item["face"].due_on for item in items)


@pytest.mark.parametrize("asked", ["0", "99", "x", ""])
def test_a_page_that_is_not_there_shows_one_that_is(town: City, steward: User, asked: str) -> None:
    _owing(town, PAGE_SIZE + 1)
    assert worklist(steward, today=MONDAY, number=asked)["page"].number in {1, 2}


@pytest.mark.parametrize("today", [MONDAY, DUE - dt.timedelta(4), DUE - dt.timedelta(3), DUE, DUE + dt.timedelta(1)])
def test_the_filters_show_what_stands_so_and_count_the_whole_list(town: City, steward: User, today: dt.date) -> None:
    # given clocks over nine days, more than fit on a page
    _owing(town, PAGE_SIZE + 6, days=9)
    counted = {entry["url"]: entry["count"] for entry in worklist(steward, today=today, number="2")["filters"]}
    # then every filter holds what it counts, and nothing that stands otherwise
    for state in ("late", "near", "on_time"):
        page = worklist(steward, today=today, state=state)["page"]
        assert page.paginator.count == counted[f"/desk/?state={state}"]
        found = Clock.objects.filter(pk__in=list(page.paginator.object_list))
        assert found.count() == page.paginator.count
        assert {standing(clock, today) for clock in found} <= {state}
    assert sum(counted.values()) == PAGE_SIZE + 6


def test_a_kind_is_filtered_and_its_states_are_counted_alone(town: City, steward: User) -> None:
    _owing(town, 3)
    _owing(town, 2, kind="sharing-reply")
    shown = worklist(steward, today=MONDAY, kind="sharing-reply")
    assert [item["face"].kind for item in shown["items"]] == ["sharing-reply"] * 2
    assert [entry["count"] for entry in shown["filters"]] == [0, 0, 2]
    assert [entry["label"] for entry in shown["choices"]] == ["全部类型", "共享申请", "开放申请"]


@pytest.mark.parametrize("address", ["?state=gone", "?kind=gone", "?state=late&kind=gone"])
def test_a_filter_that_does_not_exist_finds_nothing_and_says_how_to_see_all(
    town: City, steward: User, client: Client, address: str
) -> None:
    _owing(town, 1)
    client.force_login(steward)
    page = client.get(f"/desk/{address}")
    assert (page.status_code, page.context["items"]) == (200, [])
    assert "没有符合筛选条件的事项" in page.text
    assert "查看全部" in page.text


def test_the_page_links_to_the_next_and_keeps_the_filter(town: City, steward: User, client: Client) -> None:
    _owing(town, PAGE_SIZE + 1)
    client.force_login(steward)
    page = client.get("/desk/?kind=open-reply").text
    assert 'href="?kind=open-reply&amp;page=2"' in page
    assert f"共 {PAGE_SIZE + 1} 条" in page


def test_a_page_of_the_list_is_three_queries_whichever_it_is(
    town: City, steward: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _owing(town, 2 * PAGE_SIZE)
    for number in ("1", "2"):
        steward.forget_roles()
        with django_assert_num_queries(4):  # the roles, the counts, the order, the page
            worklist(steward, today=MONDAY, number=number)
