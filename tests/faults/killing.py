"""Named points at which a worker is killed, woven in from outside: the portal itself knows nothing of them.

A point is a function as its caller looks it up, the edge of the call, and which call it is. The process kills itself
with SIGKILL there: nothing is closed, nothing is said, as when the power goes.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Point:
    """``where``: ``module:name``; ``edge``: before or after; ``nth``: which call of it."""

    where: str
    edge: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.edge} {self.where.replace(':', '.')} #{self.nth}"


BOTH = ("before", "after")
_SWEEP, _EFFECTS, _CLOCKS = "oversight.services.sweeping", "oversight.services.effects", "guiyang_data.statute.clocks"
_EDGES: tuple[tuple[str, int], ...] = (
    ("oversight.services:sweep", 1),
    ("requests_app.reactions:lapse", 1),
    ("requests_app.reactions:accept_by_silence", 1),
    ("requests_app.services.reviews:_accept", 1),
    (f"{_CLOCKS}:stop", 1),
    (f"{_CLOCKS}:start", 1),
    (f"{_CLOCKS}:due_for_sweep", 1),
    (f"{_CLOCKS}:lock_for_sweep", 1),
    (f"{_CLOCKS}:lock_for_sweep", 2),
    (f"{_SWEEP}:_sweep", 2),
    (f"{_SWEEP}:take_back", 1),
    (f"{_CLOCKS}:fired_rungs", 1),
    (f"{_CLOCKS}:claim", 1),
    (f"{_CLOCKS}:claim", 2),
    (f"{_CLOCKS}:postpone", 1),
    (f"{_SWEEP}:fire", 1),
    (f"{_SWEEP}:fire", 2),
    (f"{_EFFECTS}:_escalate", 1),
    (f"{_EFFECTS}:tell_all", 1),
    (f"{_EFFECTS}:_run_out", 1),
    (f"{_EFFECTS}:_draft_findings", 1),
    (f"{_EFFECTS}:record_many", 1),
    (f"{_EFFECTS}:tell_applicants", 1),
    ("requests_app.reactions:follow", 1),
    ("guiyang_data.ledger.sealing:seal", 1),
    ("guiyang_data.ledger.sealing:_seal_rows", 1),
    ("guiyang_data.ledger.sealing:write_outside", 1),
    ("guiyang_data.ledger.sealing:_append", 1),
    ("guiyang_data.notices.tasks:send_waiting", 1),
    ("guiyang_data.notices.attempts:lease", 1),
    ("guiyang_data.notices.sending:_hand_over", 1),
    ("guiyang_data.notices.sending:_hand_over", 3),
    ("guiyang_data.notices.attempts:sent", 1),
)
POINTS = {
    str(point): point for where, nth in _EDGES for edge in BOTH for point in (Point(where=where, edge=edge, nth=nth),)
}
"""Sixty-six places in the sweep, the sealing and the sending."""


def weave(name: str) -> None:
    """Let this process kill itself at the point of this name."""
    point = POINTS[name]
    module_name, attribute = point.where.split(":")
    module = import_module(module_name)
    setattr(module, attribute, _deadly(getattr(module, attribute), point))


def _deadly(function: Callable[..., Any], point: Point) -> Callable[..., Any]:
    calls = 0

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        here = calls == point.nth
        if here and point.edge == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped
