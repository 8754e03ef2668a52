"""Where the log cannot be written nothing leaves, within seconds; a reading whose process died ends as what it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guiyang_data.errors import Unavailable, WrongState
from guiyang_data.ledger import reactions, sealing, services
from guiyang_data.ledger.models import Access
from sharing.models import SharingGrant
from sharing.reading import ReadPage, open_reading, read_page
from tests.factories import sharing as made
from tests.factories.accounts import bearer, system

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="locks and rights of PostgreSQL")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the pages of SQLite")
pytestmark = [pytest.mark.engine]


@pytest.fixture
def _on_the_third_day() -> Iterator[None]:
    shift = int((made.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


def asked(grant: SharingGrant) -> Any:
    """One call of the requester's system."""
    words = {"HTTP_SHARING_CASE": "JZ-1", **bearer(system(grant.grantee))}
    return Client().get(f"/api/v1/sharing/grants/{grant.pk}/rows/", **words)


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_on_the_third_day")
def test_a_locked_log_is_answered_by_503_in_bounded_time_and_without_a_row() -> None:
    # given another session that holds the log for itself
    grant = made.agreed_grant(made.scene())
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE ledger_access IN ACCESS EXCLUSIVE MODE")
            held.set()
            done.wait(30)
            cursor.execute("ROLLBACK")
        connections["default"].close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    # when
    began = time.monotonic()
    answer = asked(grant)
    took = time.monotonic() - began
    done.set()
    holder.join()
    # then
    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert "results" not in answer.json()
    assert took < 6
    assert not Access.objects.exists()
    # and once it is free again, rows are given
    assert asked(grant).status_code == 200


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_on_the_third_day")
def test_a_portal_that_may_not_write_the_log_any_more_gives_no_row() -> None:
    grant = made.agreed_grant(made.scene())
    # when the database refuses this one table, as it does after a REVOKE (which no superuser would feel)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_the_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE insufficient_privilege USING MESSAGE = 'permission denied for table ledger_access'; END $$"
        )
        cursor.execute("CREATE TRIGGER refuse_the_log BEFORE INSERT ON ledger_access EXECUTE FUNCTION refuse_the_log()")
    try:
        answer = asked(grant)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse_the_log CASCADE")
    # then
    assert answer.status_code == 503
    assert "results" not in answer.json()
    assert not Access.objects.exists()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_gives_no_row() -> None:
    # given a database file that may not grow
    scene = made.scene()
    grant = made.agreed_grant(scene)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 1}")
    # when it is read until the log is full
    given: list[ReadPage] = []

    def until_full() -> None:
        for minute in range(59):
            for _call in range(50):
                at = made.later(3).replace(minute=minute)
                purpose = "核对应急转运路线" * 30
                given.append(read_page(by=scene.asker, entry=scene.entry, access=grant, at=at, purpose=purpose))

    try:
        with pytest.raises(Unavailable) as refused:
            until_full()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    # then the one that could not be logged was not given
    assert refused.value.status == 503
    assert Access.objects.count() == 2 * len(given)


@pytest.mark.django_db
def test_a_reading_whose_process_died_is_closed_by_the_sweep_as_broken_off(settings: Any, tmp_path: Path) -> None:
    # given three readings: one ended, one broken off, one that has just begun
    settings.SEAL_DIR = tmp_path
    scene = made.scene()
    grant = made.agreed_grant(scene)
    at = made.later(3)
    values: dict[str, Any] = {"by": scene.asker, "entry": scene.entry, "access": grant}
    read_page(**values, at=at)
    died = open_reading(**values, at=at, kind="csv")
    sealing.seal(at=at)
    later = made.later(3, hour=17)
    running = open_reading(**values, at=later, kind="csv", clock=lambda: later)
    sealing.seal(at=later)
    # when swept again and again
    assert reactions.react(made.later(3, hour=15)) == 0
    assert reactions.react(later) == 3
    assert reactions.react(later) == 0
    # then
    end = Access.objects.get(reading=died.number, phase="closed")
    assert (end.rows, end.outcome) == (None, reactions.BROKEN_OFF)
    assert end.grant == died.opened.grant
    assert Access.objects.filter(phase="closed").count() == 2
    # one that runs still is stopped by its next batch once it was closed so
    ended = services.Ended(rows=None, outcome=reactions.BROKEN_OFF)
    services.closing_row(running.opened, at=later, ended=ended).save()
    stream = running.stream()
    with pytest.raises(WrongState, match="历时过长"):
        list(stream)
    stream.close()
    assert Access.objects.get(reading=running.number, phase="closed").rows is None


@pytest.mark.django_db
def test_readings_under_a_declared_duty_are_logged_in_the_same_way() -> None:
    scene = made.scene(sharing_type="unconditional")
    taking = made.taking(scene)
    read_page(by=scene.asker, entry=scene.entry, access=taking, at=made.later(3), limit=2)
    start, end = Access.objects.order_by("id")
    assert (start.grant, start.purpose) == (f"sharing.taking:{taking.pk}", taking.purpose)
    assert (end.rows, end.outcome) == (2, "完成")


@pytest.mark.django_db
def test_no_log_no_provider_reading_either() -> None:
    with pytest.raises(Unavailable), services.access_log(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_third_day")
def test_a_row_by_its_key_costs_two_reads_and_one_transaction_of_the_log() -> None:
    # given a system that has read before
    grant = made.agreed_grant(made.scene())
    words = {"HTTP_SHARING_CASE": "JZ-1", **bearer(system(grant.grantee))}
    address = f"/api/v1/sharing/grants/{grant.pk}/rows/?filter=route:eq:001"
    assert Client().get(address, **words).status_code == 200
    # when
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(address, **words).json()["count"] == 1
    # then token and right are read, the items are known; one transaction writes both rows and counts them
    said = [query["sql"].split(maxsplit=1)[0] for query in captured if "set_config" not in query["sql"]]
    reads = said.count("SELECT") + said.count("EXECUTE")
    assert (reads, said.count("INSERT"), said.count("UPDATE")) == (2, 1, 1)
    assert len(said) <= 6
