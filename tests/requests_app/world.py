"""What a denied act must leave as it was."""

from __future__ import annotations

from typing import Any

from guiyang_data.ledger.models import Event
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, ClockHolding
from requests_app.models import (
    BatchItem,
    OpenRequest,
    Question,
    Reply,
    ReplyBatch,
    RequestLink,
    RequestTransfer,
    ReviewApplication,
    ReviewStatement,
)

MODELS = (
    OpenRequest,
    Question,
    Reply,
    ReplyBatch,
    BatchItem,
    RequestLink,
    RequestTransfer,
    ReviewApplication,
    ReviewStatement,
    Clock,
    ClockHolding,
)


def snapshot() -> dict[str, Any]:
    """Every row of the app, its clocks, and how many events and notices there are."""
    rows: dict[str, Any] = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    return rows | {"events": Event.objects.filter(refused=False).count(), "notices": Notice.objects.count()}
