"""Whose a data need is: the municipal authority confirms, names the entry that holds it, or rejects (第四条第二款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import RuleBroken
from sharing.models import DataNeed, NeedAnswer, NeedAssignment
from sharing.needs.selectors import open_assignment, was_asked
from sharing.needs.workflow import SUPERVISE
from sharing.services.checks import reasons_or_refuse, refuse_if, require_valid_fields
from sharing.services.locking import lock_entry
from sharing.services.needs.stepping import ANSWER, begin, finish, run, state_reasons, tell

AGAIN = "这一机关已经答复过。再次确认由其负责的，请写明理由；它不能再次退回。"


@transaction.atomic
def assign_need(
    *, need_id: int, by: User, at: dt.datetime, agency: Agency, reasons: str = "", is_unlisted: bool = False
) -> NeedAssignment:
    """Confirm which agency is responsible; it answers within a target.

    ``reasons``: needed where the agency denied it before; it cannot deny it again then. ``is_unlisted``: keeps the need
    out of the public list, which tells what it is called from now on.
    """
    need = begin(need_id, "assign-need", by)
    again = was_asked(need, agency)
    refuse_if(_wrong_agency(need, agency), SUPERVISE)
    stated = reasons_or_refuse(reasons, SUPERVISE, AGAIN) if again else reasons.strip()
    _confirmed(need, agency, at, is_unlisted)
    need.reasons, need.entry, need.adjustment = stated, None, None
    require_valid_fields(need, ["reasons"], SUPERVISE)
    finish(need, "assign-need", by=by, at=at, payload={"agency": agency.code, "final": again, "reasons": stated})
    given = {"agency": agency, "assigned_by": by, "assigned_on": day_of(at), "reasons": stated, "is_final": again}
    assignment = NeedAssignment.objects.create(need=need, **given)
    run(need, ANSWER, agency, by=by, at=at)
    body = "\n".join(part for part in (f"需求机关：{need.requester.name}。用途：{need.purpose}", stated) if part)
    tell(agency, need, title="数据需求由本机关负责，请答复", body=body, at=at)
    tell(need.requester, need, title=f"数据需求已确认由{agency.short_name}负责", body=stated, at=at)
    return assignment


def _wrong_agency(need: DataNeed, agency: Agency) -> dict[str, str]:
    if agency.pk == need.requester_id:
        return {"agency": "需求机关自己负责的数据不需要共享。请选择其他机关，或者不予确认并说明。"}
    return {} if agency.is_active else {"agency": "这一机关已经停用，请选择其他机关。"}


def _confirmed(need: DataNeed, agency: Agency, at: dt.datetime, is_unlisted: bool) -> None:
    need.provider = agency
    need.confirmed_on = need.confirmed_on or day_of(at)
    need.is_unlisted = need.is_unlisted or is_unlisted


@transaction.atomic
def cover_need(
    *, need_id: int, by: User, at: dt.datetime, entry_id: int, reasons: str = "", is_unlisted: bool = False
) -> DataNeed:
    """Name the shared entry that holds the data already: the agency may apply for it, or take it, at once.

    By the authority in place of confirming somebody, or by the responsible agency as its answer, for its own entries.
    """
    need = begin(need_id, "cover-need", by)
    waiting = open_assignment(need) if need.provider_id is not None else None
    entry = shared_entry(entry_id, of=need.provider if waiting is not None else None)
    if entry.provider_id == need.requester_id:
        message = "这是需求机关自己的条目。请选择其他机关的条目。"
        raise RuleBroken(message, basis=SUPERVISE, fields={"entry": message})
    _confirmed(need, entry.provider, at, is_unlisted)
    need.entry, need.reasons = entry, reasons.strip()
    require_valid_fields(need, ["reasons"], SUPERVISE)
    if waiting is not None:
        note_answer(waiting, NeedAnswer.COVERED, need.reasons, by=by, at=at)
    finish(need, "cover-need", by=by, at=at, payload={"entry": entry.resource_code, "reasons": need.reasons})
    title = entry.in_force.title if entry.in_force else entry.resource_code
    body = "\n".join(part for part in (f"目录条目：{title}（{entry.provider.name}）。", need.reasons) if part)
    tell(need.requester, need, title="所需数据目录中已有，可以申请或者获取", body=body, at=at)
    return need


def shared_entry(pk: int, *, of: Agency | None = None) -> CatalogEntry:
    """The entry, locked, where it is in force and shared. ``of``: the agency whose it must be."""
    entry = lock_entry(pk)
    if of is not None and entry.provider_id != of.pk:
        message = "只能指明本机关的条目。由其他机关提供的，请答复不属于本机关，并写明是哪一机关。"
        raise RuleBroken(message, basis=SUPERVISE, fields={"entry": message})
    if entry.in_force is None or entry.in_force.sharing_type == SharingType.WITHHELD:
        message = "这一条目没有公布，或者不予共享，需求机关不能申请。请选择其他条目。"
        raise RuleBroken(message, basis=SUPERVISE, fields={"entry": message})
    return entry


def note_answer(waiting: NeedAssignment, answer: str, reasons: str, *, by: User, at: dt.datetime) -> None:
    """What the agency answered to whom it was put."""
    waiting.answer, waiting.answer_reasons = answer, reasons
    waiting.answered_by, waiting.answered_on = by, day_of(at)
    waiting.save(update_fields=["answer", "answer_reasons", "answered_by", "answered_on"])


@transaction.atomic
def reject_need(*, need_id: int, by: User, at: dt.datetime, reasons: str) -> DataNeed:
    """Reject the need with reasons, told to the agency: no agency is to catalogue it. It may be filed anew."""
    need = begin(need_id, "reject-need", by)
    stated = state_reasons(need, "reject-need", reasons)
    finish(need, "reject-need", by=by, at=at, payload={"reasons": stated})
    tell(need.requester, need, title="数据需求不予确认", body=f"理由：{stated}", at=at)
    return need
