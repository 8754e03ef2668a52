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


def _points(*edges: tuple[str, int]) -> dict[str, Point]:
    """Both edges of each of these calls, by their names."""
    made = [Point(where=where, edge=edge, nth=nth) for where, nth in edges for edge in BOTH]
    return {str(point): point for point in made}


_SWEEP, _EFFECTS, _CLOCKS = "oversight.services.sweeping", "oversight.services.effects", "guiyang_data.statute.clocks"
SWEEPING = _points(
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
"""Sixty-six places in the sweep, the sealing and the sending."""

_DELIVERING, _REPLIES = "requests_app.services.delivering", "requests_app.services.replies"
DELIVERING = _points(
    ("requests_app.services:run_delivery", 1),
    (f"{_DELIVERING}:_claim", 1),
    (f"{_DELIVERING}:drafted_of", 1),
    (f"{_DELIVERING}:_deliver_one", 1),
    (f"{_DELIVERING}:_deliver_one", 7),
    (f"{_DELIVERING}:_deliver_one", 12),
    (f"{_DELIVERING}:deliver_reply", 3),
    (f"{_CLOCKS}:stop", 2),
    (f"{_CLOCKS}:start", 4),
    (f"{_REPLIES}:record", 5),
    (f"{_REPLIES}:tell_applicant", 6),
    (f"{_DELIVERING}:_show_life", 1),
    (f"{_DELIVERING}:_show_life", 12),
    (f"{_DELIVERING}:_end_in_the_background", 1),
    (f"{_DELIVERING}:_end", 1),
    (f"{_DELIVERING}:_tell", 1),
)
"""Thirty-two places in the delivery of a batch of twelve replies: its claim, the replies with their clocks, events and
notices, the count that the bar shows, the end."""
TAKING_UP_AGAIN = _points(
    ("requests_app.reactions:requeue_stale_deliveries", 1),
    ("requests_app.reactions:queue_delivery", 1),
)
"""Four places in a sweep that finds a batch whose worker is gone."""

_RECOUNT, _RECOUNTING = "oversight.services.rulebook.recounts", "guiyang_data.statute.recounting"
COUNTING = _points(
    ("oversight.services:run_recounts", 1),
    (f"{_RECOUNT}:_step", 1),
    (f"{_RECOUNT}:_lock", 2),
    (f"{_RECOUNT}:_count", 1),
    (f"{_RECOUNT}:_count", 3),
    (f"{_RECOUNT}:recount", 2),
    (f"{_RECOUNTING}:generation_of", 5),
    (f"{_RECOUNTING}:note_due_days", 1),
    (f"{_RECOUNTING}:record_many", 2),
    (f"{_RECOUNT}:take_back", 1),
    (f"{_RECOUNT}:tell_moved", 1),
    ("oversight.services.rulebook.telling:tell_parties", 2),
    (f"{_RECOUNT}:_finish", 1),
)
"""Twenty-six places in counting again what a change of calendar or of a rule touches."""

_GATHERING, _TABLES = "catalog.services.gathering", "guiyang_data.tables"
LOADING = _points(
    ("catalog.services:run_load", 1),
    (f"{_GATHERING}:_claim", 1),
    (f"{_GATHERING}:load", 1),
    (f"{_TABLES}.loading:open_source", 1),
    (f"{_TABLES}.loading:match_header", 1),
    (f"{_TABLES}.staging:take_over", 1),
    (f"{_TABLES}.storing:_added", 1),
    (f"{_GATHERING}:build_view", 1),
    (f"{_TABLES}.reading_rows:_build", 1),
    (f"{_GATHERING}:_pin", 1),
    (f"{_GATHERING}:_write_result", 1),
    (f"{_GATHERING}:pin_readers", 1),
    (f"{_GATHERING}:answer_data_changes", 1),
    (f"{_GATHERING}:record", 1),
    (f"{_GATHERING}:note_difference", 1),
)
"""Thirty places in a load: its claim, reading, the commit of its rows, the readers' file, the pin, the comparison."""
MERGING = _points((f"{_TABLES}.staging:merge", 1), (f"{_TABLES}.storing:columns_of", 1))
"""Four places in the commit of a load that updates by key."""

_BATCHES = "catalog.services.batch_gathering"
GATHERING = _points(
    ("catalog.services:gather_waiting", 1),
    (f"{_BATCHES}:_claim", 1),
    (f"{_BATCHES}:_take", 1),
    (f"{_BATCHES}:_check", 1),
    (f"{_BATCHES}:gather", 1),
    ("guiyang_data.tables.gathering:merge", 1),
    ("guiyang_data.tables.gathering:rows_in", 1),
    (f"{_BATCHES}:_pin", 1),
    (f"{_BATCHES}:_version", 1),
    (f"{_BATCHES}:_write", 2),
    (f"{_BATCHES}:pin_readers", 1),
    (f"{_BATCHES}:record", 1),
)
"""Twenty-four places between the receipts of batches and the version that holds their rows."""

_PULLS = "catalog.services.pull_runs"
PULLING = _points(
    ("catalog.services:run_pulls", 1),
    (f"{_PULLS}:begin_run", 1),
    (f"{_PULLS}:plan_of", 1),
    (f"{_PULLS}:pull", 1),
    (f"{_PULLS}:end_run", 1),
    (f"{_PULLS}:_received", 1),
    (f"{_PULLS}:receive_batch", 1),
    (f"{_PULLS}:close_batch", 1),
    (f"{_PULLS}:_close", 1),
    (f"{_PULLS}:next_run", 1),
)
"""Twenty places between a pull's being due and the receipt of its rows."""

_RESTORE = "catalog.services.restoring"
RESTORING = _points(
    ("catalog.services:restore_data", 1),
    (f"{_RESTORE}:restore", 1),
    (f"{_RESTORE}:share_view", 1),
    (f"{_RESTORE}:_pin", 1),
    (f"{_RESTORE}:add_version", 1),
    (f"{_RESTORE}:pin_readers", 1),
    (f"{_RESTORE}:record", 1),
)
"""Fourteen places in the restoring of an earlier version of data."""

NEVER = _points((f"{_DELIVERING}:_deliver_one", 99))
"""Places to which no worker comes: a run that waits for its end there has to say so."""
POINTS = (
    SWEEPING | DELIVERING | TAKING_UP_AGAIN | COUNTING | LOADING | MERGING | GATHERING | PULLING | RESTORING | NEVER
)


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
