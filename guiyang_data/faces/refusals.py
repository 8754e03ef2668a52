"""A refused attempt is an event too, written after the act's own transaction was rolled back."""

from __future__ import annotations

from django.http import HttpRequest

from guiyang_data.accounts.models import User
from guiyang_data.accounts.refusals import remember_refusal
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.timekeeping import now


def remember(error: DomainError, request: HttpRequest) -> None:
    """Record the attempt under whoever sent the request, now."""
    by = request.user if isinstance(request.user, User) else PUBLIC
    remember_refusal(error, by=by, at=now())
