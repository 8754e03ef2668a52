"""One function for each legal act on requests, replies and reviews (第二十一条)."""

from requests_app.services.batches import LeftOut, Together, draft_together, return_together
from requests_app.services.corrections import (
    Doubt,
    Reported,
    find_again,
    find_not_right,
    find_right,
    mend_correction,
    report_correction,
    require_rows_there,
    tell_takers,
    withdraw_correction,
)
from requests_app.services.decisions import Decision, decide_review
from requests_app.services.delivering import deliver_together, requeue_stale_deliveries, run_delivery
from requests_app.services.filing import Filed, FiledTogether, file_request, file_together
from requests_app.services.following import confirm_following, follow
from requests_app.services.links import link_requests, unlink_requests
from requests_app.services.news import tell_parties
from requests_app.services.papers import (
    clean_paper,
    confirm_findings,
    inspect_papers,
    remove_paper,
)
from requests_app.services.parties import Party
from requests_app.services.replies import ReplyText, deliver_reply, draft_reply, fulfil, reply_anew, return_draft
from requests_app.services.requests import (
    answer_question,
    ask_question,
    assign_handler,
    tell_applicants_overdue,
    transfer,
    withdraw_request,
)
from requests_app.services.reviews import (
    Applied,
    accept_by_silence,
    accept_review,
    apply_review,
    decline_review,
    submit_statement,
    withdraw_review,
)

__all__ = [
    "Applied",
    "Decision",
    "Doubt",
    "Filed",
    "FiledTogether",
    "LeftOut",
    "Party",
    "ReplyText",
    "Reported",
    "Together",
    "accept_by_silence",
    "accept_review",
    "answer_question",
    "apply_review",
    "ask_question",
    "assign_handler",
    "clean_paper",
    "confirm_findings",
    "confirm_following",
    "decide_review",
    "decline_review",
    "deliver_reply",
    "deliver_together",
    "draft_reply",
    "draft_together",
    "file_request",
    "file_together",
    "find_again",
    "find_not_right",
    "find_right",
    "follow",
    "fulfil",
    "inspect_papers",
    "link_requests",
    "mend_correction",
    "remove_paper",
    "reply_anew",
    "report_correction",
    "requeue_stale_deliveries",
    "require_rows_there",
    "return_draft",
    "return_together",
    "run_delivery",
    "submit_statement",
    "tell_applicants_overdue",
    "tell_parties",
    "tell_takers",
    "transfer",
    "unlink_requests",
    "withdraw_correction",
    "withdraw_request",
    "withdraw_review",
]
