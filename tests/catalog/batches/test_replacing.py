"""A whole replacement, pushed at once or in several parts that are closed: one version, or none."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog import reactions, services
from catalog.models import CatalogEntry, DataVersion, Load
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from tests.catalog.batches.conftest import line, push, rows_of, sent, state_of
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

HOUR = dt.timedelta(hours=1)


def opened(entry: CatalogEntry, system: User) -> Load:
    return push(entry, system, line("001"), mode="replace", key="all", is_complete=False).load


def add(load: Load, by: User, *rows: dict[str, object], key: str = "") -> services.Receipt:
    return services.receive_part(load_id=load.pk, sent=sent(rows, key), by=by, at=make.AT)


def test_a_replacement_at_once_is_the_whole_table(entry: CatalogEntry, system: User) -> None:
    # given
    make.gather(entry, make.ROWS)

    # when
    receipt = push(entry, system, line("777"), mode="replace")
    services.gather_waiting(at=make.AT)

    # then
    assert [row[0] for row in rows_of(entry)] == ["777"]
    assert state_of(receipt).version == DataVersion.objects.get(number=2)


def test_parts_wait_until_they_are_closed_and_are_taken_in_together(entry: CatalogEntry, system: User) -> None:
    # given
    make.gather(entry, make.ROWS)
    load = opened(entry, system)
    parts = [add(load, system, line("002"), line("003")).part, add(load, system, line("004", length="长")).part]
    assert services.gather_waiting(at=make.AT) == 0

    # when
    services.close_batch(load_id=load.pk, by=system, at=make.AT, rows=4)
    services.gather_waiting(at=make.AT)

    # then
    load.refresh_from_db()
    assert parts == [2, 3]
    assert (load.state, load.rows_sent, load.rows_accepted, load.rows_refused) == ("done", 4, 3, 1)
    assert [row[0] for row in rows_of(entry)] == ["001", "002", "003"]


def test_a_part_again_is_received_once_and_other_content_is_refused(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)
    add(load, system, line("002"), key="two")

    # when
    again = add(load, system, line("002"), key="two")
    with pytest.raises(RuleBroken):
        add(load, system, line("003"), key="two")

    # then
    load.refresh_from_db()
    assert (again.part, again.repeated, load.rows_sent) == (2, True, 2)


def test_a_part_again_after_the_end_is_still_a_repeat(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)
    add(load, system, line("002"), key="two")
    services.close_batch(load_id=load.pk, by=system, at=make.AT)

    # when, then
    assert add(load, system, line("002"), key="two").repeated
    assert services.close_batch(load_id=load.pk, by=system, at=make.AT).state == "waiting"


def test_nothing_is_added_after_the_end(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)
    services.close_batch(load_id=load.pk, by=system, at=make.AT)

    # when, then
    with pytest.raises(WrongState):
        add(load, system, line("002"))


def test_parts_name_the_same_items(entry: CatalogEntry, system: User) -> None:
    with pytest.raises(RuleBroken, match="线路编号、线路名称、长度"):
        add(opened(entry, system), system, {"线路编号": "002", "线路名称": "专线"})


def test_an_end_that_counts_other_rows_is_refused_and_can_be_mended(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)

    # when
    with pytest.raises(RuleBroken, match="收到 1 行，您说的是 2 行"):
        services.close_batch(load_id=load.pk, by=system, at=make.AT, rows=2)
    add(load, system, line("002"))

    # then
    assert services.close_batch(load_id=load.pk, by=system, at=make.AT, rows=2).state == "waiting"


def test_another_agency_neither_adds_nor_closes(entry: CatalogEntry, system: User, city: accounts.City) -> None:
    # given
    load, other = opened(entry, system), accounts.system(city.requester).user

    # when, then
    with pytest.raises(NotSeen):
        add(load, other, line("002"))
    with pytest.raises(NotSeen):
        services.close_batch(load_id=load.pk, by=other, at=make.AT)


def test_what_was_pushed_while_parts_came_is_taken_in_before_them(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)
    push(entry, system, line("009"), at=make.AT + HOUR)

    # when
    services.close_batch(load_id=load.pk, by=system, at=make.AT + 2 * HOUR)
    services.gather_waiting(at=make.AT + 2 * HOUR)

    # then
    assert [row[0] for row in rows_of(entry)] == ["001"]
    assert DataVersion.objects.count() == 2


def test_only_a_replacement_comes_in_parts(entry: CatalogEntry, system: User) -> None:
    with pytest.raises(RuleBroken) as refused:
        push(entry, system, line("001"), is_complete=False)
    assert "complete" in refused.value.fields


def test_a_replacement_that_is_never_closed_is_given_up_after_a_day(entry: CatalogEntry, system: User) -> None:
    # given
    load = opened(entry, system)

    # when, then
    reactions.react(make.AT + 23 * HOUR)
    assert Load.objects.get(pk=load.pk).state == "open"
    reactions.react(make.AT + 25 * HOUR)
    load.refresh_from_db()
    assert (load.state, "重新报送" in load.message) == ("refused", True)
