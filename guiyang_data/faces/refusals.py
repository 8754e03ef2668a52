"""A refused attempt is an event too, written after the act's own transaction was rolled back."""

from __future__ import annotations

from django.http import HttpRequest

from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, NotSeen
from guiyang_data.ledger.services import PUBLIC, record
from guiyang_data.timekeeping import now


def remember(error: DomainError, request: HttpRequest) -> None:
    """Record the refused attempt on the object it was aimed at; an attempt on the unseen leaves no trace there."""
    if isinstance(error, NotSeen) or not (error.subject and error.verb):
        return
    by = request.user if isinstance(request.user, User) else PUBLIC
    record(
        error.subject,
        error.verb,
        by=by,
        at=now(),
        basis=error.basis,
        payload={"code": error.code},
        refused=True,
    )
