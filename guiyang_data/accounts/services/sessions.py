"""Ending one's own sessions on other devices."""

from __future__ import annotations

import datetime as dt

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import record


@transaction.atomic
def end_session(*, by: User, session_id: int, at: dt.datetime) -> None:
    """End one of one's own sessions; its browser is signed out at its next request."""
    session = UserSession.objects.filter(user=by, pk=session_id).first()
    if session is None:
        raise NotSeen(_("没有找到这个登录，可能已经退出。"))
    session.end()
    record(by, "end-session", by=by, at=at)


@transaction.atomic
def end_other_sessions(*, by: User, current_key: str, at: dt.datetime) -> int:
    """End all of one's own sessions but the one with ``current_key``; returns how many were ended."""
    others = list(UserSession.objects.filter(user=by).exclude(session_key=current_key))
    for session in others:
        session.end()
    if others:
        record(by, "end-session", by=by, at=at, payload={"count": len(others)})
    return len(others)
