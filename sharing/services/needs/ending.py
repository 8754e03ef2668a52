"""A data need ends with the catalogue: the entry that holds the data takes effect, or is withdrawn (第十一条第三款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog.models import SharingType
from guiyang_data.ledger.services import NamedActor, record
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus
from sharing.services.locking import lock_need, next_state
from sharing.services.needs.stepping import CATALOGUING, finish, run, tell


@transaction.atomic
def meet_need(*, need_id: int, by: NamedActor, at: dt.datetime) -> bool:
    """End a need whose entry is in force: it can be applied for or taken, or is withheld by law. Done by the portal.

    Returns whether it ended: not while the entry is no more than a draft, or the adjusted revision has yet to come.
    """
    need = lock_need(need_id)
    NEED_POLICY.require(by, "meet-need", need)
    entry = need.entry
    if need.status != NeedStatus.CATALOGUING or entry is None or entry.in_force is None:
        return False
    if need.adjustment is not None and need.adjustment.closed_at is None:
        return False
    verb = "find-withheld" if entry.in_force.sharing_type == SharingType.WITHHELD else "meet-need"
    need.status = next_state(need, verb)
    finish(need, verb, by=by, at=at, payload={"entry": entry.resource_code})
    title = "所需数据的目录已经公布，可以申请或者获取"
    if need.status == NeedStatus.WITHHELD:
        title = "所需数据的目录已经公布，依法不予共享"
    tell(need.requester, need, title=title, body=f"目录条目：{_named(need)}。", at=at)
    return True


def _named(need: DataNeed) -> str:
    entry = need.entry
    if entry is None or entry.in_force is None or need.status == NeedStatus.WITHHELD:
        return entry.resource_code if entry else ""
    return f"{entry.in_force.title}（{entry.resource_code}）"


@transaction.atomic
def loosen_need(*, need_id: int, by: NamedActor, at: dt.datetime) -> bool:
    """The entry that was to be changed is withdrawn: the agency catalogues on, within a target. Done by the portal."""
    need = lock_need(need_id)
    NEED_POLICY.require(by, "loosen-need", need)
    if need.status != NeedStatus.CATALOGUING or need.adjustment is None or need.provider is None:
        return False
    if need.entry is None or need.entry.in_force is not None:
        return False
    payload = {"entry": need.entry.resource_code}
    need.status, need.entry, need.adjustment = next_state(need, "loosen-need"), None, None
    need.save(update_fields=["status", "entry", "adjustment"])
    record(need, "loosen-need", by=by, at=at, basis=NEED_WORKFLOW["loosen-need"].basis, payload=payload)
    run(need, CATALOGUING, need.provider, by=by, at=at)
    tell(need.provider, need, title="指明的条目已撤销，请继续编制目录", at=at)
    return True
