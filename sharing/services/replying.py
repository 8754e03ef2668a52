"""Replying to an application (第十五条第二款): agree, agree in part, refuse. Delivered means fed back at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import EntryRevision, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record
from guiyang_data.statute import clocks
from sharing.models import ApplicationOutcome, SharingApplication, SharingGrant, WayOfSupply
from sharing.policies import APPLICATION_POLICY
from sharing.services.checks import (
    broken,
    known_conditions,
    known_items,
    known_ways,
    reasons_or_refuse,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.coordinating import end_with_application
from sharing.services.granting import Limits, open_grant
from sharing.services.locking import lock_application, lock_entry, next_state
from sharing.services.telling import tell
from sharing.services.verification import Permitted, cut_terms, require_still_verifiable
from sharing.workflow import APPLICATION_WORKFLOW, APPLY

NO_REASONS = "不同意的应当说明理由，没有理由不能答复。"
NO_REASONS_FOR_REST = "没有同意的部分应当说明理由，没有理由不能答复。"
WAY_ON = "因履行职责确需使用的，可以提请市大数据主管部门协调（第十五条第三款）。"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What of an application is agreed to. ``items``: which. The rest is empty where nothing of the kind is cut:

    ``row_condition`` is added to the one applied for, ``valid_until`` ends earlier, ``ways`` are fewer,
    ``verification`` is what is left of what was asked to verify.
    """

    items: Sequence[str]
    row_condition: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    valid_until: dt.date | None = None
    ways: Sequence[str] = ()
    verification: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def draft_reply(
    *,
    application_id: int,
    by: User,
    at: dt.datetime,
    outcome: str,
    reasons: str = "",
    items: Sequence[str] = (),
    row_condition: Sequence[Mapping[str, Any]] = (),
    valid_until: dt.date | None = None,
    ways: Sequence[str] = (),
    verification: Permitted | None = None,
) -> SharingApplication:
    """Prepare the reply for the approver; seen in the provider only, it stops no clock."""
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "draft-reply", application)
    next_state(application, "draft-reply")
    if outcome not in ApplicationOutcome.values:
        raise broken(APPLY, {"outcome": "请选择同意、部分同意或者不同意。"})
    if outcome != ApplicationOutcome.AGREE:
        reasons_or_refuse(reasons, APPLY, NO_REASONS_FOR_REST if items else NO_REASONS)
    application.draft_outcome, application.draft_reasons = outcome, reasons.strip()
    asked = Part(items=items, row_condition=row_condition, valid_until=valid_until, ways=ways)
    in_part = outcome == ApplicationOutcome.AGREE_IN_PART
    part = _part_of(application, asked, verification, day_of(at)) if in_part else Part(items=[])
    application.draft_items, application.draft_condition = list(part.items), list(part.row_condition)
    application.draft_until, application.draft_ways = part.valid_until, list(part.ways)
    application.draft_verification = dict(part.verification)
    application.drafted_by, application.drafted_at = by, at
    require_valid_fields(application, ["draft_reasons"], APPLY)
    application.save(update_fields=[one.name for one in application._meta.fields if one.name.startswith("draft")])
    record(application, "draft-reply", by=by, at=at, basis=APPLY, payload={"outcome": outcome})
    title = f"共享申请的答复已拟写，请审批送达：{application.title}"
    tell(application.provider, application, "draft", title=title, at=at, basis=APPLY, roles=(Role.APPROVER,))
    return application


def _part_of(application: SharingApplication, asked: Part, verification: Permitted | None, on: dt.date) -> Part:
    """The part as it is kept: what is no cut is left out. RuleBroken where it goes beyond what was asked for."""
    if not asked.items:
        raise broken(APPLY, {"items": "部分同意的，请选择同意提供的信息项；一项也不同意的，请答复不同意。"})
    if set(asked.items) - set(application.items):
        raise broken(APPLY, {"items": "只能同意申请中列明的信息项。"})
    until = asked.valid_until
    if until is not None and until < max(application.period_from, on):
        raise broken(APPLY, {"valid_until": "同意的使用期限不能早于申请的起始日期，也不能早于今天。"})
    revision = revision_in_force(lock_entry(application.entry_id))
    ways = known_ways(asked.ways, application.ways)
    items = [code for code in application.items if code in set(asked.items)]
    verifies = WayOfSupply.VERIFY in (ways or application.ways)
    terms = verification if verifies else None
    return Part(
        items=items,
        row_condition=known_conditions(asked.row_condition, revision),
        valid_until=until if until is not None and until < application.period_until else None,
        ways=ways if ways and ways != application.ways else (),
        verification=cut_terms(terms, revision, asked=application.verification, items=items),
    )


@transaction.atomic
def agree(*, application_id: int, by: User, at: dt.datetime, limits: Limits | None = None) -> SharingGrant:
    """Agree to what was asked: the clock stops, a grant opens, and supplying runs until data is there."""
    application = lock_application(application_id)
    _reply(application, "agree", ApplicationOutcome.AGREE, by=by, at=at, part=Part(items=application.items))
    grant = open_grant(application, by=by, at=at, items=application.items, limits=limits)
    end_with_application(application, "resolve", by=by, at=at)
    title = f"共享申请已同意，授权已开通：{application.title}"
    tell(application.requester, application, "reply", title=title, at=at, basis=APPLY)
    return grant


@transaction.atomic
def agree_in_part(
    *,
    application_id: int,
    by: User,
    at: dt.datetime,
    items: Sequence[str],
    reasons: str,
    row_condition: Sequence[Mapping[str, Any]] = (),
    valid_until: dt.date | None = None,
    ways: Sequence[str] = (),
    verification: Permitted | None = None,
    limits: Limits | None = None,
) -> SharingGrant:
    """Agree to a part (fewer items, rows, ways, less to verify, a shorter period): a refusal of the rest, with reasons.

    ``row_condition`` is added to the one applied for. Raises RuleBroken without reasons, or where nothing is cut.
    """
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "agree-in-part", application)
    next_state(application, "agree-in-part")
    asked = Part(items=items, row_condition=row_condition, valid_until=valid_until, ways=ways)
    part = _part_of(application, asked, verification, day_of(at))
    if part == Part(items=application.items, row_condition=[]):
        raise broken(APPLY, {"items": "与申请的内容完全相同。全部同意的，请选择「答复：同意」。"})
    stated = reasons_or_refuse(reasons, APPLY, NO_REASONS_FOR_REST)
    outcome = ApplicationOutcome.AGREE_IN_PART
    _reply(application, "agree-in-part", outcome, by=by, at=at, part=part, reasons=stated)
    grant = open_grant(application, by=by, at=at, items=part.items, limits=limits, cuts=application.cuts)
    body = f"没有同意的部分，理由：{stated}{WAY_ON}"
    title = f"共享申请部分同意，授权已开通：{application.title}"
    tell(application.requester, application, "reply", title=title, body=body, at=at, basis=APPLY)
    return grant


@transaction.atomic
def refuse(*, application_id: int, by: User, at: dt.datetime, reasons: str) -> SharingApplication:
    """Refuse an application, with reasons (第十五条第二款); the requester is told of the way to coordination."""
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "refuse", application)
    next_state(application, "refuse")
    stated = reasons_or_refuse(reasons, APPLY, NO_REASONS)
    _reply(application, "refuse", ApplicationOutcome.REFUSE, by=by, at=at, part=Part(items=[]), reasons=stated)
    title = f"共享申请不同意：{application.title}"
    tell(application.requester, application, "reply", title=title, body=f"理由：{stated}{WAY_ON}", at=at, basis=APPLY)
    return application


def _reply(
    application: SharingApplication,
    verb: str,
    outcome: ApplicationOutcome,
    *,
    by: User,
    at: dt.datetime,
    part: Part,
    reasons: str = "",
) -> None:
    """What every reply does: the state, what was said, the clock, the event."""
    APPLICATION_POLICY.require(by, verb, application)
    application.status = next_state(application, verb)
    if part.items:
        _require_still_there(application, part)
        _require_unexpired(application, day_of(at))
    application.outcome, application.granted_items, application.reasons = outcome, list(part.items), reasons
    application.granted_condition, application.granted_until = list(part.row_condition), part.valid_until
    application.granted_ways, application.granted_verification = list(part.ways), dict(part.verification)
    application.replied_by, application.replied_on, application.replied_at = by, day_of(at), at
    require_valid_fields(application, ["reasons"], APPLY)
    stopped = clocks.stop(application, "sharing-reply", on=day_of(at), at=at, by=by)
    application.due_on = stopped.due_on if stopped else None
    application.save(update_fields=REPLIED)
    payload = {
        "outcome": str(outcome),
        "items": list(part.items),
        "cuts": application.cuts,
        "reasons": reasons,
        "late_days": application.late_days,
    }
    record(application, verb, by=by, at=at, basis=APPLICATION_WORKFLOW[verb].basis, payload=payload)


REPLIED = [
    "status",
    "outcome",
    "granted_items",
    "granted_condition",
    "granted_until",
    "granted_ways",
    "granted_verification",
    "reasons",
    "replied_by",
    "replied_on",
    "replied_at",
    "due_on",
]


def _require_still_there(application: SharingApplication, part: Part) -> None:
    revision = revision_in_force(lock_entry(application.entry_id))
    if revision.sharing_type == SharingType.WITHHELD:
        message = "申请之后目录调整为不予共享，不能同意提供。请依据目录说明理由，答复不同意。"
        raise RuleBroken(message, basis=APPLY)
    _require_rows_still_there(application, revision)
    try:
        known_items(part.items, revision)
    except RuleBroken as gone:
        message = f"{gone.message}申请之后目录有调整，请就仍在目录中的信息项答复部分同意，并说明理由。"
        raise RuleBroken(message, basis=APPLY, fields={"items": message}) from gone
    if WayOfSupply.VERIFY in (part.ways or application.ways) and not part.verification:
        require_still_verifiable(application.verification, revision, part.items)


def _require_rows_still_there(application: SharingApplication, revision: EntryRevision) -> None:
    try:
        known_conditions(application.row_condition, revision)
    except RuleBroken as gone:
        message = "申请之后目录有调整，申请所限定的数据范围已不适用。请说明情况答复不同意，由需求机关修改后重新申请。"
        raise RuleBroken(message, basis=APPLY) from gone


def _require_unexpired(application: SharingApplication, on: dt.date) -> None:
    if application.period_until < on:
        message = "申请的使用期限已经届满，同意也不能读取数据。请说明情况答复不同意，并告知需求机关重新申请。"
        raise RuleBroken(message, basis=APPLY)
