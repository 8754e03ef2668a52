"""A running portal for tests that look at it from outside: web, worker and beat, on the suite's engines."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from django.utils import timezone
from django.utils.timezone import localdate

from tests.services.composed import ROOT, free_port, wait_until
from tests.walk.moulds import CITY, PEOPLE, Moulds, environment_of, manage

DAY = 24 * 60 * 60


class RunningPortal:
    """``manage.py portal`` with the demonstration's people, in a data folder and database of its own."""

    def __init__(self, folder: Path, moulds: Moulds, *, content: bool = False) -> None:
        self.moulds = moulds
        # the name of the folder keeps portals apart that share one Redis
        self.folder = folder / f"portal-{secrets.token_hex(4)}"
        self.folder.mkdir()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.server = os.environ.get("GUIYANG_TEST_DATABASE_URL", "")
        self.database = f"guiyang_walk_{secrets.token_hex(4)}"
        self.environment = environment_of(self.folder, self.server, self.database) | {
            "GUIYANG_PORT": str(self.port),
            "GUIYANG_SWEEP_SECONDS": "1",
            "GUIYANG_SEND_SECONDS": "1",
        }
        self.content = content
        self.parent: subprocess.Popen[bytes] | None = None
        self.said = self.folder / "said.txt"
        self.days_ahead = 0

    def manage(self, *words: str) -> str:
        """Run a command of the portal; its output."""
        return manage(*words, environment=self.environment)

    def start(self) -> None:
        """Take a city with its people (and with content where asked), and start every process."""
        self.moulds.copy(CITY if self.content else PEOPLE, to=self.folder, database=self.database)
        with self.said.open("wb") as file:
            self.parent = subprocess.Popen(
                [sys.executable, "manage.py", "portal"],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self.is_ready, seconds=60, what="the portal")

    def is_ready(self) -> bool:
        """Whether everything answers, the worker's sweep included."""
        assert self.parent is not None
        assert self.parent.poll() is None, self.said.read_text(encoding="utf-8")
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        return False

    def move_time(self, *, days: int) -> None:
        """Move the clock of web and worker together, to so many days from the real now."""
        shift = self.folder / "time-shift"
        written = shift.with_suffix(".new")
        written.write_text(str(days * DAY), encoding="ascii")
        written.replace(shift)
        self.days_ahead = days

    def today(self) -> dt.date:
        """The day it is at the portal."""
        return localdate(timezone.now() + dt.timedelta(days=self.days_ahead))

    def due(self, rule: str, start: dt.date) -> dt.date:
        """The due day of what starts on ``start``."""
        return dt.date.fromisoformat(self.manage("due_day", rule, start.isoformat()).split()[-1])

    def due_text(self, rule: str) -> str:
        """The due day of what starts today, as the pages write it."""
        day = self.due(rule, self.today())
        return f"{day.month}月{day.day}日"

    def let_days_pass(self, days: int) -> None:
        """Move the clock so many days further on, and wait for the sweep of that day."""
        self.move_time(days=self.days_ahead + days)
        self.wait_for_sweep()

    def wait_for_sweep(self) -> None:
        """Wait until the worker has swept, from beginning to end, in the present (shifted) time."""
        wait_until(self.has_swept_lately, seconds=60, what="the sweep")
        time.sleep(3)  # one that began before the time was moved may have ended after; the next one counts
        wait_until(self.has_swept_lately, seconds=60, what="the next sweep")

    def has_swept_lately(self) -> bool:
        """Whether a sweep ended in the last seconds of the shifted time."""
        age = httpx.get(f"{self.address}/readyz", timeout=10).json()["checks"]["sweep"].get("age_seconds")
        return age is not None and age <= 5

    def stop(self) -> None:
        """End every process and take the database away."""
        if self.parent is not None and self.parent.poll() is None:
            self.parent.send_signal(signal.SIGINT)
            try:
                self.parent.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.parent.pid, signal.SIGKILL)
                self.parent.wait()
        if self.server:
            self.moulds.drop(self.database)
