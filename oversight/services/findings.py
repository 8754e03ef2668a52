"""Drafting, confirming or dismissing a finding: a person's decision, never on a provisional due day (第三十条)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import count
from oversight import policies
from oversight.models import Breach, Escalation, Finding
from oversight.workflow import ESCALATIONS, FINDINGS, LIABILITY


def _locked(finding_id: int) -> Finding:
    findings = Finding.objects.select_for_update(of=("self",))
    related = findings.select_related("clock__rule", "clock__owed_by", "complaint__complaint", "agency")
    return related.get(pk=finding_id)


def _refuse(finding: Finding, verb: str, message: str, fields: dict[str, str] | None = None) -> RuleBroken:
    return RuleBroken(message, basis=FINDINGS[verb].basis, fields=fields, subject=subject_of(finding), verb=verb)


def certain_due_day(clock: Clock) -> dt.date | None:
    """The due day where it is final: as stored, or as the notice issued since then gives it; None while provisional.

    A stopped clock never moves, so its provisional day is counted anew here, for the finding alone.
    """
    if not clock.provisional:
        return clock.due_on
    due = count(clock.rule, clock.started_on)
    return None if due.provisional else due.on


def _require_certainly_late(finding: Finding, on: dt.date) -> None:
    if finding.clock is None:
        return  # what a receiver found out on a complaint runs on no day
    due_on = certain_due_day(finding.clock)
    if due_on is None:
        raise _refuse(
            finding,
            "confirm",
            _(
                "到期日还是暂定的（当年放假安排尚未公布），现在不能认定。安排公布、重新计算之后再办理。您填写的内容没有丢失。"
            ),
        )
    if (finding.clock.stopped_on or on) <= due_on:
        raise _refuse(
            finding,
            "confirm",
            _("按正式公布的放假安排，到期日是 %(due)s，这件事没有逾期，不能认定。请选择「不予认定」。")
            % {"due": show(due_on)},
        )


@transaction.atomic
def find_ignored(*, escalation_id: int, by: User, on: dt.date, at: dt.datetime) -> Finding:
    """Draft that a receiver ignored a complaint (第三十条第八项), where its time ran out; a person confirms it or not.

    The time is a service target, so the portal never drafts this by itself.
    """
    escalations = Escalation.objects.select_for_update(of=("self",)).select_related("clock__owed_by")
    escalation = escalations.get(pk=escalation_id)
    policies.require(by, "find-ignored", escalation)
    ESCALATIONS.target("find-ignored", escalation.status)
    clock = escalation.clock
    if clock.kind != "complaint" or not clock.is_running or clock.due_on >= on:
        message = _("只有到期没有反馈的投诉举报，才能草拟第三十条第（八）项的认定。")
        raise WrongState(message, basis=LIABILITY, subject=subject_of(escalation), verb="find-ignored")
    finding, new = Finding.objects.get_or_create(
        clock=clock, item=Breach.COMPLAINTS, agency=clock.owed_by, defaults={"drafted_at": at}
    )
    if not new:
        message = _("这件投诉举报已经草拟过第（八）项的认定，请在「违规情形认定」中办理。")
        raise WrongState(message, basis=LIABILITY, subject=subject_of(escalation), verb="find-ignored")
    payload = {"clock": clock.pk, "number": clock.number, "item": int(Breach.COMPLAINTS), "agency": clock.owed_by.code}
    record(escalation, "find-ignored", by=by, at=at, basis=LIABILITY, payload=payload)
    record(finding, "draft", by=by, at=at, basis=LIABILITY, payload=payload)
    return finding


@transaction.atomic
def confirm_finding(*, finding_id: int, by: User, on: dt.date, at: dt.datetime, note: str = "") -> Finding:
    """Confirm that the agency committed the breach (第三十条). Refused while the due day is provisional."""
    finding = _locked(finding_id)
    policies.require(by, "confirm", finding)
    status = FINDINGS.target("confirm", finding.status)
    _require_certainly_late(finding, on)
    finding.status, finding.note, finding.decided_by, finding.decided_at = status, note.strip(), by, at
    finding.save(update_fields=["status", "note", "decided_by", "decided_at"])
    payload = {"item": finding.item, "agency": finding.agency.code, "number": finding.number}
    record(finding, "confirm", by=by, at=at, basis=FINDINGS["confirm"].basis, payload=payload)
    tell_agency(
        finding.agency,
        policies.ANSWERING,
        key=f"finding:{finding.pk}:confirmed",
        about=finding,
        kind="finding",
        title=_("已认定违规情形：%(title)s") % {"title": finding.title},
        body=_("《条例》第三十条第（%(item)s）项：%(label)s。")
        % {"item": finding.item, "label": finding.get_item_display()},
        path=finding.get_absolute_url(),
        basis=FINDINGS["confirm"].basis,
        at=at,
    )
    return finding


@transaction.atomic
def dismiss_finding(*, finding_id: int, by: User, reasons: str, at: dt.datetime) -> Finding:
    """Dismiss a drafted finding, with reasons."""
    finding = _locked(finding_id)
    policies.require(by, "dismiss", finding)
    status = FINDINGS.target("dismiss", finding.status)
    if not reasons.strip():
        message = _("请写明不予认定的理由。没有理由不能办理这一事项。")
        raise _refuse(finding, "dismiss", message, {"reasons": message})
    finding.status, finding.note, finding.decided_by, finding.decided_at = status, reasons.strip(), by, at
    finding.save(update_fields=["status", "note", "decided_by", "decided_at"])
    record(finding, "dismiss", by=by, at=at, basis=FINDINGS["dismiss"].basis, payload={"item": finding.item})
    return finding
