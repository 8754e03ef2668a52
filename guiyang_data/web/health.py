"""Whether the portal is alive (``/healthz``) and able to do its work (``/readyz``).

Alive asks nothing but this process. Ready asks everything that a legal act or its clock rests on, and
answers 503 with what is wrong; no answer holds personal data or the address of a machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from guiyang_data.ledger import selectors as ledger
from guiyang_data.ledger.waiting import unwritten_since, waiting_for_seal_since
from guiyang_data.timekeeping import now
from oversight import selectors as oversight
from oversight.rulebook.selectors import calendar_end

BROKER_SECONDS = 2


@dataclass(frozen=True)
class Finding:
    """What one check found; ``facts`` are numbers for the monitor (seconds, counts)."""

    ok: bool
    message: str
    facts: Mapping[str, int | None]


class NotMigrated(Exception):
    """Migrations are missing in the database."""


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return never_cached(JsonResponse({"status": "alive"}))


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything the portal rests on works, else 503; the same body for both."""
    at = now()
    findings = {name: check(at) for name, check in CHECKS.items()}
    ready = all(finding.ok for finding in findings.values())
    body = {
        "status": "ready" if ready else "not_ready",
        "at": at.isoformat(),
        "checks": {
            name: {"ok": finding.ok, "message": finding.message, **finding.facts} for name, finding in findings.items()
        },
    }
    return never_cached(JsonResponse(body, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False}))


def never_cached(response: JsonResponse) -> JsonResponse:
    add_never_cache_headers(response)
    return response


def seconds_between(earlier: dt.datetime | None, later: dt.datetime) -> int | None:
    return None if earlier is None else max(0, int((later - earlier).total_seconds()))


def database(at: dt.datetime) -> Finding:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return Finding(False, "database does not answer", {})
    return Finding(True, "database answers", {})


@cache
def require_migrated() -> None:
    """Raises ``NotMigrated``; success is remembered, since the code of a running process has no new migrations."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotMigrated(f"{len(missing)} migrations are not applied; run manage.py migrate")


def migrations(at: dt.datetime) -> Finding:
    """The tables are those this code was written for."""
    try:
        require_migrated()
    except NotMigrated as missing:
        return Finding(False, str(missing), {})
    except DatabaseError:
        return Finding(False, "migrations cannot be read", {})
    return Finding(True, "all migrations applied", {})


def sweep(at: dt.datetime) -> Finding:
    """The sweep of the clocks has been through lately (it alone escalates what is overdue)."""
    limit = settings.READY_SWEEP_AGE_SECONDS
    try:
        age = seconds_between(oversight.last_sweep_at(), at)
    except DatabaseError:
        return Finding(False, "sweeps cannot be read", {"limit_seconds": limit})
    facts = {"age_seconds": age, "limit_seconds": limit}
    if age is None:
        return Finding(False, "no sweep has finished yet; is the worker running, and beat?", facts)
    if age > limit:
        return Finding(False, "the last sweep is too long ago; is the worker running, and beat?", facts)
    return Finding(True, "swept lately", facts)


def seal(at: dt.datetime) -> Finding:
    """What is written to the ledger gets its seal, and each seal its line outside the database."""
    limit = settings.READY_SEAL_AGE_SECONDS
    try:
        last = ledger.last_seal()
        waiting = seconds_between(waiting_for_seal_since(), at) or 0
        unwritten = seconds_between(unwritten_since(), at) or 0
    except DatabaseError:
        return Finding(False, "seals cannot be read", {"limit_seconds": limit})
    age = seconds_between(last.sealed_at if last else None, at)
    facts = {"age_seconds": age, "waiting_seconds": waiting, "unwritten_seconds": unwritten, "limit_seconds": limit}
    stop = settings.READINGS_STOP_UNSEALED_SECONDS
    stopped = " readings are answered 503 until the next seal;" if 0 < stop < max(waiting, unwritten) else ""
    if waiting > limit:
        return Finding(
            False, f"rows of the ledger wait too long for their seal;{stopped} is the worker running?", facts
        )
    if unwritten > limit:
        return Finding(False, f"seals are not written outside the database;{stopped} can the folder be written?", facts)
    return Finding(True, "ledger sealed", facts)


def queue(at: dt.datetime) -> Finding:
    """The broker answers, and its queue is not piling up."""
    limit = settings.READY_QUEUE_LENGTH
    away = broker_errors()
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as link:
            link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_SECONDS)
            with link.channel() as channel:
                length = channel.queue_declare(queue=current_app.conf.task_default_queue).message_count
    except away:
        return Finding(False, "the broker does not answer", {"limit": limit})
    if length > limit:
        return Finding(False, "jobs pile up in the queue; is the worker running?", {"length": length, "limit": limit})
    return Finding(True, "the broker answers", {"length": length, "limit": limit})


def broker_errors() -> tuple[type[BaseException], ...]:
    """What the transport in use raises when its broker is away."""
    transport = current_app.connection_for_write().transport
    return (OperationalError, OSError, *transport.connection_errors, *transport.channel_errors)


def calendar(at: dt.datetime) -> Finding:
    """Whether the notices of the years reach beyond the due days that run; a warning, the portal works without."""
    try:
        end = calendar_end(timezone.localdate(at))
    except DatabaseError:
        return Finding(False, "the calendar cannot be read", {})
    if end is None:
        return Finding(True, "the calendar reaches far enough", {})
    words = f"warning: no holiday notice is loaded after {end.year}, and due days run close to its end or beyond"
    return Finding(True, words, {"last_year": end.year, "days_left": end.days_left})


CHECKS: Mapping[str, Callable[[dt.datetime], Finding]] = {
    "database": database,
    "migrations": migrations,
    "sweep": sweep,
    "seal": seal,
    "queue": queue,
    "calendar": calendar,
}
