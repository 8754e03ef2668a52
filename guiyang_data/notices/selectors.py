"""Reading notices."""

from __future__ import annotations

from django.db.models import QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.notices.models import Notice


def notices_for(user: User) -> QuerySet[Notice]:
    """A user's notices, newest first."""
    return Notice.objects.filter(recipient=user)


def unread_count(user: User) -> int:
    """How many notices a user has not read."""
    return notices_for(user).filter(read_at=None).count()
