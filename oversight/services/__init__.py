"""What oversight does: the sweep of the clocks, and one function per act of a person."""

from __future__ import annotations

from oversight.services.agencies import end_agency, revive_agency
from oversight.services.complaints import (
    FiledComplaint,
    answer_complaint,
    answer_complaint_question,
    ask_complainant,
    ask_statement,
    decline_complaint,
    draft_complaint_finding,
    file_complaint,
    give_statement,
    hand_off_complaint,
    note_investigation,
    receive_complaint,
    record_outside_answer,
    report_repeated_demand,
    transfer_complaint,
    withdraw_complaint,
)
from oversight.services.escalations import conclude, urge
from oversight.services.findings import confirm_finding, dismiss_finding, find_ignored
from oversight.services.orders import (
    accept_rectification,
    drop_discipline,
    order_rectification,
    recommend_discipline,
    reject_rectification,
    report_rectification,
)
from oversight.services.rulebook.calendar import (
    check_calendar,
    confirm_calendar,
    draft_calendar,
    propose_calendar,
    reject_calendar,
    settle_calendar,
)
from oversight.services.rulebook.recounts import run_recounts
from oversight.services.rulebook.rules import check_rule, confirm_rule, propose_rule, reject_rule
from oversight.services.sweeping import sweep

__all__ = [
    "FiledComplaint",
    "accept_rectification",
    "answer_complaint",
    "answer_complaint_question",
    "ask_complainant",
    "ask_statement",
    "check_calendar",
    "check_rule",
    "conclude",
    "confirm_calendar",
    "confirm_finding",
    "confirm_rule",
    "decline_complaint",
    "dismiss_finding",
    "draft_calendar",
    "draft_complaint_finding",
    "drop_discipline",
    "end_agency",
    "file_complaint",
    "find_ignored",
    "give_statement",
    "hand_off_complaint",
    "note_investigation",
    "order_rectification",
    "propose_calendar",
    "propose_rule",
    "receive_complaint",
    "recommend_discipline",
    "record_outside_answer",
    "reject_calendar",
    "reject_rectification",
    "reject_rule",
    "report_rectification",
    "report_repeated_demand",
    "revive_agency",
    "run_recounts",
    "settle_calendar",
    "sweep",
    "transfer_complaint",
    "urge",
    "withdraw_complaint",
]
