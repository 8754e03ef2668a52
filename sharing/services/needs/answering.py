"""What the responsible agency answers to a data need, and the entry it catalogues (第十一条第二款、第十三条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from catalog.models import CatalogAdjustment, CatalogEntry
from catalog.services import declare_adjustment
from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import PLATFORM, record, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import DataNeed, NeedAnswer
from sharing.needs.workflow import COMPILE
from sharing.services.checks import require_valid_fields
from sharing.services.locking import lock_entry, lock_need
from sharing.services.needs.deciding import note_answer
from sharing.services.needs.ending import meet_need
from sharing.services.needs.stepping import (
    CATALOGUING,
    SAID,
    await_confirmation,
    begin,
    finish,
    require_may_deny,
    require_waiting,
    run,
    state_reasons,
    tell,
)


@transaction.atomic
def undertake_need(
    *, need_id: int, by: User, at: dt.datetime, reasons: str = "", papers: Sequence[Attachment] = ()
) -> DataNeed:
    """Answer that the agency will catalogue the data, within a target from today. ``reasons``: what is said besides.

    ``papers``: files that were taken in for the answer; they join those of its draft.
    """
    need = begin(need_id, "undertake-need", by)
    waiting = require_waiting(need, "undertake-need")
    need.reasons = reasons.strip()
    require_valid_fields(need, ["reasons"], COMPILE)
    note_answer(waiting, NeedAnswer.CATALOGUE, need.reasons, by=by, at=at, papers=papers)
    finish(need, "undertake-need", by=by, at=at, payload={"reasons": need.reasons})
    run(need, CATALOGUING, waiting.agency, by=by, at=at)
    title = f"{waiting.agency.short_name}答复将编制目录"
    tell(need.requester, need, title=title, body=need.reasons, at=at)
    return need


@transaction.atomic
def link_need(*, need_id: int, by: User, at: dt.datetime, entry_id: int, is_changed: bool = False) -> DataNeed:
    """Name the agency's entry in which the data is catalogued, a draft too: with it in force the need ends.

    Where it is in force already the need ends at once, unless the entry ``is_changed`` for it: that is declared as an
    event that makes the catalogue change, whose 15 days run from today in place of the target (第十三条第二款).
    """
    need = begin(need_id, "link-need", by)
    if need.adjustment is not None:
        message = "已经登记了对现行条目的调整，调整后的目录公布时办结，不需要另外指明。"
        raise WrongState(message, basis=COMPILE, subject=subject_of(need), verb="link-need")
    need.entry = entry = _own_entry(need, entry_id)
    if is_changed:
        need.adjustment = _adjustment(need, entry, by=by, at=at)
        clocks.stop(need, CATALOGUING, on=day_of(at), at=at, by=by, cause=Clock.Stop.SUPERSEDED)
    need.save(update_fields=["entry", "adjustment"])
    payload = {"entry": entry.resource_code, "changed": is_changed}
    record(need, "link-need", by=by, at=at, basis=COMPILE, payload=payload)
    meet_need(need_id=need.pk, by=PLATFORM, at=at)
    return lock_need(need.pk)


def _own_entry(need: DataNeed, entry_id: int) -> CatalogEntry:
    entry = lock_entry(entry_id)
    if entry.provider_id != need.provider_id:
        message = "只能选择本机关的条目。"
        raise RuleBroken(message, basis=COMPILE, fields={"entry": message})
    return entry


def _adjustment(need: DataNeed, entry: CatalogEntry, *, by: User, at: dt.datetime) -> CatalogAdjustment:
    items = "、".join(need.items)[:SAID]
    return declare_adjustment(
        entry_id=entry.pk,
        kind=CatalogAdjustment.EventKind.OTHER,
        event_on=day_of(at),
        description=f"数据需求 {need.number}（{need.requester.name}）：{need.title}。需要的信息项：{items}。",
        document=need.number,
        by=by,
        at=at,
    )


@transaction.atomic
def deny_need(*, need_id: int, by: User, at: dt.datetime, reasons: str, papers: Sequence[Attachment] = ()) -> DataNeed:
    """Answer with reasons that the data is not the agency's: back to the authority, once for each agency."""
    need = begin(need_id, "deny-need", by)
    waiting = require_waiting(need, "deny-need")
    require_may_deny(need, waiting, "deny-need")
    stated = state_reasons(need, "deny-need", reasons)
    note_answer(waiting, NeedAnswer.DENIED, stated, by=by, at=at, papers=papers)
    need.provider = None
    finish(need, "deny-need", by=by, at=at, payload={"agency": waiting.agency.code, "reasons": stated})
    title = f"{waiting.agency.short_name}答复不属于其职责，请重新确认"
    await_confirmation(need, by=by, at=at, title=title, body=stated)
    tell(need.requester, need, title=f"{waiting.agency.short_name}答复不属于其职责，已退回重新确认", body=stated, at=at)
    return need
