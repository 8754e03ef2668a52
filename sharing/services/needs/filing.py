"""Saying what data an agency needs and finds in no catalogue, and taking it back (第四条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.statute.models import Clock
from guiyang_data.texts import one_line
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY
from sharing.needs.workflow import IN_HAND, SUPERVISE
from sharing.services.checks import refuse_if, require_valid_fields
from sharing.services.needs.stepping import attach_papers, await_confirmation, begin, finish, state_reasons, tell
from sharing.workflow import OWN_DUTIES

PREFIX = "XQ"
MOST_ITEMS, LONGEST_ITEM = 60, 60


@dataclass(frozen=True, kw_only=True)
class NeedWish:
    """What data is needed. ``items``: by name, as the agency calls them. ``suspected``: whose it may be."""

    title: str
    items: Sequence[str]
    duty: str
    duty_basis: str
    purpose: str
    update_cycle: str
    content: str = ""
    suspected: Agency | None = None
    is_unlisted: bool = False


@transaction.atomic
def file_need(
    *, requester: Agency, by: User, at: dt.datetime, wish: NeedWish, papers: Sequence[Attachment] = ()
) -> DataNeed:
    """Say what data the agency needs for which duty; the municipal authority confirms whose it is.

    A demand without an entry is our addition: the regulation knows applications for what is catalogued. ``papers``:
    files that were taken in for it, for both agencies and for who confirms. Raises RuleBroken where name, items, duty,
    its basis or the purpose is missing; WrongState where the same waits already.
    """
    NEED_POLICY.require(by, "file-need", requester)
    need = _filled(wish)
    need.requester = requester
    need.submitted_by, need.submitted_on, need.submitted_at = by, day_of(at), at
    refuse_if(_missing(need), OWN_DUTIES)
    require_valid_fields(need, ["title", "content", "duty", "duty_basis", "purpose", "update_cycle"], SUPERVISE)
    _refuse_the_same_again(need)
    need.number = next_number(PREFIX, need.submitted_on.year)
    need.save(force_insert=True)
    attach_papers(need, papers, SUPERVISE)
    payload = {"requester": requester.code, "items": len(need.items)}
    record(need, "file-need", by=by, at=at, basis=SUPERVISE, payload=payload)
    title = f"{requester.short_name}提出数据需求，请确认责任机关"
    await_confirmation(need, by=by, at=at, title=title, body=f"用途：{need.purpose}")
    return need


def _filled(wish: NeedWish) -> DataNeed:
    items = [one_line(item) for item in wish.items]
    return DataNeed(
        title=one_line(wish.title),
        content=wish.content.strip(),
        items=list(dict.fromkeys(item for item in items if item)),
        duty=wish.duty.strip(),
        duty_basis=wish.duty_basis.strip(),
        purpose=wish.purpose.strip(),
        update_cycle=wish.update_cycle,
        suspected=wish.suspected,
        is_unlisted=wish.is_unlisted,
    )


def _missing(need: DataNeed) -> dict[str, str]:
    wrong = {}
    if not need.title:
        wrong["title"] = "请写明需要什么数据。"
    if not need.items:
        wrong["items"] = "请至少写明一个信息项，一行一个。"
    if len(need.items) > MOST_ITEMS or any(len(item) > LONGEST_ITEM for item in need.items):
        wrong["items"] = f"最多 {MOST_ITEMS} 个信息项，每个不超过 {LONGEST_ITEM} 个字。"
    if not need.duty:
        wrong["duty"] = "请写明所履行的法定职责，共享的数据只能用于本机关履行职责。"
    if not need.duty_basis:
        wrong["duty_basis"] = "请写明职责所依据的法律、法规或者职能配置规定。"
    if not need.purpose:
        wrong["purpose"] = "请写明用途。"
    if need.suspected is not None and need.suspected.pk == need.requester_id:
        wrong["suspected"] = "这是本机关。本机关的数据请在目录与汇聚中编制目录。"
    return wrong


def _refuse_the_same_again(need: DataNeed) -> None:
    same = DataNeed.objects.filter(requester=need.requester, title=need.title, status__in=sorted(IN_HAND)).first()
    if same is not None:
        message = f"同名的数据需求 {same.number} 正在办理，不需要再次提出。请查看其进展，或者撤回后重新提出。"
        raise WrongState(message, basis=SUPERVISE, subject=subject_of(same), verb="file-need")


@transaction.atomic
def withdraw_need(*, need_id: int, by: User, at: dt.datetime) -> DataNeed:
    """Take the need back; whoever had to do something about it is told."""
    need = begin(need_id, "withdraw-need", by)
    finish(need, "withdraw-need", by=by, at=at, cause=Clock.Stop.WITHDRAWN)
    if need.provider is not None:
        tell(need.provider, need, title="数据需求已撤回", at=at)
    return need


@transaction.atomic
def contest_need(*, need_id: int, by: User, at: dt.datetime, reasons: str) -> DataNeed:
    """Say with reasons that the entry that was named does not hold what is needed: the authority confirms anew."""
    need = begin(need_id, "contest-need", by)
    stated = state_reasons(need, "contest-need", reasons)
    need.provider = None
    entry = need.entry.resource_code if need.entry else ""
    finish(need, "contest-need", by=by, at=at, payload={"entry": entry, "reasons": stated})
    await_confirmation(need, by=by, at=at, title="所指条目不能满足，请重新确认责任机关", body=stated)
    return need
