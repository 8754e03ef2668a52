"""What a rung does: a reminder to whoever owes, or, once the clock has run out, event, escalation and draft finding."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.counting import show
from guiyang_data.statute.ladder import OVERDUE
from guiyang_data.statute.models import Clock
from oversight.addressees import addressees, holder_when_due
from oversight.applicants import tell_applicant
from oversight.models import Escalation, Finding
from oversight.policies import OVERSEERS
from oversight.services.orders import draft_recommendation
from oversight.workflow import ACTIVE, ESCALATIONS, FINDINGS, EscalationStatus, FindingStatus


def fire(clock: Clock, rung: str, *, legal: bool, at: dt.datetime, on: dt.date) -> None:
    """The effects of one rung, in the transaction that claimed it."""
    if not legal:
        _remind(clock, rung, at, on)
        return
    payload = {
        "kind": clock.kind,
        "clock": clock.pk,
        "number": clock.number,
        "rung": rung,
        "due_on": clock.due_on.isoformat(),
        "provisional": clock.provisional,
        "owed_by": clock.owed_by.code,
    }
    record(clock.subject, "clock.overdue", by=PLATFORM, at=at, basis=clock.rule.basis, payload=payload)
    _tell_who_owes(clock, rung, at, on)
    for agency in addressees(clock):
        _escalate(clock, agency, rung, at, on)
    if rung == OVERDUE:
        _draft_finding(clock, at)
        draft_recommendation(clock, at=at)
        tell_applicant(clock, at=at)


def _key(clock: Clock, rung: str) -> str:
    return f"clock:{clock.pk}:{clock.generation}:{rung}"


def _provisional(clock: Clock) -> str:
    return "（暂定，放假安排公布后重新计算）" if clock.provisional else ""


def _remind(clock: Clock, rung: str, at: dt.datetime, on: dt.date) -> None:
    left = (clock.due_on - on).days
    when = "今天到期" if left == 0 else f"还剩 {left} 天"
    tell_agency(
        clock.owed_by,
        clock.definition.owed_by_roles,
        key=_key(clock, rung),
        about=clock.subject,
        kind="clock.reminder",
        title=f"{when}：{clock.title}",
        body=f"{clock.number}，请于 {show(clock.due_on)} 24:00 前{clock.definition.duty}{_provisional(clock)}。",
        path=clock.path,
        basis=clock.rule.basis,
        at=at,
    )


def _tell_who_owes(clock: Clock, rung: str, at: dt.datetime, on: dt.date) -> None:
    tell_agency(
        clock.owed_by,
        clock.definition.owed_by_roles,
        key=_key(clock, rung),
        about=clock.subject,
        kind="clock.overdue",
        title=f"逾期 {(on - clock.due_on).days} 天：{clock.title}",
        body=(
            f"{clock.number} 应于 {show(clock.due_on)} 24:00 前{clock.definition.duty}{_provisional(clock)}，"
            "现已逾期。请尽快办理。"
        ),
        path=clock.path,
        basis=clock.rule.basis,
        at=at,
    )


def _escalate(clock: Clock, agency: Agency, rung: str, at: dt.datetime, on: dt.date) -> None:
    """Bring the case before an agency, or before it once more: it stays one row until dealt with."""
    escalation, new = Escalation.objects.get_or_create(
        clock=clock,
        to_agency=agency,
        defaults={"rung": rung, "basis": str(clock.rule.basis), "opened_at": at, "opened_on": on},
    )
    if not new:
        _escalate_again(escalation, rung)
    payload = {"clock": clock.pk, "number": clock.number, "to": agency.code, "rung": rung}
    record(escalation, "escalate", by=PLATFORM, at=at, basis=clock.rule.basis, payload=payload)
    tell_agency(
        agency,
        OVERSEERS,
        key=f"escalation:{escalation.pk}:{clock.generation}:{rung}",
        about=escalation,
        kind="escalation",
        title=f"逾期 {(on - clock.due_on).days} 天：{clock.title}（{clock.owed_by.short_name}）",
        body=(
            f"{clock.number} 应于 {show(clock.due_on)} 24:00 前{clock.definition.duty}{_provisional(clock)}，"
            "至今没有办结。"
        ),
        path=escalation.get_absolute_url(),
        basis=clock.rule.basis,
        at=at,
    )


def _escalate_again(escalation: Escalation, rung: str) -> None:
    escalation.rung, escalation.times = rung, escalation.times + 1
    if escalation.status not in ACTIVE:
        escalation.status = ESCALATIONS.target("escalate-again", escalation.status)
    escalation.save(update_fields=["rung", "times", "status"])


def _draft_finding(clock: Clock, at: dt.datetime) -> None:
    """Draft the breach for a person to decide (第三十条); none against those the regulation does not bind."""
    item = clock.definition.finding_item
    agency = holder_when_due(clock)
    if item is None or not (clock.statutory and agency.is_bound):
        return
    finding, new = Finding.objects.get_or_create(clock=clock, item=item, agency=agency, defaults={"drafted_at": at})
    if not new:
        if finding.status != FindingStatus.WITHDRAWN:
            return
        finding.status, finding.drafted_at = FINDINGS.target("draft-again", finding.status), at
        finding.save(update_fields=["status", "drafted_at"])
    payload = {"clock": clock.pk, "number": clock.number, "item": item, "agency": agency.code}
    record(finding, "draft", by=PLATFORM, at=at, basis=FINDINGS["confirm"].basis, payload=payload)


def take_back(clock: Clock, *, at: dt.datetime) -> None:
    """Withdraw what was set going on a due day that has moved away: escalations and drafts, not what people decided."""
    for escalation in Escalation.objects.filter(clock=clock, status__in=[status.value for status in ACTIVE]):
        escalation.status = ESCALATIONS.target("withdraw", EscalationStatus(escalation.status))
        escalation.save(update_fields=["status"])
        record(escalation, "withdraw", by=PLATFORM, at=at, basis=ESCALATIONS["withdraw"].basis)
    for finding in Finding.objects.filter(clock=clock, status=FindingStatus.DRAFT):
        finding.status = FINDINGS.target("withdraw", finding.status)
        finding.save(update_fields=["status"])
        record(finding, "withdraw", by=PLATFORM, at=at, basis=FINDINGS["withdraw"].basis)
