"""What a person may do now on a data need: the buttons of its page and the ``actions`` of the API."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.policies import Principal
from guiyang_data.faces.acts import Act, acts
from sharing.actions import plain
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY
from sharing.needs.selectors import is_silent, open_assignment
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus


def need_acts(user: Principal, need: DataNeed, *, on: dt.date) -> list[Act]:
    """Acts on a need. What was put to an agency once more is not sent back again; nor taken from it before its day."""
    waiting = open_assignment(need) if need.status == NeedStatus.ASSIGNED else None
    hidden = {"deny-need"} if waiting is not None and waiting.is_final else set()
    if not is_silent(need, on):
        hidden.add("reassign-need")
    found = acts(
        user,
        need,
        status=need.status,
        workflow=NEED_WORKFLOW,
        policy=NEED_POLICY,
        url=lambda verb: f"{need.get_absolute_url()}{verb}/",
        hidden=hidden,
    )
    return plain(found)
