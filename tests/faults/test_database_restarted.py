"""The database falls over in the middle of a reply; the reply is sent again under the same key, and counts once."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
from django.db import connections
from django.test import Client

from guiyang_data.faces.models import Submission
from requests_app.models import Reply
from tests.faults.conftest import Made
from tests.faults.engines import OwnPostgres
from tests.faults.eve import THE_DAY
from tests.faults.machines import PATIENCE, assert_as_the_law_says, default_settings, standing_in
from tests.faults.town import moment
from tests.services.composed import ROOT, free_port, wait_until

pytestmark = pytest.mark.faults
CITY = "city"
LABEL = "soon"
"""The request of the eve that waits for its reply, due on the 23rd."""


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    made = OwnPostgres()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def moved_to(server: OwnPostgres, database: str, folder: Path) -> Iterator[str]:
    """A copy of a database on that server, as the default of this process."""
    values = default_settings()
    dump = folder / "city.dump"
    source = {"PGHOST": values["HOST"], "PGPORT": values["PORT"], "PGUSER": values["USER"]}
    told = os.environ | {name: str(value) for name, value in source.items() if value}
    told |= {"PGPASSWORD": str(values["PASSWORD"])} if values["PASSWORD"] else {}
    subprocess.run(["pg_dump", "-Fc", "-f", str(dump), database], env=told, check=True)
    there = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
    subprocess.run(["createdb", *there, CITY], check=True)
    subprocess.run(["pg_restore", *there, "-d", CITY, "--no-owner", str(dump)], check=True)
    before = dict(values)
    with standing_in(CITY):
        values.update(HOST="127.0.0.1", PORT=str(server.port), USER="postgres", PASSWORD="")
        try:
            yield re.sub(r"/postgres$", f"/{CITY}", server.url)
        finally:
            values.update({name: before[name] for name in ("HOST", "PORT", "USER", "PASSWORD")})


@contextlib.contextmanager
def web(database_url: str, folder: Path) -> Iterator[str]:
    """The web process as a portal runs it, its connections kept as in production."""
    port, log = free_port(), folder / "web.log"
    shift = moment(THE_DAY, 9 * 3600).timestamp() - time.time()
    (folder / "time-shift").write_text(str(int(shift)), encoding="ascii")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "guiyang_data.settings.test",
        "GUIYANG_DATA_DIR": str(folder),
        "GUIYANG_TEST_DATABASE_URL": f"{database_url}?conn_max_age=60&conn_health_checks=true",
    }
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--no-control-socket"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "guiyang_data.wsgi:application", *bind],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
        return False

    try:
        wait_until(answers, seconds=PATIENCE, what="the web process")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_reply_during_which_the_database_falls_counts_once_when_sent_again(
    the_eve: Made, own_postgres: OwnPostgres, tmp_path: Path, settings: Any
) -> None:
    model, town = the_eve.again()
    with moved_to(own_postgres, the_eve.database, tmp_path) as url:
        # given an approver who has signed in, and a drafted reply
        town.draft(LABEL, "refuse", THE_DAY)
        browser = Client()
        browser.force_login(town.people["health-approver"])
        number, secret = town.requests[LABEL].number, "x" * 32
        with web(url, tmp_path) as address:
            cookies = {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}
            client = httpx.Client(base_url=address, cookies=cookies | {"csrftoken": secret}, timeout=PATIENCE)
            client.headers.update({"X-CSRFToken": secret, "Idempotency-Key": "the-one-reply"})

            def deliver() -> httpx.Response:
                return client.post(f"/api/v1/requests/{number}/deliver/", json={})

            # when the database falls while the reply is half written
            with clock_held(url, number):
                answers: list[httpx.Response] = []
                sending = threading.Thread(target=lambda: answers.append(deliver()))
                sending.start()
                wait_until(lambda: own_postgres.waits_for_a_lock(CITY), seconds=PATIENCE, what="the reply")
                own_postgres.crash_and_come_back()
                sending.join(PATIENCE)
            connections.close_all()  # those of this process fell too
            assert answers[0].status_code >= 500
            assert not Submission.objects.filter(purpose__endswith="/deliver/").exists()
            assert Reply.objects.get(request__number=number).delivered_on is None

            # and the same reply is sent again, and once more after another fall
            assert deliver().status_code == 200
            own_postgres.crash_and_come_back()
            again = deliver()
            while again.status_code >= 500:
                again = deliver()
            assert again.status_code == 200
            assert again.headers["Idempotent-Replay"] == "true"

        # then it was given once, and the law goes on from there
        connections.close_all()
        model.reply(LABEL, "refuse", THE_DAY)
        town.sweep(THE_DAY)
        model.sweep(THE_DAY)
        assert_as_the_law_says(model, town.labels)


@contextlib.contextmanager
def clock_held(url: str, number: str) -> Iterator[None]:
    """Somebody holds the clock of a request, so that an act on it stands still in the middle of its transaction."""
    link = psycopg2.connect(url)
    try:
        link.cursor().execute("SELECT 1 FROM statute_clock WHERE number = %s FOR UPDATE", [number])
        yield
    finally:
        with contextlib.suppress(psycopg2.Error):
            link.close()
