"""Batches of one entry that wait become one version; each has its outcome, and none is lost or taken in twice."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from catalog import reactions, services
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.services import ItemSpec, batch_gathering, batches
from guiyang_data.accounts.models import User
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from tests.catalog.batches.conftest import line, push, rows_of, state_of
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MINUTE = dt.timedelta(minutes=1)


def test_batches_that_wait_become_one_version(entry: CatalogEntry, system: User) -> None:
    # given
    make.gather(entry, make.ROWS)
    receipts = [push(entry, system, line(f"1{number}"), line(f"2{number}")) for number in range(3)]

    # when
    done = services.gather_waiting(at=make.AT + MINUTE)

    # then
    batches = [state_of(receipt) for receipt in receipts]
    assert done == 3
    assert {(load.state, load.rows_accepted, load.version_id) for load in batches} == {
        ("done", 2, DataVersion.objects.get(number=2).pk)
    }
    assert [row[0] for row in rows_of(entry)] == ["001", "002", "010", "10", "20", "11", "21", "12", "22"]
    assert DataVersion.objects.get(number=2).rows == 9


def test_one_event_names_the_batches_of_a_version(entry: CatalogEntry, system: User) -> None:
    # given
    receipts = [push(entry, system, line("001")), push(entry, system, line("002"), line("003", length="长"))]

    # when
    services.gather_waiting(at=make.AT)

    # then
    event = events_of(entry).last()
    assert event is not None
    assert (event.verb, event.payload["batches"]) == ("gather", [receipt.load.pk for receipt in receipts])
    assert (event.payload["rows"], event.payload["refused"], event.payload["current"]) == (2, 1, True)
    assert event.basis.endswith("第十二条第一款")


def test_the_first_rows_of_an_entry_may_be_pushed(entry: CatalogEntry, system: User) -> None:
    # when
    push(entry, system, line("001"), mode="upsert")
    services.gather_waiting(at=make.AT)

    # then
    assert [row[0] for row in rows_of(entry)] == ["001"]


def test_batches_of_different_modes_follow_each_other(entry: CatalogEntry, system: User) -> None:
    # given
    push(entry, system, line("001", "一"))
    push(entry, system, line("001", "二"), mode="upsert")
    push(entry, system, line("002", "三"))

    # when
    assert services.gather_waiting(at=make.AT) == 3

    # then
    assert [row[:2] for row in rows_of(entry)] == [("001", "二"), ("002", "三")]
    assert DataVersion.objects.count() == 3


def test_a_file_received_before_is_taken_in_before(entry: CatalogEntry, system: User) -> None:
    # given
    make.gather(entry, make.ROWS[:1])
    file = make.land_csv(entry, make.ROWS[1:2])
    receipt = push(entry, system, line("777"), at=make.AT + MINUTE)

    # when
    assert services.gather_waiting(at=make.AT + MINUTE) == 0
    services.run_load(file.pk, at=make.AT + MINUTE)
    services.gather_waiting(at=make.AT + MINUTE)

    # then
    assert state_of(receipt).state == "done"
    assert [row[0] for row in rows_of(entry)] == ["002", "777"]


def test_a_bad_batch_is_refused_and_the_others_are_taken_in(entry: CatalogEntry, system: User) -> None:
    # given
    bad, good = push(entry, system, line("001", length="长")), push(entry, system, line("002"))

    # when
    services.gather_waiting(at=make.AT)

    # then
    refused, taken = state_of(bad), state_of(good)
    assert (refused.state, refused.rows_refused, refused.version, taken.state) == ("refused", 1, None, "done")
    assert "没有一行通过检查" in refused.message
    assert refused.bad_rows_file is not None
    assert refused.bad_rows_file.is_file()


def test_stewards_hear_once_a_day_that_rows_come_back(entry: CatalogEntry, system: User, city: accounts.City) -> None:
    # when
    for turn in range(2):
        push(entry, system, line(f"00{turn}"), line(f"01{turn}", length="长"))
        services.gather_waiting(at=make.AT + turn * MINUTE)

    # then
    told = Notice.objects.filter(recipient=make.steward_of(city.provider), title__contains="退回")
    assert told.count() == 1


def test_batches_for_items_that_have_changed_are_refused_with_the_reason(entry: CatalogEntry, system: User) -> None:
    # given
    receipt = push(entry, system, line("001"))
    make.revised_entry(entry, items=(ItemSpec(name="线路编号", code="route", data_type="C", is_key=True),))

    # when
    services.gather_waiting(at=make.AT)

    # then
    assert (state_of(receipt).state, "目录已经修订" in state_of(receipt).message) == ("refused", True)


def broken(receipts: list[services.Receipt], *, committed: bool) -> None:
    """As a worker leaves batches that was killed, before its commit or after it."""
    DataVersion.objects.filter(load__in=[receipt.load.pk for receipt in receipts]).delete()
    Load.objects.filter(pk__in=[receipt.load.pk for receipt in receipts]).update(state="running", seen_at=make.AT)
    if not committed:
        Load.objects.filter(pk__in=[receipt.load.pk for receipt in receipts]).update(gathering=uuid.uuid4())


@pytest.mark.parametrize("committed", [True, False])
def test_a_worker_killed_before_or_after_its_commit_loses_and_doubles_nothing(
    entry: CatalogEntry, system: User, committed: bool
) -> None:
    # given
    make.gather(entry, make.ROWS)
    receipts = [push(entry, system, line("101")), push(entry, system, line("102"))]
    if committed:
        services.gather_waiting(at=make.AT)
        CatalogEntry.objects.filter(pk=entry.pk).update(current_data=DataVersion.objects.get(number=1))
        Load.objects.update(version=None)
    broken(receipts, committed=committed)

    # when
    assert services.gather_waiting(at=make.AT + MINUTE / 2) == 0
    assert services.gather_waiting(at=make.AT + 2 * MINUTE) == 2

    # then
    assert [row[0] for row in rows_of(entry)] == ["001", "002", "010", "101", "102"]
    assert DataVersion.objects.count() == 2
    assert [state_of(receipt).state for receipt in receipts] == ["done", "done"]


def test_batches_that_keep_breaking_their_worker_are_refused(entry: CatalogEntry, system: User) -> None:
    # given
    receipt = push(entry, system, line("001"))
    broken([receipt], committed=False)
    Load.objects.update(tries=3)

    # when
    services.gather_waiting(at=make.AT + 2 * MINUTE)

    # then
    assert (state_of(receipt).state, "平台管理员" in state_of(receipt).message) == ("refused", True)


def test_a_batch_whose_content_cannot_be_read_now_waits_for_the_next_turn(
    entry: CatalogEntry, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(batches, "SHORT", 10)
    receipt = push(entry, system, line("001"))
    aside = receipt.load.landed.with_suffix(".aside")
    receipt.load.landed.rename(aside)
    assert services.gather_waiting(at=make.AT) == 0

    # when
    aside.rename(receipt.load.landed)
    services.gather_waiting(at=make.AT + 2 * MINUTE)

    # then
    assert (state_of(receipt).state, len(rows_of(entry))) == ("done", 1)


def test_what_comes_in_while_others_are_gathered_is_gathered_by_the_next_run(entry: CatalogEntry, system: User) -> None:
    # given a batch that comes when the first one is about to be told of
    first, late = push(entry, system, line("001")), []

    def clock() -> dt.datetime:
        if not late and state_of(first).state == Load.State.RUNNING:
            late.append(push(entry, system, line("002")))
        return make.AT

    # when, then
    assert services.gather_waiting(at=make.AT, clock=clock) == 1
    assert (state_of(first).state, state_of(late[0]).state) == ("done", "waiting")
    assert services.gather_waiting(at=make.AT) == 1
    assert len(rows_of(entry)) == 2


def test_no_more_is_taken_together_than_one_commit_should_hold(
    entry: CatalogEntry, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(batch_gathering, "MOST_ROWS_GATHERED", 3)
    for number in range(4):
        push(entry, system, line(f"{number}0"), line(f"{number}1"))

    # when
    assert services.gather_waiting(at=make.AT) == 4

    # then
    assert (len(rows_of(entry)), DataVersion.objects.count()) == (8, 4)


def test_the_sweep_leaves_batches_to_those_who_gather_them(entry: CatalogEntry, system: User) -> None:
    # given
    push(entry, system, line("001"))

    # when, then
    assert reactions.requeue_stale(make.AT + 30 * MINUTE) == []
