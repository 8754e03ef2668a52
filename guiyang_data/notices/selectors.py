"""Reading notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.notices.models import Notice, Weight

SHOWN: dict[str, dict[str, Any]] = {
    "": {},
    "unread": {"read_at": None},
    Weight.LEGAL.value: {"weight": Weight.LEGAL},
    Weight.REMINDER.value: {"weight": Weight.REMINDER},
}
"""What of one's notices a list shows, by its name in the address."""


def notices_for(user: User, *, show: str = "", since: dt.datetime | None = None) -> QuerySet[Notice]:
    """A user's notices, newest first; ``show`` as in ``SHOWN``, and everything where it is none of them.

    ``since``: only those of this moment and later.
    """
    notices = Notice.objects.filter(recipient=user, **SHOWN.get(show, {}))
    return notices.filter(created_at__gte=since) if since else notices


def unread_count(user: User) -> int:
    """How many notices a user has not read."""
    return notices_for(user, show="unread").count()
