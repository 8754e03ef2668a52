"""What the suite finds on this machine: Chromium, PostgreSQL, Redis, the folder of real files.

A test that needs what is missing is skipped, and the summary says so in one line for each. Where
GUIYANG_NOTHING_MISSING is set (the continuous integration does), it fails instead.
"""

from __future__ import annotations

import os
import shutil
import socket
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

NOTHING_MISSING = "GUIYANG_NOTHING_MISSING"


@cache
def chromium() -> str | None:
    """The program of the browser that tests drive."""
    named = os.environ.get("GUIYANG_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@cache
def real_input() -> Path | None:
    """The folder of real files, named by GUIYANG_REAL_INPUT alone."""
    named = os.environ.get("GUIYANG_REAL_INPUT", "")
    return Path(named).resolve() if named and Path(named).is_dir() else None


@cache
def database_url() -> str | None:
    """A PostgreSQL that lets the suite in and lets it make databases."""
    named = os.environ.get("GUIYANG_SERVICES_DATABASE_URL") or os.environ.get("GUIYANG_TEST_DATABASE_URL")
    url = named or "postgres://postgres@127.0.0.1:5432/postgres"
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=2).close()
        psycopg2.connect(url, connect_timeout=2).close()
    except (OSError, psycopg2.OperationalError):
        return None
    return url


@cache
def redis_url() -> str | None:
    """A Redis whose named database the suite may fill."""
    named = os.environ.get("GUIYANG_SERVICES_REDIS_URL") or os.environ.get("GUIYANG_TEST_REDIS_URL")
    url = named or "redis://127.0.0.1:6379/15"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return None
    return url


def missing_for(marker: str) -> str | None:
    """What a test with this marker needs and does not find, as the line to show; None where all is there."""
    return MISSING[marker]()


def _without_browser() -> str | None:
    return None if chromium() else "Chromium is missing: browser tests do not run (Debian package chromium)"


def _without_services() -> str | None:
    absent = [name for name, found in (("PostgreSQL", database_url()), ("Redis", redis_url())) if found is None]
    return f"{' and '.join(absent)} not reachable: service tests do not run" if absent else None


def _without_real_input() -> str | None:
    return None if real_input() else "GUIYANG_REAL_INPUT names no folder: tests with real files do not run"


def _without_engines() -> str | None:
    named = all(os.environ.get(name) for name in ("GUIYANG_TEST_DATABASE_URL", "GUIYANG_TEST_REDIS_URL"))
    if named and database_url() and redis_url() and shutil.which("redis-server") and shutil.which("pg_dump"):
        return None
    return "GUIYANG_TEST_DATABASE_URL and GUIYANG_TEST_REDIS_URL name no engines: fault runs do not run"


MISSING = {
    "browser": _without_browser,
    "services": _without_services,
    "real_input": _without_real_input,
    "faults": _without_engines,
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in MISSING:
        line = missing_for(marker) if item.get_closest_marker(marker) else None
        if line is None:
            continue
        if os.environ.get(NOTHING_MISSING):
            pytest.fail(line, pytrace=False)
        pytest.skip(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in filter(None, map(missing_for, MISSING)):
        terminalreporter.write_line(line)
