"""Places in which real workers do their work: a database, keys in Redis and a folder of their own each."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg2
import redis
from celery import Celery
from django.db import connections

from guiyang_data.accounts.models import GatewayMessage
from guiyang_data.ledger.verification import verify
from guiyang_data.notices.models import Delivery, Weight
from tests.faults.model import LawModel
from tests.faults.town import Observed, difference, moment
from tests.services.composed import ROOT, drop_database, wait_until

SWEEP, SEAL, SEND = "oversight.sweep", "ledger.seal", "notices.send"
ROUND = (SWEEP, SEAL, SEND)
"""What beat wakes."""
DELIVER, RECOUNT, LOAD = "requests_app.deliver", "oversight.recount", "catalog.run_load"
"""What acts wake."""
KILLED = -signal.SIGKILL
PATIENCE = 120.0


# --- databases ---------------------------------------------------------------------------------------


def default_settings() -> dict[str, Any]:
    """The connection values of this process's default database, which may be changed between connections."""
    return dict.__getitem__(connections.settings, "default")


def on_server(statement: str) -> None:
    """One statement outside any transaction, on the server of the default database."""
    values = default_settings()
    link = psycopg2.connect(
        dbname="postgres",
        host=values["HOST"] or None,
        port=values["PORT"] or None,
        user=values["USER"] or None,
        password=values["PASSWORD"] or None,
    )
    with contextlib.closing(link):
        link.autocommit = True
        link.cursor().execute(statement)


@contextlib.contextmanager
def standing_in(name: str) -> Iterator[str]:
    """Let the default database of this process be another one meanwhile."""
    values = default_settings()
    before = values["NAME"]
    connections.close_all()
    values["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        values["NAME"] = before


@contextlib.contextmanager
def copy_of(template: str) -> Iterator[str]:
    """A database that begins as another one, which nobody may be using just now."""
    name = f"guiyang_faults_{secrets.token_hex(5)}"
    connections.close_all()
    on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        connections.close_all()
        drop_database(on_server, name)


# --- workers -------------------------------------------------------------------------------------------


class Nursery:
    """The process that forks workers (see ``nursery``)."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "nursery.log"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "guiyang_data.settings.test",
            "GUIYANG_SWEEP_SECONDS": "1",
            "GUIYANG_SEND_SECONDS": "1",
            "GUIYANG_DATA_DIR": str(folder),
            "GUIYANG_OUTBOUND_ALLOWED_NETWORKS": "127.0.0.1/32",
        }
        self.process = self._begin()

    def _begin(self) -> subprocess.Popen[str]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, self.log.read_text(encoding="utf-8")
        return dict(json.loads(answer))

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Worker:
    """One forked Celery worker, or a beat."""

    def __init__(self, nursery: Nursery, place: Place, *, kill: str = "", role: str = "worker") -> None:
        self.nursery, self.place, self.ended = nursery, place, False
        start = {"role": role, "database": place.database, "kill": kill, "done": str(place.done)}
        start |= {"broker": place.broker, "prefix": place.prefix}
        folders = {"log": str(place.log), "data_dir": str(place.folder)}
        self.pid = int(nursery.ask({"start": start | folders})["pid"])

    def status(self) -> int | None:
        """How it ended; None while it lives."""
        status = self.nursery.ask({"wait": self.pid})["status"]
        self.ended = status is not None
        return status

    def wait(self) -> int:
        """Wait until it has ended; how it did."""
        found: list[int] = []

        def is_over() -> bool:
            status = self.status()
            found.extend([] if status is None else [status])
            return bool(found)

        self.place.wait_for(is_over, "the end of the worker")
        return found[0]

    def kill(self) -> None:
        if not self.ended and self.status() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


class Place:
    """A database, a prefix in Redis, a folder, a time: everything a worker stands on."""

    def __init__(self, database: str, folder: Path, nursery: Nursery, *, broker: str) -> None:
        self.database, self.folder, self.nursery, self.broker = database, folder, nursery, broker
        self.prefix = f"faults-{secrets.token_hex(5)}"
        self.done, self.log = folder / "done", folder / "worker.log"
        self.workers: list[Worker] = []
        # without fixups, or under Django it would make itself the application of every thread of this process
        self.app = Celery("faults", broker=broker, set_as_current=False, fixups=set())
        self.app.conf.update(
            broker_transport_options={"global_keyprefix": f"{self.prefix}:"},
            task_default_queue="portal",
            task_ignore_result=True,
        )

    # --- time ------------------------------------------------------------------------------------------

    def move_to(self, day: dt.date, *, seconds: float = 10 * 3600) -> None:
        """From here on it is so many seconds after midnight of a day in Guiyang, for every worker of this place."""
        shift = moment(day, seconds) - dt.datetime.now(tz=dt.UTC)
        written = self.folder / "time-shift.new"
        written.write_text(str(int(shift.total_seconds())), encoding="ascii")
        written.replace(self.folder / "time-shift")

    # --- work --------------------------------------------------------------------------------------------

    def worker(self, kill: str = "") -> Worker:
        return self._grown(kill=kill)

    def beat(self) -> Worker:
        """A beat that wakes sweep, seal and sender every second."""
        return self._grown(role="beat")

    def _grown(self, **how: str) -> Worker:
        made = Worker(self.nursery, self, **how)
        self.workers.append(made)
        return made

    def send(self, *tasks: str, ids: Sequence[int] = ()) -> None:
        """Wake jobs as beat does, and those of a row as its act does."""
        with self.app.connection_for_write() as link:
            for name in tasks:
                self.app.send_task(name, args=ids, connection=link, queue="portal")

    def finished(self) -> list[str]:
        """The jobs that were finished here, in order."""
        return self.done.read_text(encoding="ascii").split() if self.done.exists() else []

    def work_off(self, *tasks: str, ids: Sequence[int] = ()) -> None:
        """Wake jobs, and wait until as many of each were finished."""
        until = Counter(self.finished()) + Counter(tasks)
        self.send(*tasks, ids=ids)
        self.wait_for(lambda: until <= Counter(self.finished()), f"the end of {tasks}")

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something has come about in the work of this place."""
        try:
            wait_until(condition, seconds=PATIENCE, what=what, every=0.02)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.words()}") from late

    def killed_at(self, point: str, *tasks: str, ids: Sequence[int] = (), bringing: int = 0) -> None:
        """Wake jobs for a worker that is killed at a named point. It is an error where it gets through all of them.

        ``bringing``: how many further jobs these jobs queue.
        """
        until = len(self.finished()) + len(tasks) + bringing
        self.send(*tasks, ids=ids)
        worker, ended = self.worker(kill=point), []

        def is_over() -> bool:
            # asked for in this order: whoever dies in its last job finishes one less
            done, status = len(self.finished()), worker.status()
            ended.append(status)
            return status is not None or done >= until

        self.wait_for(is_over, f"the end of the worker at {point}")
        assert ended[-1] == KILLED, f"the worker never came to {point}: {ended[-1]}\n{self.words()}"

    def wait_for_all(self, count: int) -> None:
        """Wait until so many jobs were finished here since the beginning."""
        self.wait_for(lambda: len(self.finished()) >= count, f"{count} jobs")

    def still(self) -> None:
        """End every worker and beat here, so that what they did can be looked at."""
        for worker in self.workers:
            worker.kill()

    def wait_for_sweeps(self, count: int = 3) -> None:
        """Wait until so many sweeps that begin from now on are finished."""
        until = self.finished().count(SWEEP) + count + 1  # one may be under way
        self.wait_for(lambda: self.finished().count(SWEEP) >= until, "sweeps")

    def words(self) -> str:
        """What its workers said last."""
        if not self.log.exists():
            return self.nursery.log.read_text(encoding="utf-8", errors="replace")[-6000:]
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:]

    def clear_away(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.app.close()
        with contextlib.closing(redis.Redis.from_url(self.broker)) as link, contextlib.suppress(redis.RedisError):
            for key in link.scan_iter(match=f"{self.prefix}:*", count=500):
                link.delete(key)


# --- what must hold afterwards -----------------------------------------------------------------------------


def assert_as_the_law_says(model: LawModel, labels: dict[str, str]) -> None:
    """The events of the default database are those of the model, each as often as it must be."""
    wrong = difference(model.everything(), Observed(labels).everything())
    assert not wrong, wrong


def assert_every_mail_went(*, twice: int = 0) -> None:
    """Whatever must be told at once has gone, under one id each; at most so many went a second time."""
    legal = Delivery.objects.filter(notice__weight=Weight.LEGAL)
    assert legal.exists()
    assert not legal.exclude(state=Delivery.State.SENT).exists()
    went = [text.strip("<>") for text in GatewayMessage.objects.values_list("message_id", flat=True)]
    assert set(legal.values_list("message_id", flat=True)) <= set(went)
    assert len(went) - len(set(went)) <= twice


def assert_the_ledger_holds(folder: Path, settings: Any) -> None:
    """Every chain, seal and file outside the database."""
    settings.SEAL_DIR = folder / "seals"
    assert verify() is None
