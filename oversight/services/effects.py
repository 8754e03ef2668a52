"""What rungs do: a reminder to whoever owes, or, once a clock has run out, event, escalation and draft finding.

The rungs of a batch have their effects together, in the transaction that claimed them: what they need is read once
and what they make is written at once, so that a hundred clocks cost hardly more queries than one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders_by_role
from guiyang_data.inserting import insert_many
from guiyang_data.ledger.services import PLATFORM, Entry, record_many
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import Telling, tell_all
from guiyang_data.statute.counting import show
from guiyang_data.statute.ladder import OVERDUE
from guiyang_data.statute.models import Clock
from oversight.addressees import Remembered, holders_when_due
from oversight.applicants import tell_applicants
from oversight.models import Escalation, Finding
from oversight.policies import OVERSEERS
from oversight.services.orders import draft_recommendation
from oversight.workflow import ACTIVE, ESCALATIONS, FINDINGS, EscalationStatus, FindingStatus

ACTIVE_STATES = [status.value for status in ACTIVE]


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rung that was claimed just now. ``legal``: it has effects beyond a reminder."""

    clock: Clock
    rung: str
    legal: bool


@dataclass(frozen=True, kw_only=True)
class Brought:
    """An escalation that a rung made, or made once more."""

    escalation: Escalation
    fired: Fired
    to: Agency


def fire(fired: Sequence[Fired], *, at: dt.datetime, on: dt.date, remembered: Remembered) -> None:
    """The effects of the rungs of a batch, in the transaction that claimed them."""
    legal = [one for one in fired if one.legal]
    brought = _escalate(legal, at, on, remembered) if legal else []
    tell_all(_letters(fired, brought, on), at=at)
    if legal:
        _run_out([one.clock for one in legal if one.rung == OVERDUE], legal, brought, at)


def _run_out(run_out: Sequence[Clock], legal: Sequence[Fired], brought: Sequence[Brought], at: dt.datetime) -> None:
    entries = [_overdue_entry(one, at) for one in legal] + [_escalation_entry(one, at) for one in brought]
    drafts, moot = _draft_findings(run_out, at)
    entries += [_finding_withdrawn_entry(finding, at) for finding in moot]
    record_many(entries + [_finding_entry(finding, clock, at) for clock, finding in drafts.items()])
    for clock in run_out:
        draft_recommendation(clock, at=at)
    tell_applicants([clock for clock in run_out if clock.is_running], at=at)


# --- telling ---------------------------------------------------------------------------------------------


class _Staff:
    """Who is told for an agency, read once for a batch."""

    def __init__(self, agencies: Iterable[int], roles: Iterable[Role]) -> None:
        self._found = holders_by_role(agencies, [role.value for role in roles])

    def of(self, agency: Agency, roles: Iterable[Role]) -> list[User]:
        return [user for role in roles for user in self._found.get((agency.pk, role.value), ())]


def _letters(fired: Sequence[Fired], brought: Sequence[Brought], on: dt.date) -> Iterator[Telling]:
    agencies = {one.clock.owed_by_id for one in fired} | {one.to.pk for one in brought}
    roles = {role for one in fired for role in one.clock.definition.owed_by_roles} | set(OVERSEERS)
    staff = _Staff(agencies, roles)
    yield from (_to_whoever_owes(one, staff, on) for one in fired)
    yield from (_to_overseers(one, staff, on) for one in brought)


def _provisional(clock: Clock) -> str:
    return "（暂定，放假安排公布后重新计算）" if clock.provisional else ""


def _to_whoever_owes(fired: Fired, staff: _Staff, on: dt.date) -> Telling:
    clock = fired.clock
    kind, title, body = _overdue_words(clock, on) if fired.legal else _reminder_words(clock, on)
    return Telling(
        recipients=staff.of(clock.owed_by, clock.definition.owed_by_roles),
        key=f"clock:{clock.pk}:{clock.generation}:{fired.rung}:{clock.owed_by.code}",
        about=clock.subject,
        kind=kind,
        title=title,
        body=body,
        path=clock.path,
        basis=clock.rule.basis,
        weight=Weight.LEGAL if fired.legal else Weight.REMINDER,
        agency=clock.owed_by,
        to_agency=clock.owed_by,
    )


def _reminder_words(clock: Clock, on: dt.date) -> tuple[str, str, str]:
    left = (clock.due_on - on).days
    when = "今天到期" if left == 0 else f"还剩 {left} 天"
    duty = f"请于 {show(clock.due_on)} 24:00 前{clock.definition.duty}{_provisional(clock)}。"
    return "clock.reminder", f"{when}：{clock.title}", f"{clock.number}，{duty}"


def _overdue_words(clock: Clock, on: dt.date) -> tuple[str, str, str]:
    now = "现已逾期。请尽快办理。" if clock.stopped_on is None else f"{_was_done(clock.stopped_on)}，记录为逾期。"
    return "clock.overdue", f"{_how_late(clock, on)}：{clock.title}", f"{_was_due(clock)}，{now}"


def _how_late(clock: Clock, on: dt.date) -> str:
    return f"逾期 {((clock.stopped_on or on) - clock.due_on).days} 天"


def _was_done(stopped_on: dt.date) -> str:
    return f"{show(stopped_on)}才办结"


def _was_due(clock: Clock) -> str:
    return f"{clock.number} 应于 {show(clock.due_on)} 24:00 前{clock.definition.duty}{_provisional(clock)}"


def _to_overseers(brought: Brought, staff: _Staff, on: dt.date) -> Telling:
    clock, escalation = brought.fired.clock, brought.escalation
    return Telling(
        recipients=staff.of(brought.to, OVERSEERS),
        key=f"escalation:{escalation.pk}:{clock.generation}:{brought.fired.rung}:{brought.to.code}",
        about=escalation,
        kind="escalation",
        title=f"{_how_late(clock, on)}：{clock.title}（{clock.owed_by.short_name}）",
        body=f"{_was_due(clock)}，{_was_done(clock.stopped_on) if clock.stopped_on else '至今没有办结'}。",
        path=escalation.get_absolute_url(),
        basis=clock.rule.basis,
        agency=brought.to,
        to_agency=brought.to,
    )


# --- recording -------------------------------------------------------------------------------------------


def _overdue_entry(fired: Fired, at: dt.datetime) -> Entry:
    clock = fired.clock
    payload = {
        "kind": clock.kind,
        "clock": clock.pk,
        "number": clock.number,
        "rung": fired.rung,
        "due_on": clock.due_on.isoformat(),
        "provisional": clock.provisional,
        "owed_by": clock.owed_by.code,
    }
    return Entry(obj=clock.subject, verb="clock.overdue", by=PLATFORM, at=at, basis=clock.rule.basis, payload=payload)


def _escalation_entry(brought: Brought, at: dt.datetime) -> Entry:
    clock = brought.fired.clock
    payload = {"clock": clock.pk, "number": clock.number, "to": brought.to.code, "rung": brought.fired.rung}
    return Entry(obj=brought.escalation, verb="escalate", by=PLATFORM, at=at, basis=clock.rule.basis, payload=payload)


def _finding_entry(finding: Finding, clock: Clock, at: dt.datetime) -> Entry:
    payload = {"clock": clock.pk, "number": clock.number, "item": finding.item, "agency": finding.agency.code}
    return Entry(obj=finding, verb="draft", by=PLATFORM, at=at, basis=FINDINGS["confirm"].basis, payload=payload)


# --- escalations and findings ------------------------------------------------------------------------------


def _escalate(fired: Sequence[Fired], at: dt.datetime, on: dt.date, remembered: Remembered) -> list[Brought]:
    """Bring cases before agencies, or before them once more: each stays one row until dealt with."""
    known = Escalation.objects.filter(clock__in={one.clock.pk for one in fired}).select_for_update().order_by("pk")
    rows = {(row.clock_id, row.to_agency_id): row for row in known}
    brought: list[Brought] = []
    for one in fired:
        for agency in remembered.addressees(one.clock):
            row = rows.get((one.clock.pk, agency.pk))
            if row is None:
                row = rows[one.clock.pk, agency.pk] = _escalation(one, agency, at, on)
            else:
                _again(row, one.rung)
            brought.append(Brought(escalation=row, fired=one, to=agency))
    touched = {id(one.escalation): one.escalation for one in brought}.values()
    Escalation.objects.bulk_update([row for row in touched if row.pk], ["rung", "times", "status"])
    insert_many(row for row in touched if not row.pk)
    return brought


def _escalation(fired: Fired, agency: Agency, at: dt.datetime, on: dt.date) -> Escalation:
    basis = str(fired.clock.rule.basis)
    return Escalation(clock=fired.clock, to_agency=agency, rung=fired.rung, basis=basis, opened_at=at, opened_on=on)


def _again(escalation: Escalation, rung: str) -> None:
    escalation.rung, escalation.times = rung, escalation.times + 1
    if escalation.status not in ACTIVE:
        escalation.status = ESCALATIONS.target("escalate-again", escalation.status)


def _finding_withdrawn_entry(finding: Finding, at: dt.datetime) -> Entry:
    return Entry(obj=finding, verb="withdraw", by=PLATFORM, at=at, basis=FINDINGS["withdraw"].basis)


def _draft_findings(run_out: Sequence[Clock], at: dt.datetime) -> tuple[dict[Clock, Finding], list[Finding]]:
    """Draft breaches for a person to decide (第三十条); none against those the regulation does not bind.

    The lapse of a service target is one only where the law itself forbids or orders without a period what the target
    gave time for, and it is not done yet.

    Returns the drafts, and those that are moot: the due day has moved, and by the new one it was in other hands.
    """
    items = {clock: clock.definition.finding_item for clock in run_out if clock.statutory or _is_undone(clock)}
    held = holders_when_due([clock for clock, item in items.items() if item is not None])
    known = Finding.objects.filter(clock__in=held).select_for_update().order_by("pk")
    rows = {(row.clock_id, row.item, row.agency_id): row for row in known}
    moot = _withdrawn([row for row in known if row.agency_id != held[row.clock_id or 0].pk])
    drafts: dict[Clock, Finding] = {}
    for clock, item in items.items():
        if item is None or not held[clock.pk].is_bound:
            continue
        finding = rows.get((clock.pk, item, held[clock.pk].pk)) or Finding(clock=clock, item=item, drafted_at=at)
        if finding.pk and finding.status != FindingStatus.WITHDRAWN:
            continue
        if finding.pk:
            finding.status, finding.drafted_at = FINDINGS.target("draft-again", finding.status), at
        finding.clock, finding.agency = clock, held[clock.pk]
        drafts[clock] = finding
    Finding.objects.bulk_update([row for row in drafts.values() if row.pk], ["status", "drafted_at"])
    insert_many(row for row in drafts.values() if not row.pk)
    return drafts, moot


def _is_undone(clock: Clock) -> bool:
    return clock.definition.stands_apart and clock.is_running


def _withdrawn(findings: Iterable[Finding]) -> list[Finding]:
    """Of these findings the drafts, withdrawn; what a person has decided stays."""
    drafts = [finding for finding in findings if finding.status == FindingStatus.DRAFT]
    for finding in drafts:
        finding.status = FINDINGS.target("withdraw", finding.status)
        finding.save(update_fields=["status"])
    return drafts


def take_back(clocks: Collection[Clock], *, at: dt.datetime) -> None:
    """Withdraw what was set going on due days that have moved away: escalations and drafts, not what people decided."""
    pks = [clock.pk for clock in clocks]
    escalations = Escalation.objects.filter(clock__in=pks, status__in=ACTIVE_STATES).select_for_update().order_by("pk")
    findings = Finding.objects.filter(clock__in=pks).select_for_update().order_by("pk")
    entries: list[Entry] = []
    for escalation in escalations:
        escalation.status = ESCALATIONS.target("withdraw", EscalationStatus(escalation.status))
        escalation.save(update_fields=["status"])
        entries.append(Entry(obj=escalation, verb="withdraw", by=PLATFORM, at=at, basis=ESCALATIONS["withdraw"].basis))
    entries += [_finding_withdrawn_entry(finding, at) for finding in _withdrawn(findings)]
    if entries:
        record_many(entries)
