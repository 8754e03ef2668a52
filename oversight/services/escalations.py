"""Urging on an overdue case, and saying how it was dealt with (第四条第二款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from oversight import policies
from oversight.models import Escalation, Urging
from oversight.workflow import ESCALATIONS


def _locked(escalation_id: int) -> Escalation:
    escalations = Escalation.objects.select_for_update(of=("self",))
    return escalations.select_related("clock__owed_by", "clock__rule", "to_agency").get(pk=escalation_id)


def _words(text: str, field: str, what: str, verb: str, subject: object) -> str:
    words = text.strip()
    if not words:
        raise RuleBroken(
            _("请写明%(what)s。其他内容没有丢失。") % {"what": what},
            basis=ESCALATIONS["urge"].basis,
            fields={field: _("请写明%(what)s。") % {"what": what}},
            subject=subject_of(subject),  # type: ignore[arg-type]
            verb=verb,
        )
    return words


@transaction.atomic
def urge(*, escalation_id: int, by: User, words: str, at: dt.datetime) -> Escalation:
    """Urge the agency that owes (督办), in words it reads in its notices."""
    escalation = _locked(escalation_id)
    policies.require(by, "urge", escalation)
    status = ESCALATIONS.target("urge", escalation.status)
    text = _words(words, "words", _("督办意见"), "urge", escalation)
    urging = Urging.objects.create(escalation=escalation, words=text, by=by, at=at)
    escalation.status = status
    escalation.save(update_fields=["status"])
    clock = escalation.clock
    payload = {"clock": clock.pk, "number": clock.number}
    record(escalation, "urge", by=by, at=at, basis=ESCALATIONS["urge"].basis, payload=payload)
    tell_agency(
        clock.owed_by,
        clock.definition.owed_by_roles,
        key=f"urge:{urging.pk}",
        about=clock.subject,
        kind="urge",
        title=_("督办：%(title)s") % {"title": clock.title},
        body=text,
        path=clock.path,
        basis=ESCALATIONS["urge"].basis,
        at=at,
    )
    return escalation


@transaction.atomic
def conclude(*, escalation_id: int, by: User, conclusion: str, at: dt.datetime) -> Escalation:
    """Say how an overdue case was dealt with. Not before the duty is done: until then it stays on the board."""
    escalation = _locked(escalation_id)
    policies.require(by, "conclude", escalation)
    status = ESCALATIONS.target("conclude", escalation.status)
    if escalation.clock.is_running:
        raise RuleBroken(
            _("这件事还没有办结，不能记录处理结果。可以先督办；办结之后再记录。您填写的内容没有丢失。"),
            basis=ESCALATIONS["conclude"].basis,
            subject=subject_of(escalation),
            verb="conclude",
        )
    escalation.conclusion = _words(conclusion, "conclusion", _("处理结果"), "conclude", escalation)
    escalation.status, escalation.concluded_by, escalation.concluded_at = status, by, at
    escalation.save(update_fields=["status", "conclusion", "concluded_by", "concluded_at"])
    record(escalation, "conclude", by=by, at=at, basis=ESCALATIONS["conclude"].basis)
    return escalation
