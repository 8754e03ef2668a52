"""Whoever confirms, and by which way, a worker is woken for the recount once the change is committed."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.core.management import call_command
from django.test import Client

from guiyang_data.celery import app
from oversight import services
from oversight.models import CalendarProposal, Recount
from oversight.services.rulebook.recounts import JOB
from tests.factories.oversight import swept
from tests.factories.rulebook import NOTICE_2027, PROPOSED_ON, Keepers, keepers, proposed, proposed_rule
from tests.factories.statute import at

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def people(move_to: Callable[[dt.date], None], db: None) -> Keepers:
    move_to(PROPOSED_ON)
    return keepers()


def jobs_in_the_queue() -> list[str]:
    """The names of the jobs that wait in the broker; none waits afterwards."""
    found: list[str] = []
    with current_app.connection_for_read() as link, link.channel() as channel:
        channel.queue_declare(queue=current_app.conf.task_default_queue)
        while (message := channel.basic_get(current_app.conf.task_default_queue, no_ack=True)) is not None:
            found.append(message.headers["task"])
    return found


@contextlib.contextmanager
def emptied() -> Iterator[None]:
    """A queue that was empty before, and is empty again whatever happens."""
    jobs_in_the_queue()
    try:
        yield
    finally:
        jobs_in_the_queue()


def by_page(people: Keepers, folder: Path) -> None:
    path = proposed(people).get_absolute_url()
    client = Client()
    client.force_login(people.second)
    assert client.post(f"{path}confirm/").status_code == 302


def by_shell(people: Keepers, folder: Path) -> None:
    file = folder / "notice.txt"
    file.write_text(NOTICE_2027, encoding="utf-8")
    call_command("load_calendar", str(file), "--confirmed-by", people.second.username)


def by_service(people: Keepers, folder: Path) -> None:
    pk = proposed(people).pk
    services.confirm_calendar(proposal_id=pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))


def a_rule(people: Keepers, folder: Path) -> None:
    pk = proposed_rule(people, in_force_from=PROPOSED_ON).pk
    services.confirm_rule(proposal_id=pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))


@pytest.mark.parametrize("way", [by_page, by_shell, by_service, a_rule], ids=lambda way: way.__name__)
def test_confirming_wakes_a_worker_once_it_is_committed(
    people: Keepers,
    way: Callable[[Keepers, Path], None],
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with emptied():
        with django_capture_on_commit_callbacks(execute=True):
            way(people, tmp_path)
            assert jobs_in_the_queue() == []
        assert Recount.objects.count() == 1
        assert jobs_in_the_queue() == [JOB]


def test_what_is_not_confirmed_wakes_nobody(people: Keepers, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        proposal = proposed(people)
        services.reject_calendar(proposal_id=proposal.pk, by=people.second, reasons="文号不对", at=at(PROPOSED_ON))
    assert callbacks == []


def test_the_job_is_one_that_workers_know() -> None:
    app.loader.import_default_modules()
    assert JOB in app.tasks


@pytest.fixture
def no_broker() -> Iterator[None]:
    """Nobody listens where this process sends its messages."""
    away = Celery("away", broker="redis://127.0.0.1:1/0")
    away.conf.task_publish_retry = False
    yield
    app.set_current()
    app.set_default()  # for threads: under Django every new application makes itself their default


@pytest.mark.usefixtures("no_broker")
def test_without_a_broker_the_change_stands_and_waits_for_the_sweep(
    people: Keepers, tmp_path: Path, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        by_service(people, tmp_path)
    assert "the broker does not answer" in caplog.text
    assert CalendarProposal.objects.get().status == "confirmed"
    swept(PROPOSED_ON)
    assert Recount.objects.get().finished_at is not None
