"""Where figures are taken: PostgreSQL databases of their own, dropped afterwards, under the settings a city runs.

GUIYANG_BENCH_DATABASE_URL names a server whose user may make databases (by default the one on this machine),
GUIYANG_BENCH_REDIS_URL a numbered Redis database that nothing else uses.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parents[1]
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/14"
HOST_NAME = "127.0.0.1"
HANDED_ON = {"GUIYANG_BENCH_PEERS", "GUIYANG_REAL_INPUT"}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A database with the city's agencies and people in it, and a data folder."""

    server: str
    database: str
    folder: Path

    def environment(self) -> Mapping[str, str]:
        """The variables of a production installation without HTTPS, whose secrets live for this run."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in HANDED_ON or not name.startswith(("GUIYANG_", "DJANGO_"))
        }
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "guiyang_data.settings.production",
            "GUIYANG_DATA_DIR": str(self.folder),
            "GUIYANG_STATIC_DIR": str(self.folder / "staticfiles"),
            "GUIYANG_SECRET_KEY": "for-the-bench-alone-" * 3,
            "GUIYANG_PERSONAL_DATA_KEY": "for-the-bench-alone-personal-data-" * 2,
            "GUIYANG_SEAL_KEY": "for-the-bench-alone-seal-" * 2,
            "GUIYANG_DATABASE_URL": _named(self.server, self.database),
            "GUIYANG_REDIS_URL": os.environ.get("GUIYANG_BENCH_REDIS_URL", REDIS),
            "GUIYANG_HOSTS": HOST_NAME,
            "GUIYANG_ADDRESS": f"http://{HOST_NAME}",
            "GUIYANG_HTTPS": "0",
            "GUIYANG_DEMONSTRATION": "1",
            "GUIYANG_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, *words: str) -> None:
        """Run a Python module or file of the project here, to its end."""
        command = [sys.executable, *words]
        subprocess.run(command, cwd=ROOT, env=self.environment(), check=True, stdout=sys.stderr)


def _named(server: str, database: str) -> str:
    return re.sub(r"(?<=[^/])/[^/?]*(\?.*)?$", f"/{database}", server)


def _on_server(server: str, statement: str, **names: str) -> None:
    with contextlib.closing(psycopg2.connect(server)) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            made = sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})
            cursor.execute(made)


@contextlib.contextmanager
def base(folder: Path) -> Iterator[Ground]:
    """A migrated database with the city's agencies and people, from which programs copy theirs."""
    server = os.environ.get("GUIYANG_BENCH_DATABASE_URL", SERVER)
    ground = Ground(server=server, database=f"guiyang_bench_{secrets.token_hex(4)}", folder=folder)
    _on_server(server, "CREATE DATABASE {new} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0", new=ground.database)
    try:
        ground.run("manage.py", "migrate", "--noinput", "--verbosity", "0")
        ground.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        ground.run("manage.py", "load_demonstration", "--people-only")
        yield ground
    finally:
        _on_server(server, "DROP DATABASE IF EXISTS {old} WITH (FORCE)", old=ground.database)


@contextlib.contextmanager
def copied(ground: Ground, name: str) -> Iterator[Ground]:
    """A copy of the database for one program, so that none measures what another left."""
    copy = Ground(server=ground.server, database=f"{ground.database}_{name}", folder=ground.folder)
    _on_server(copy.server, "CREATE DATABASE {new} TEMPLATE {old}", new=copy.database, old=ground.database)
    try:
        yield copy
    finally:
        _on_server(copy.server, "DROP DATABASE IF EXISTS {old} WITH (FORCE)", old=copy.database)
