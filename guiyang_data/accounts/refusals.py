"""A refused attempt on an account is an event too, written after the act's own transaction was rolled back."""

from __future__ import annotations

import datetime as dt

from guiyang_data.errors import DomainError, NotSeen
from guiyang_data.ledger.services import Actor, record


def remember_refusal(error: DomainError, *, by: Actor, at: dt.datetime) -> None:
    """Record what was attempted; attempts on what one cannot see leave no trace there."""
    if isinstance(error, NotSeen) or not (error.subject and error.verb):
        return
    payload = {"code": error.code}
    record(error.subject, error.verb, by=by, at=at, basis=error.basis, payload=payload, refused=True)
