"""Whose a data need is: the municipal authority confirms, names the entry that holds it, or rejects (第四条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from sharing.models import DataNeed, NeedAnswer, NeedAssignment
from sharing.needs.selectors import is_silent, open_assignment, was_asked
from sharing.needs.workflow import COMPILE, SUPERVISE
from sharing.services.checks import broken, reasons_or_refuse, refuse_if, require_valid_fields
from sharing.services.locking import lock_entry
from sharing.services.needs.stepping import (
    ANSWER,
    attach_papers,
    begin,
    finish,
    require_waiting,
    run,
    state_reasons,
    tell,
)

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
    need.reasons = reasons.strip()
    _confirmed(need, agency, at, is_unlisted)
    return _put_to(need, agency, "assign-need", by=by, at=at)


def _put_to(
    need: DataNeed,
    agency: Agency,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    cause: str = Clock.Stop.DONE,
    payload: Mapping[str, Any] | None = None,
) -> NeedAssignment:
    """Put the need to an agency, for the reasons noted on it: one that answered before cannot deny it again."""
    again = was_asked(need, agency)
    refuse_if(_wrong_agency(need, agency), SUPERVISE)
    stated = reasons_or_refuse(need.reasons, SUPERVISE, AGAIN) if again else need.reasons
    need.provider, need.entry, need.adjustment = agency, None, None
    require_valid_fields(need, ["reasons"], SUPERVISE)
    said = {"agency": agency.code, "final": again, "reasons": stated, **(payload or {})}
    finish(need, verb, by=by, at=at, cause=cause, payload=said)
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
    *,
    need_id: int,
    by: User,
    at: dt.datetime,
    entry_id: int,
    reasons: str = "",
    is_unlisted: bool = False,
    papers: Sequence[Attachment] = (),
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
        note_answer(waiting, NeedAnswer.COVERED, need.reasons, by=by, at=at, papers=papers)
    else:
        attach_papers(need, papers, SUPERVISE)
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


def note_answer(
    waiting: NeedAssignment,
    answer: str,
    reasons: str,
    *,
    by: User,
    at: dt.datetime,
    papers: Sequence[Attachment] = (),
) -> None:
    """What the agency answered to whom it was put; ``papers`` join those that were drafted with it."""
    attach_papers(waiting, papers, COMPILE)
    waiting.answer, waiting.answer_reasons = answer, reasons
    waiting.answered_by, waiting.answered_on = by, day_of(at)
    waiting.save(update_fields=["answer", "answer_reasons", "answered_by", "answered_on"])


def require_silent(need: DataNeed, on: dt.date) -> None:
    """WrongState where the responsible agency still has its day before it."""
    if not is_silent(need, on):
        message = "责任机关的答复期限还没有届满，不能收回。需要加快的，请督办。"
        raise WrongState(message, basis=SUPERVISE, subject=subject_of(need), verb="reassign-need")


@transaction.atomic
def reassign_need(*, need_id: int, by: User, at: dt.datetime, agency: Agency, reasons: str) -> NeedAssignment:
    """Take a need back from an agency that let its target pass without a word, and give it to another, with reasons.

    The clock that ran out stays on record as late, and the silent agency cannot answer any more; the other has the
    whole target from today. WrongState before the day has passed, RuleBroken without reasons or another agency.
    """
    need = begin(need_id, "reassign-need", by)
    require_silent(need, day_of(at))
    waiting = require_waiting(need, "reassign-need")
    if agency.pk == waiting.agency_id:
        message = "请选择另一个机关。仍由这一机关负责的，不需要收回，请督办。"
        raise broken(SUPERVISE, {"agency": message})
    silent = waiting.agency
    waiting.taken_back_on = day_of(at)
    waiting.taken_back_reasons = state_reasons(need, "reassign-need", reasons)
    waiting.save(update_fields=["taken_back_on", "taken_back_reasons"])
    payload = {"from": silent.code, "reasons": need.reasons}
    assignment = _put_to(need, agency, "reassign-need", by=by, at=at, cause=Clock.Stop.SUPERSEDED, payload=payload)
    body = f"逾期没有答复，现改由{agency.name}负责。理由：{need.reasons}"
    tell(silent, need, title="数据需求已经收回，改由其他机关负责", body=body, at=at)
    return assignment


@transaction.atomic
def reject_need(*, need_id: int, by: User, at: dt.datetime, reasons: str) -> DataNeed:
    """Reject the need with reasons, told to the agency: no agency is to catalogue it. It may be filed anew."""
    need = begin(need_id, "reject-need", by)
    stated = state_reasons(need, "reject-need", reasons)
    finish(need, "reject-need", by=by, at=at, payload={"reasons": stated})
    tell(need.requester, need, title="数据需求不予确认", body=f"理由：{stated}", at=at)
    return need
