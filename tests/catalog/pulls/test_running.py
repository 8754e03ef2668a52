"""Pulls made by schedule: received as batches, tried again with growing pauses, told, never doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Load, Pull, PullRun
from catalog.pulling import Pulled
from catalog.services import batches, pull_runs
from guiyang_data.accounts.models import User
from guiyang_data.errors import WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from tests.catalog.batches.conftest import rows_of
from tests.catalog.pulls.conftest import Served, bus
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

Add = Callable[..., Pull]
MINUTE = dt.timedelta(minutes=1)


def fresh(pull: Pull) -> Pull:
    return Pull.objects.get(pk=pull.pk)


def test_what_is_pulled_becomes_a_version(add: Add, entry: CatalogEntry, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("001"), bus("002")])
    pull = add(every=60)

    # when
    assert services.run_pulls(at=make.AT) == 1
    services.gather_waiting(at=make.AT)

    # then
    run = PullRun.objects.get()
    assert (run.state, run.pages, run.rows) == ("received", 1, 2)
    assert [row[:3] for row in rows_of(entry)] == [("001", "环线", 12.5), ("002", "环线", 12.5)]
    load = run.loads.get()
    assert (load.source, load.state, load.rows_accepted) == ("pull", "done", 2)
    assert fresh(pull).next_run_at == make.AT + 60 * MINUTE


def test_many_rows_are_received_in_parts_of_one_replacement(
    add: Add, entry: CatalogEntry, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(pull_runs, "MOST_ROWS", 2)
    monkeypatch.setattr(batches, "MOST_ROWS", 2)
    served.give("/v1/routes", [bus(str(number)) for number in range(5)])
    add()

    # when
    services.run_pulls(at=make.AT)
    services.gather_waiting(at=make.AT)

    # then
    assert (Load.objects.get().rows_accepted, len(rows_of(entry))) == (5, 5)


def test_nothing_is_pulled_before_its_time_or_while_another_worker_has_it(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("001")])
    pull = add(every=60)

    # when, then
    assert pull_runs.begin_run(pull.pk, at=make.AT) is not None
    assert services.run_pulls(at=make.AT) == 0
    assert services.run_pulls(at=make.AT + 19 * MINUTE) == 0
    assert services.run_pulls(at=make.AT + 21 * MINUTE) == 1
    assert [run.state for run in PullRun.objects.order_by("pk")] == ["broken", "received"]


def test_a_worker_that_comes_back_after_its_lease_receives_nothing(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("001")])
    late = pull_runs.begin_run(add().pk, at=make.AT)
    assert late is not None
    services.run_pulls(at=make.AT + 21 * MINUTE)

    # when
    done = pull_runs.end_run(late.pk, Pulled(rows=[{"线路编号": "9", "线路名称": "迟到"}], pages=1), at=make.AT)

    # then
    assert (done, Load.objects.count()) == (None, 1)


def test_rows_that_cannot_be_received_leave_nothing_and_count_as_a_failure(add: Add, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("001"), bus("002", km=[1])])
    pull = add()

    # when
    services.run_pulls(at=make.AT)

    # then
    assert ("长度" in PullRun.objects.get().message, Load.objects.count(), fresh(pull).failures) == (True, 0, 1)


def test_an_answer_that_cannot_be_written_down_fails_and_others_are_pulled_all_the_same(
    add: Add, served: Served
) -> None:
    # given
    served.give("/v1/bad", rb'[{"no": "\ud800", "names": {"full": "a"}}]')
    served.give("/v1/routes", [bus("001")])
    bad, good = add(path="/bad"), add()

    # when
    assert services.run_pulls(at=make.AT) == 2

    # then
    assert (PullRun.objects.get(pull=bad).state, PullRun.objects.get(pull=good).state) == ("failed", "received")
    assert fresh(bad).failures == 1


@pytest.mark.parametrize("ended", ["entry", "interface", "system"])
def test_nothing_is_asked_where_entry_interface_or_system_have_ended(
    add: Add, entry: CatalogEntry, steward: User, served: Served, ended: str
) -> None:
    # given
    served.give("/v1/routes", [bus("001")])
    pull = add()
    given: dict[str, Any] = {"by": steward, "at": make.AT, "reasons": "职能划转"}
    if ended == "entry":
        services.withdraw(entry_id=entry.pk, **given)
    elif ended == "interface":
        services.end_interface(interface_id=pull.interface_id, **given)
    else:
        services.stop_system(system_id=pull.interface.system_id, on=make.AT.date(), **given)

    # when, then
    assert services.run_pulls(at=make.AT) == 0
    assert pull_runs.begin_run(pull.pk, at=make.AT) is None
    assert (served.asked, PullRun.objects.count()) == ([], 0)
    with pytest.raises(WrongState, match="现在不拉取"):
        services.run_pull(pull_id=pull.pk, by=steward, at=make.AT)


def test_no_rows_leave_what_is_there(add: Add, entry: CatalogEntry, served: Served) -> None:
    # given
    make.gather(entry, make.ROWS)
    served.give("/v1/routes", [])
    add()

    # when
    services.run_pulls(at=make.AT)
    services.gather_waiting(at=make.AT)

    # then
    assert (PullRun.objects.get().state, len(rows_of(entry))) == ("empty", 3)


def test_failures_are_tried_again_ever_later_told_once_and_so_is_the_end_of_them(
    add: Add, entry: CatalogEntry, steward: User, served: Served
) -> None:
    # given
    served.give("/v1/routes", b"down", status=503)
    pull, at, pauses = add(every=1440), make.AT, []

    # when
    for _turn in range(6):
        assert services.run_pulls(at=at) == 1
        due = fresh(pull).next_run_at
        assert due is not None
        pauses.append(int((due - at) / MINUTE))
        at = due

    # then
    told = Notice.objects.filter(recipient=steward, title__contains="定时拉取")
    assert pauses == [2, 10, 30, 120, 360, 360]
    assert [notice.title for notice in told] == ["定时拉取连续失败：公交线路信息"]
    assert "503" in told[0].body

    # when
    served.give("/v1/routes", [bus("001")])
    services.run_pulls(at=at)

    # then
    assert (fresh(pull).failures, fresh(pull).next_run_at) == (0, at + 1440 * MINUTE)
    assert told.all().count() == 2
    verbs = [event.verb for event in events_of(entry) if event.verb.startswith("pull-")]
    assert verbs == ["pull-broken", "pull-recovered"]


@pytest.mark.parametrize(
    ("every", "at_time", "due"),
    [
        (60, dt.time(2, 30), make.AT + 60 * MINUTE),
        (1440, None, make.AT + 1440 * MINUTE),
        (1440, dt.time(2, 30), make.AT.replace(day=2, hour=2, minute=30)),
        (0, dt.time(2, 30), make.AT.replace(month=10, day=1, hour=2, minute=30)),
    ],
)
def test_the_next_time_follows_the_interval_or_the_cycle_of_the_entry(
    add: Add, served: Served, every: int, at_time: dt.time | None, due: dt.datetime
) -> None:
    served.give("/v1/routes", [bus("001")])
    pull = add(every=every, at_time=at_time)
    services.run_pulls(at=make.AT)
    assert fresh(pull).next_run_at == due


def test_a_paused_pull_is_not_made_and_one_taken_up_is_made_at_once(add: Add, steward: User, served: Served) -> None:
    # given
    served.give("/v1/routes", [bus("001")])
    pull = add()
    services.pause_pull(pull_id=pull.pk, by=steward, at=make.AT, reasons="系统检修。")
    assert services.run_pulls(at=make.AT + MINUTE) == 0

    # when
    services.resume_pull(pull_id=pull.pk, by=steward, at=make.AT + MINUTE)

    # then
    assert services.run_pulls(at=make.AT + MINUTE) == 1
