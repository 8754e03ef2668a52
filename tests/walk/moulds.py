"""Databases and cities that are made once for a run of the suite and copied for each worker and portal.

Making the tables and the demonstration takes longer than many a test; ``make run`` and the migrations themselves are
tried where they are the subject (tests/services).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg2

from tests.services.composed import ROOT, drop_database

TABLES, PEOPLE, CITY = "tables", "people", "city"
"""All tables with what migrations plant; with the demonstration's people too; with its content too."""
COLLECT = ("collectstatic", "--noinput", "--verbosity", "0")
STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    TABLES: (("migrate", "--noinput", "--verbosity", "0"), ("createcachetable",)),
    PEOPLE: (COLLECT, ("load_demonstration", "--people-only")),
    CITY: (COLLECT, ("load_demonstration",)),
}


def environment_of(folder: Path, server: str, database: str) -> dict[str, str]:
    """The variables of a process on a data folder, and on a database where there is a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUIYANG_", "DJANGO_", "PYTEST"))}
    mine = {"DJANGO_SETTINGS_MODULE": "guiyang_data.settings.test", "GUIYANG_DATA_DIR": str(folder)}
    if server:
        mine["GUIYANG_TEST_DATABASE_URL"] = re.sub(r"(?<=[^/])/[^/?]*(\?.*)?$", f"/{database}", server)
    if os.environ.get("GUIYANG_TEST_REDIS_URL"):
        mine["GUIYANG_TEST_REDIS_URL"] = os.environ["GUIYANG_TEST_REDIS_URL"]
    return {**kept, **mine}


ONE_AFTER_ANOTHER = """
import json, sys, django
from django.core.management import call_command
import guiyang_data.celery
django.setup()
for words in json.loads(sys.argv[1]):
    call_command(*words)
"""
"""Several commands in one process: to load the portal takes longer than most of them."""


def manage(*words: str, environment: Mapping[str, str]) -> str:
    """Run a command of the portal in a process of its own; its output."""
    return _python("manage.py", *words, environment=environment)


def _python(*words: str, environment: Mapping[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{words}: {run.stdout}\n{run.stderr}"
    return run.stdout


class Moulds:
    """What the workers of a run share: of each kind a data folder, and a database where there is a server.

    ``stays``: several runs share the folder, and whoever named it clears it away.
    """

    def __init__(self, folder: Path, server: str, *, stays: bool = False) -> None:
        self.folder, self.server, self.stays = folder, server, stays
        self.mine: list[Path] = []

    def copy(self, kind: str, *, to: Path, database: str) -> None:
        """Fill the folder ``to``, and make ``database``, after the mould, which is made where nobody has yet."""
        with self._alone():
            self._mould(kind)
            self._copy(kind, to, database)

    def _mould(self, kind: str) -> None:
        mould = self.folder / kind
        if mould.exists():
            return
        if kind != TABLES:
            self._mould(TABLES)
        unfinished = mould.with_name(f"{mould.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        if self.server:
            self.drop(self._name(kind))
        if kind != TABLES:
            self._copy(TABLES, unfinished, self._name(kind))
        elif self.server:
            self._on_server(f'CREATE DATABASE "{self._name(kind)}"')
        self.mine.append(mould)
        environment = environment_of(unfinished, self.server, self._name(kind))
        _python("-c", ONE_AFTER_ANOTHER, json.dumps(STEPS[kind]), environment=environment)
        unfinished.rename(mould)

    def _copy(self, kind: str, to: Path, database: str) -> None:
        shutil.copytree(self.folder / kind, to, dirs_exist_ok=True)
        if self.server:
            self._on_server(f'CREATE DATABASE "{database}" TEMPLATE "{self._name(kind)}"')

    def drop(self, database: str) -> None:
        """Take a database of the server away, if it is there."""
        drop_database(self._on_server, database)

    def clear_away(self) -> None:
        """Take away what this worker made; who still wants it makes it again."""
        if self.stays:
            return
        with self._alone():
            for mould in self.mine:
                shutil.rmtree(mould, ignore_errors=True)
                if self.server:
                    self.drop(self._name(mould.name))

    def _name(self, kind: str) -> str:
        return f"guiyang_mould_{hashlib.sha256(str(self.folder / kind).encode()).hexdigest()[:12]}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _on_server(self, statement: str) -> None:
        with contextlib.closing(psycopg2.connect(self.server)) as link:
            link.autocommit = True
            link.cursor().execute(statement)
