"""The two ends of a session: after a while without an act (idle), and after its whole length (absolute)."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
NOTE_EVERY = dt.timedelta(minutes=1)
"""How exactly "last seen" is kept: a finer one would write to the database at every request."""


class End(StrEnum):
    """Why a session ended by itself."""

    IDLE = "idle"
    ABSOLUTE = "absolute"


def begin(session: SessionBase, *, at: dt.datetime) -> None:
    """Start both ends."""
    session[SIGNED_IN_AT] = at.timestamp()
    session[SEEN_AT] = at.timestamp()


def ended(session: SessionBase, *, at: dt.datetime) -> End | None:
    """Which end has been reached by ``at``; a session that has not begun begins."""
    if SIGNED_IN_AT not in session:
        begin(session, at=at)
        return None
    if at.timestamp() - session[SIGNED_IN_AT] >= settings.SESSION_ABSOLUTE_END.total_seconds():
        return End.ABSOLUTE
    if at.timestamp() - session[SEEN_AT] >= settings.SESSION_IDLE_END.total_seconds():
        return End.IDLE
    return None


def note_seen(session: SessionBase, *, at: dt.datetime) -> bool:
    """Move the idle end on; returns whether it was written (at most once a minute)."""
    if at.timestamp() - session[SEEN_AT] < NOTE_EVERY.total_seconds():
        return False
    session[SEEN_AT] = at.timestamp()
    return True
