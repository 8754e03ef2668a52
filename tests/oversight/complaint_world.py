"""Everything an act on a complaint may change."""

from __future__ import annotations

from typing import Any

from guiyang_data.ledger.models import Event
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, ClockHolding
from oversight.models import (
    Complaint,
    ComplaintNote,
    ComplaintQuestion,
    ComplaintReceipt,
    ComplaintStatement,
    ComplaintTransfer,
    Escalation,
    Finding,
)

MODELS = (
    Complaint,
    ComplaintReceipt,
    ComplaintQuestion,
    ComplaintStatement,
    ComplaintNote,
    ComplaintTransfer,
    Escalation,
    Finding,
    Clock,
    ClockHolding,
    Event,
    Notice,
)


def complaint_world() -> list[Any]:
    """Every row."""
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]
