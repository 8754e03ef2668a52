"""Two sweeps at once, and a sweeper that is killed: every rung fires exactly once."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, Rung
from oversight import services
from oversight.models import Escalation, Finding, SweepRun
from tests.factories.oversight import LATE, Cast, cast, swept
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

CLOCKS = 6
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """A city that other threads and processes see."""
    return cast()


def overdue_clocks(people: Cast) -> list[Clock]:
    return [running_clock(people.town.transport, subject=f"a.b:{number}") for number in range(CLOCKS)]


def assert_every_rung_fired_once(people: Cast) -> None:
    assert Rung.objects.filter(rung="overdue").count() == CLOCKS
    events = Event.objects.filter(verb="clock.overdue").values_list("subject", flat=True)
    assert sorted(events) == [f"a.b:{number}" for number in range(CLOCKS)]
    assert Escalation.objects.count() == 2 * CLOCKS
    assert set(Escalation.objects.values_list("times", flat=True)) == {1}
    assert Finding.objects.count() == CLOCKS
    assert Notice.objects.filter(kind="clock.overdue", recipient=people.steward).count() == CLOCKS
    assert Notice.objects.filter(kind="escalation", recipient=people.supervisor).count() == CLOCKS


def test_two_sweeps_at_once_share_the_work_and_double_nothing(people: Cast) -> None:
    overdue_clocks(people)
    together = threading.Barrier(2, timeout=60)
    runs: list[SweepRun] = []

    def one_sweep() -> None:
        try:
            together.wait()
            runs.append(services.sweep(at=at(LATE), on=LATE, following=()))
        finally:
            connections.close_all()

    sweepers = [threading.Thread(target=one_sweep) for _ in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join(timeout=120)
    assert len(runs) == 2
    assert sum(run.failures for run in runs) == 0
    swept(LATE)  # what one skipped because the other held it
    assert_every_rung_fired_once(people)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: the second sweeper waits")
def test_a_clock_that_another_sweeper_holds_is_skipped_and_not_waited_for(people: Cast) -> None:
    held, *_others = overdue_clocks(people)
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT 1 FROM statute_clock WHERE id = %s FOR UPDATE", [held.pk])
                holds.set()
                done.wait(60)
                cursor.execute("ROLLBACK")
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(60)
    run = swept(LATE)
    done.set()
    holder.join(60)
    assert run.clocks == CLOCKS - 1
    assert swept(LATE).clocks == 1
    assert_every_rung_fired_once(people)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nobody holds single rows")
def test_the_sweep_gives_way_to_an_act_that_holds_a_case_and_takes_it_up_again(people: Cast) -> None:
    # given an act that has written on the case and has not ended
    overdue_clocks(people)
    holds, done = threading.Event(), threading.Event()

    def act() -> None:
        try:
            with transaction.atomic():
                record("a.b:0", "reply", by=PLATFORM, at=at(LATE))
                holds.set()
                done.wait(60)
        finally:
            connections.close_all()

    acting = threading.Thread(target=act)
    acting.start()
    assert holds.wait(60)
    # when
    run = swept(LATE)
    done.set()
    acting.join(60)
    # then
    assert (run.clocks, run.failures) == (CLOCKS - 1, 1)
    assert Event.objects.get(subject="a.b:0", verb="reply")
    assert swept(LATE).clocks == 1
    assert_every_rung_fired_once(people)


@pytest.fixture
def sweeper(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A sweeper in a process of its own, and the file it writes where it waits to be killed."""
    mark = tmp_path / "mark"
    environment = os.environ | {"GUIYANG_DATA_DIR": str(settings.DATA_DIR)}
    command = [sys.executable, "-m", "tests.oversight.sweeper"]
    arguments = [str(connection.settings_dict["NAME"]), LATE.isoformat(), request.param, str(mark)]
    cast_and_clocks = request.getfixturevalue("people")
    overdue_clocks(cast_and_clocks)
    process = subprocess.Popen([*command, *arguments], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    yield process, mark
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=30)


def kill_at(process: subprocess.Popen[bytes], mark: Path) -> None:
    deadline = time.monotonic() + 90
    while not mark.exists():
        if process.poll() is not None:
            raise AssertionError(process.stderr.read().decode() if process.stderr else "the sweeper ended")
        assert time.monotonic() < deadline, "the sweeper did not come to its place"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL


@pytest.mark.parametrize("sweeper", ["between"], indirect=True)
def test_a_sweeper_killed_between_two_clocks_loses_and_doubles_nothing(
    people: Cast, sweeper: tuple[subprocess.Popen[bytes], Path]
) -> None:
    kill_at(*sweeper)
    assert Rung.objects.filter(rung="overdue").count() == 2
    assert SweepRun.objects.get().finished_at is None
    run = swept(LATE)
    assert run.clocks == CLOCKS - 2
    assert_every_rung_fired_once(people)
    assert swept(LATE + dt.timedelta(1)).rungs == 0


@pytest.mark.parametrize("sweeper", ["inside"], indirect=True)
def test_a_sweeper_killed_in_the_middle_of_a_clock_leaves_it_untouched_for_the_next(
    people: Cast, sweeper: tuple[subprocess.Popen[bytes], Path]
) -> None:
    kill_at(*sweeper)
    assert not Rung.objects.exists()
    assert not Event.objects.filter(verb="clock.overdue").exists()
    assert not Escalation.objects.exists()
    run = swept(LATE)
    assert (run.clocks, run.failures) == (CLOCKS, 0)
    assert_every_rung_fired_once(people)
