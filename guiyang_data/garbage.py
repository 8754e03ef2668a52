"""How often a process that serves for days looks for cycles among its objects."""

from __future__ import annotations

import atexit
import gc

ALLOCATIONS = 50_000
"""New objects between two rounds; Python's own 700 make some hundred rounds of one page."""
ROUNDS = (20, 50)
"""Rounds among the youngest before one among the older, and of those before one among all."""


def settle() -> None:
    """Leave what has been loaded so far out of every later round, and go round less often.

    Modules, models and routes are a million objects that never go: to look through them again took up to a third of
    a page's time. Call it once, when the process has loaded what it serves with.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, *ROUNDS)
    atexit.register(gc.unfreeze)  # libraries look at the end whether all of theirs has gone
