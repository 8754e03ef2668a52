"""The deployment of docker-compose.yml on this machine: the same commands, a real PostgreSQL and Redis."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import redis
import yaml
from psycopg2.errors import InsufficientPrivilege

ROOT = Path(__file__).resolve().parents[2]
HOST_NAME = "portal.example"
CLAIM = "claimed-by-the-tests"


def compose() -> dict[str, Any]:
    """docker-compose.yml as data."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def words(service: str) -> list[str]:
    """The command of a service, word by word."""
    return shlex.split(compose()["services"][service]["command"])


def health_words(service: str) -> list[str]:
    """The words of a service's health check that run without a shell."""
    kind, *rest = compose()["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    return list(rest)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], bool], *, seconds: float = 120.0, what: str = "what was waited for", every: float = 0.1
) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what} did not come in {seconds} s"
        time.sleep(every)


def drop_database(on_server: Callable[[str], None], name: str) -> None:
    """Without that database, whoever uses it; the server's own housekeeping in it is waited for."""
    for _ in range(100):
        with contextlib.suppress(InsufficientPrivilege):
            return on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        time.sleep(0.3)
    return on_server(f'DROP DATABASE IF EXISTS "{name}"')


def claim_redis(url: str) -> str:
    """An empty numbered database of that Redis, kept from other runs for ten minutes."""
    for number in range(15, 0, -1):
        mine = f"{url.rsplit('/', 1)[0]}/{number}" if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/{number}"
        with contextlib.closing(redis.Redis.from_url(mine)) as link:
            if link.dbsize() == 0 and link.set(CLAIM, "1", nx=True, ex=600):
                return mine
    raise AssertionError("every database of the Redis is in use")


class Deployment:
    """Services started with the commands of docker-compose.yml, each as its own process group."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.server = database_url
        self.database = f"guiyang_services_{secrets.token_hex(4)}"
        self.redis = claim_redis(redis_url)
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "beat").mkdir()  # as the image does

    # --- engines -------------------------------------------------------------------------------

    def on_server(self, statement: str) -> None:
        with contextlib.closing(psycopg2.connect(self.server)) as link:
            link.autocommit = True
            link.cursor().execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(psycopg2.connect(self.database_url)) as link, link.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    @property
    def database_url(self) -> str:
        return re.sub(r"(?<=[^/])/[^/?]*(\?.*)?$", f"/{self.database}", self.server)

    def environment(self) -> Mapping[str, str]:
        """The variables of docker-compose.yml and of the image, with the values of this run."""
        values = {
            "DJANGO_SETTINGS_MODULE": "guiyang_data.settings.production",
            "GUIYANG_SECRET_KEY": secrets.token_hex(32),
            "GUIYANG_PERSONAL_DATA_KEY": secrets.token_hex(32),
            "GUIYANG_PERSONAL_DATA_KEYS_BEFORE": "",
            "GUIYANG_SEAL_KEY": secrets.token_hex(32),
            "GUIYANG_DATABASE_URL": self.database_url,
            "GUIYANG_REDIS_URL": self.redis,
            "GUIYANG_HOSTS": HOST_NAME,
            "GUIYANG_ADDRESS": f"https://{HOST_NAME}",
            "GUIYANG_MAIL_HOST": "127.0.0.1",
        }
        assert set(values) == set(compose()["x-environment"])
        speed = {"GUIYANG_SWEEP_SECONDS": "1", "GUIYANG_SEND_SECONDS": "1", "GUIYANG_READY_SWEEP_AGE_SECONDS": "4"}
        image = {"GUIYANG_DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1", "PORT": str(self.port)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), **values, **speed, **image}

    # --- services ------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.on_server(f'CREATE DATABASE "{self.database}"')
        self.settings = self.environment()
        collect = ["python", "manage.py", "collectstatic", "--noinput"]  # as the image does
        for command in (collect, words("migrate")):
            subprocess.run(command, cwd=ROOT, env=self.settings, check=True, stdout=subprocess.DEVNULL)

    def start(self, *services: str) -> None:
        for service in services:
            with (self.folder / f"{service}.log").open("ab") as log:
                self.running[service] = subprocess.Popen(
                    words(service), cwd=ROOT, env=self.settings, stdout=log, stderr=log, start_new_session=True
                )

    def stop(self, service: str, number: signal.Signals = signal.SIGTERM) -> int:
        """As a container is stopped: the first process gets the signal, the rest goes with it."""
        process = self.running.pop(service)
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(timeout=15)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def log(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    def clear_away(self) -> None:
        for service in list(self.running):
            self.stop(service, signal.SIGKILL)
        drop_database(self.on_server, self.database)
        with contextlib.closing(redis.Redis.from_url(self.redis)) as link:
            link.flushdb()

    # --- asking --------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body over plain HTTP from inside; status 0 where nothing answers yet."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path, headers={"Host": HOST_NAME, **headers})
            answer = link.getresponse()
            return answer.status, answer.read().decode("utf-8")
        except OSError:
            return 0, ""
        finally:
            link.close()

    def checks(self) -> dict[str, dict[str, Any]]:
        return dict(json.loads(self.get("/readyz")[1])["checks"])

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def health_check(self, service: str) -> int:
        done = subprocess.run(
            health_words(service), cwd=ROOT, env=self.settings, stdout=subprocess.DEVNULL, check=False
        )
        return done.returncode
