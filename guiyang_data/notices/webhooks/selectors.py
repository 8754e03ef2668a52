"""Reading addresses with their owners."""

from __future__ import annotations

from django.db.models import QuerySet

from guiyang_data.notices.models import Receiver


def with_owner(receivers: QuerySet[Receiver]) -> QuerySet[Receiver]:
    """The same with whose notices they are, in one query."""
    return receivers.select_related("owner__service_account__agency")
