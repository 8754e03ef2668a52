"""Acts on data needs: what an agency needs and finds in no catalogue (第四条第二款、第十一条第二款)."""

from sharing.services.needs.answering import deny_need, link_need, undertake_need
from sharing.services.needs.deciding import assign_need, cover_need, reassign_need, reject_need
from sharing.services.needs.drafting import draft_need_answer
from sharing.services.needs.ending import loosen_need, meet_need
from sharing.services.needs.filing import NeedWish, contest_need, file_need, withdraw_need

__all__ = [
    "NeedWish",
    "assign_need",
    "contest_need",
    "cover_need",
    "deny_need",
    "draft_need_answer",
    "file_need",
    "link_need",
    "loosen_need",
    "meet_need",
    "reassign_need",
    "reject_need",
    "undertake_need",
    "withdraw_need",
]
