"""Carrying an act out once, however often its form or call arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from guiyang_data.faces.models import Submission


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where an act led: a page, or an API result. ``repeated``: it had been carried out before."""

    path: str
    result: dict[str, Any]
    repeated: bool


def carry_out(
    act: Callable[[], tuple[str, dict[str, Any]]], *, token: str, actor: str, purpose: str, at: dt.datetime
) -> Outcome:
    """Run ``act`` and remember its outcome in one transaction; a repeat of ``token`` returns the first outcome.

    ``act`` returns ``(path, result)``. An act that raises leaves nothing behind, so that the form can be sent again.
    Without a token the act simply runs.
    """
    if not token:
        path, result = act()
        return Outcome(path=path, result=result, repeated=False)
    try:
        with transaction.atomic():
            row = Submission.objects.create(token=token, actor=actor, purpose=purpose, made_at=at)
            row.path, row.result = act()
            row.save(update_fields=["path", "result"])
    except IntegrityError:
        done = Submission.objects.filter(token=token, actor=actor, purpose=purpose).first()
        if done is None:
            raise
        return Outcome(path=done.path, result=done.result, repeated=True)
    return Outcome(path=row.path, result=row.result, repeated=False)
