"""One function per legal act of sharing between agencies (第十四条至第十七条)."""

from sharing.services.applying import Wish, apply, withdraw_application
from sharing.services.coordinating import (
    conclude_coordination,
    decide_deadlock,
    escalate_deadlock,
    grant_on_opinion,
    request_coordination,
    submit_statement,
    withdraw_coordination,
)
from sharing.services.granting import (
    Limits,
    StandingTerms,
    end_grant,
    grant_standing,
    resume_grant,
    supply,
    suspend_grant,
)
from sharing.services.replying import agree, agree_in_part, draft_reply, refuse
from sharing.services.subscribing import end_subscription, subscribe, unsubscribe
from sharing.services.taking import declare_taking
from sharing.services.telling import tell_requesters

__all__ = [
    "Limits",
    "StandingTerms",
    "Wish",
    "agree",
    "agree_in_part",
    "apply",
    "conclude_coordination",
    "decide_deadlock",
    "declare_taking",
    "draft_reply",
    "end_grant",
    "end_subscription",
    "escalate_deadlock",
    "grant_on_opinion",
    "grant_standing",
    "refuse",
    "request_coordination",
    "resume_grant",
    "submit_statement",
    "subscribe",
    "supply",
    "suspend_grant",
    "tell_requesters",
    "unsubscribe",
    "withdraw_application",
    "withdraw_coordination",
]
