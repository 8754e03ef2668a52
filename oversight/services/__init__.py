"""What oversight does: the sweep of the clocks, and one function per act of a person."""

from __future__ import annotations

from oversight.services.escalations import conclude, urge
from oversight.services.findings import confirm_finding, dismiss_finding
from oversight.services.orders import (
    accept_rectification,
    drop_discipline,
    order_rectification,
    recommend_discipline,
    reject_rectification,
    report_rectification,
)
from oversight.services.sweeping import sweep

__all__ = [
    "accept_rectification",
    "conclude",
    "confirm_finding",
    "dismiss_finding",
    "drop_discipline",
    "order_rectification",
    "recommend_discipline",
    "reject_rectification",
    "report_rectification",
    "sweep",
    "urge",
]
