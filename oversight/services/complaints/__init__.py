"""One function for each act on a complaint (第二十九条)."""

from __future__ import annotations

from oversight.services.complaints.deciding import answer_complaint, decline_complaint, draft_complaint_finding
from oversight.services.complaints.demanding import report_repeated_demand
from oversight.services.complaints.filing import FiledComplaint, file_complaint, withdraw_complaint
from oversight.services.complaints.handling import (
    answer_complaint_question,
    ask_complainant,
    ask_statement,
    give_statement,
    note_investigation,
    receive_complaint,
)
from oversight.services.complaints.passing import hand_off_complaint, record_outside_answer, transfer_complaint

__all__ = [
    "FiledComplaint",
    "answer_complaint",
    "answer_complaint_question",
    "ask_complainant",
    "ask_statement",
    "decline_complaint",
    "draft_complaint_finding",
    "file_complaint",
    "give_statement",
    "hand_off_complaint",
    "note_investigation",
    "receive_complaint",
    "record_outside_answer",
    "report_repeated_demand",
    "transfer_complaint",
    "withdraw_complaint",
]
