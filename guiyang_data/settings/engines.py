"""The two sets of engines as plain functions: the embedded one and the one a city runs."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite with a write-ahead log; a writing transaction takes its lock at once and waits for others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": str(path)},
    }


def postgres(address: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL at the address that a URL gave. What the URL itself says in ``options`` comes first.

    To compile a query, or to share it out among processes, costs a page more than it saves: its queries are short and
    read a few rows of large tables. A page read out of order costs hardly more than the next one: databases lie on
    drives without arms, and what is asked for often lies in memory.
    """
    options = {"options": "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"}
    return address | {"OPTIONS": options | address.get("OPTIONS", {})}


def embedded_cache() -> dict[str, Any]:
    """The cache in the database: one memory cache per process would let lockouts and limits be walked round.

    Django throws a third away at 300 entries by default; then a few hundred requests would wipe out the counters.
    """
    options = {"MAX_ENTRIES": 100_000}
    return {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": options}
    }


def embedded_broker(data_dir: Path) -> dict[str, Any]:
    """Celery over folders below the data folder."""
    queue = data_dir / "queue"
    for name in ("messages", "control", "processed"):
        (queue / name).mkdir(parents=True, exist_ok=True)
    (data_dir / "beat").mkdir(parents=True, exist_ok=True)
    return {
        "CELERY_BROKER_URL": "filesystem://localhost/",
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": False,  # nobody asks, and it would poll one more folder
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": str(queue / "messages"),
            "data_folder_out": str(queue / "messages"),
            "control_folder": str(queue / "control"),
            "processed_folder": str(queue / "processed"),
            "store_processed": False,
        },
    }


def embedded_secret(data_dir: Path, name: str) -> str:
    """A secret of this installation, made at its first start and kept in the data folder, for its owner only."""
    folder = data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")
