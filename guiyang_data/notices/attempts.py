"""One attempt to send one thing: taken by a lease, made outside any transaction, and its outcome noted.

While another host is asked no lock is held, or one that does not answer would hold up everybody who writes. Whoever
is killed in between leaves a lease that runs out; then it is sent again under the same id.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import F, QuerySet

from guiyang_data.notices.models import Sending

Planned = TypeVar("Planned")
LEASE = dt.timedelta(minutes=15)
"""How long an attempt keeps others off; longer than one run of the sender lasts with its slowest request."""
PATIENCE_SECONDS = 20.0
"""After so long a run begins no further attempt; the next one goes on."""


def lease(rows: QuerySet[Any], pk: int, *, at: dt.datetime) -> Any:
    """The row of ``rows`` that this attempt may make now; None where it is not due, or another has it."""
    due = rows.filter(pk=pk, state=Sending.State.WAITING, next_attempt_at__lte=at)
    if not due.update(attempts=F("attempts") + 1, next_attempt_at=at + LEASE):
        return None
    return rows.get(pk=pk)


def sent(row: Sending, *, at: dt.datetime) -> None:
    """Note that the other side took it. What came back before that was noted stays returned."""
    waiting = type(row)._default_manager.filter(pk=row.pk, state=Sending.State.WAITING)
    waiting.update(state=Sending.State.SENT, sent_at=at, last_error="")


def put_off(row: Sending, error: str, *, pause: dt.timedelta, at: dt.datetime) -> None:
    """Note why it did not go, and when it is tried again."""
    row.last_error, row.next_attempt_at = error, at + pause
    row.save(update_fields=["last_error", "next_attempt_at"])


def give_up(row: Sending, reason: Sending.Reason, error: str) -> None:
    """Note that it will not be tried again by itself."""
    row.state, row.reason, row.last_error = Sending.State.FAILED, reason, error
    row.save(update_fields=["state", "reason", "last_error"])


def within_patience(plan: Sequence[Planned]) -> Iterator[Planned]:
    """What is planned one after the other, while the run may go on."""
    until = time.monotonic() + PATIENCE_SECONDS
    for one in plan:
        if time.monotonic() > until:
            return
        yield one


def due(rows: QuerySet[Any], *, at: dt.datetime, most: int) -> list[int]:
    """Ids of what waits and is due, the longest due first."""
    waiting = rows.filter(state=Sending.State.WAITING, next_attempt_at__lte=at)
    return list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:most])
