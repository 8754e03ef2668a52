"""Carrying an act out once, however often its form or call arrives."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.models import Submission


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where an act led: a page, or an API result. ``repeated``: it had been carried out before."""

    path: str
    result: dict[str, Any]
    repeated: bool


def carry_out(
    act: Callable[[], tuple[str, dict[str, Any]]],
    *,
    token: str,
    actor: str,
    purpose: str,
    at: dt.datetime,
    content: str = "",
) -> Outcome:
    """Run ``act`` and remember its outcome in one transaction; a repeat of ``token`` returns the first outcome.

    ``act`` returns ``(path, result)``. An act that raises leaves nothing behind, so that the form can be sent again.
    Without a token the act simply runs. ``content``: a checksum of what was sent, where the token stands for that and
    nothing else; RuleBroken where it was used for another.
    """
    if not token:
        path, result = act()
        return Outcome(path=path, result=result, repeated=False)
    try:
        with transaction.atomic():
            row = Submission.objects.create(token=token, actor=actor, purpose=purpose, content=content, made_at=at)
            row.path, result = act()
            row.result = _sealed(result)
            row.save(update_fields=["path", "result"])
    except IntegrityError:
        done = Submission.objects.filter(token=token, actor=actor, purpose=purpose).first()
        if done is None:
            raise
        if done.content != content:
            message = "这个 Idempotency-Key 已用于另一次内容不同的提交，本次没有办理。新的内容请换用新的键。"
            raise RuleBroken(message, fields={"Idempotency-Key": message}) from None
        return Outcome(path=done.path, result=_opened(done.result), repeated=True)
    return Outcome(path=row.path, result=result, repeated=False)


def done_before(token: str, *, actor: str, purpose: str) -> Outcome | None:
    """The first outcome of ``token``, where it was carried out; None else."""
    done = Submission.objects.filter(token=token, actor=actor, purpose=purpose).first() if token else None
    return Outcome(path=done.path, result=_opened(done.result), repeated=True) if done else None


def _sealed(result: dict[str, Any]) -> dict[str, str]:
    """An answer may hold a tracking code, of which the portal otherwise keeps a keyed hash only."""
    return {"sealed": encrypt(json.dumps(result))} if result else {}


def _opened(kept: dict[str, Any]) -> dict[str, Any]:
    return json.loads(decrypt(kept["sealed"])) if "sealed" in kept else dict(kept)
