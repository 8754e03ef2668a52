"""One function for each legal act on requests, replies and reviews (第二十一条)."""

from requests_app.services.batches import LeftOut, Together, draft_together, return_together
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
    "Filed",
    "FiledTogether",
    "LeftOut",
    "Party",
    "ReplyText",
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
    "follow",
    "fulfil",
    "inspect_papers",
    "link_requests",
    "remove_paper",
    "reply_anew",
    "requeue_stale_deliveries",
    "return_draft",
    "return_together",
    "run_delivery",
    "submit_statement",
    "tell_applicants_overdue",
    "tell_parties",
    "transfer",
    "unlink_requests",
    "withdraw_request",
    "withdraw_review",
]
