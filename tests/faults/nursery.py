"""Grows real Celery workers quickly: ``python -m tests.faults.nursery`` loads the portal once and forks for each.

One JSON line in, one out. ``{"start": {...}}`` forks a worker or a beat (``role``; ``database``; ``broker`` and the
``prefix`` of its keys there; ``kill``: a named point or nothing; ``done``: a file in which it counts what it finished;
``data_dir``: where its time and its seals lie) and answers ``{"pid": ...}``; ``{"wait": pid}`` answers
``{"status": ...}`` as ``waitpid`` gives it, None while it lives.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from celery import signals
from django.conf import settings

from guiyang_data.garbage import settle

RESTORE = "tests.restore_data"
NEEDED_BY_EACH = ("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "kombu.transport.redis")
"""What Celery loads when it starts: once here, and not in every fork."""
PIECE = 3
"""Clocks of one transaction here, so that a small city takes several."""


def main() -> None:
    django.setup()
    _load()
    for line in sys.stdin:
        order = json.loads(line)
        answer = {"pid": _start(**order["start"])} if "start" in order else {"status": _status(order["wait"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _load() -> None:
    from guiyang_data.celery import app  # noqa: PLC0415  the apps must be there first

    app.loader.import_default_modules()
    app.task(_restore, name=RESTORE)
    app.finalize()
    for name in NEEDED_BY_EACH:
        import_module(name)
    settle()


def _restore(entry: int, number: int, user: int) -> None:
    """What somebody does on a page, done in a worker so that it can be killed."""
    from catalog import services  # noqa: PLC0415  the apps must be there first
    from guiyang_data.accounts.models import User  # noqa: PLC0415
    from guiyang_data.timekeeping import now  # noqa: PLC0415

    person = User.objects.get(pk=user)
    services.restore_data(entry_id=entry, number=number, by=person, at=now(), reasons="新数据有误，先恢复上一版。")


def _status(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _start(**given: Any) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        _become(**given)
    except BaseException:  # noqa: BLE001  a child must not go on in the nursery's loop
        traceback.print_exc()
    finally:
        os._exit(1)


def _become(
    *, role: str, database: str, broker: str, prefix: str, kill: str, done: str, log: str, data_dir: str
) -> None:
    from django.db import connections  # noqa: PLC0415

    from guiyang_data.celery import app  # noqa: PLC0415
    from oversight import services  # noqa: PLC0415
    from tests.faults.killing import weave  # noqa: PLC0415

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    connections.settings["default"]["NAME"] = database
    folder = Path(data_dir)
    settings.SEAL_DIR, settings.TIME_SHIFT_FILE = folder / "seals", folder / "time-shift"
    if (folder / "rows").is_dir():
        settings.DATA_DIR, settings.ROWS_DIR = folder, folder / "rows"
    services.sweep.__kwdefaults__["batch"] = PIECE
    services.run_recounts.__kwdefaults__["batch"] = PIECE
    app.conf.broker_url = broker
    app.conf.broker_transport_options = {"global_keyprefix": f"{prefix}:"}
    counted = Path(done)

    @signals.task_postrun.connect(weak=False)
    def _count(task: Any = None, **_rest: Any) -> None:
        with counted.open("a", encoding="ascii") as file:
            file.write(f"{task.name}\n")

    if kill:
        weave(kill)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if role == "beat":
        schedule = str(folder / f"schedule-{os.getpid()}")
        app.start(["beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"])
        return
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    app.worker_main(["worker", "--pool", "solo", *quiet])


if __name__ == "__main__":
    main()
