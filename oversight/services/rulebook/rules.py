"""A new version of the length of a period: entered by one person with its basis, confirmed by a second."""

from __future__ import annotations

import datetime as dt
from typing import NotRequired, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import record
from guiyang_data.notices.services import tell
from guiyang_data.statute.changing import put_rule, require_later
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.law import Unit
from guiyang_data.statute.models import PeriodRule
from oversight.models import RuleProposal
from oversight.rulebook import policies
from oversight.services.rulebook.deciding import decide, require_reasons
from oversight.services.rulebook.recounts import ask_for_recount
from oversight.services.rulebook.telling import tell_second_keepers
from oversight.workflow import RULE_PROPOSALS, SUPERVISE, ProposalStatus

LONGEST = 365


class Version(TypedDict):
    """What somebody enters. ``transition``: the words by which it reaches clocks that already run."""

    kind: str
    unit: str
    length: int
    statutory: bool
    instrument: str
    article: str
    in_force_from: dt.date
    reaches_running: NotRequired[bool]
    transition: NotRequired[str]


def check_rule(**version: Unpack[Version]) -> RuleProposal:
    """The proposal that entering a version would make, by nobody yet and not saved; raises what that would raise."""
    proposal = RuleProposal(**version)
    proposal.instrument = proposal.instrument.strip().strip("《》")
    proposal.article, proposal.transition = proposal.article.strip(), proposal.transition.strip()
    _require_sound(proposal)
    if RuleProposal.objects.filter(kind=proposal.kind, status=ProposalStatus.PROPOSED).exists():
        message = _("这项期限已有一份修改等待核定。请先核定或者退回那一份。")
        raise WrongState(message, basis=SUPERVISE, verb="propose")
    return proposal


@transaction.atomic
def propose_rule(*, by: User, at: dt.datetime, **version: Unpack[Version]) -> RuleProposal:
    """Enter a new version of a kind's rule for a second person to confirm."""
    policies.require(by, "propose")
    proposal = check_rule(**version)
    proposal.proposed_by, proposal.proposed_at = by, at
    proposal.save(force_insert=True)
    says = {"kind": proposal.kind, "unit": proposal.unit, "length": proposal.length}
    payload = says | {"in_force_from": proposal.in_force_from.isoformat()}
    record(proposal, "propose", by=by, at=at, basis=proposal.basis, payload=payload)
    title = _("请核定期限规则的修改：%(kind)s") % {"kind": KINDS[proposal.kind].label}
    tell_second_keepers(proposal, kind="rule", title=title, basis=proposal.basis, at=at)
    return proposal


def _require_sound(proposal: RuleProposal) -> None:
    fields = {}
    kind = KINDS.get(proposal.kind)
    if kind is None or not kind.period.length:
        fields["kind"] = _("这项期限以文书载明的日期为准，没有可以修改的长度。请选择其他期限。")
    if not 1 <= proposal.length <= LONGEST:
        fields["length"] = _("长度应当在 1 至 %(most)s 之间。") % {"most": LONGEST}
    if not proposal.instrument:
        fields["instrument"] = _("请写明法规全称。")
    if not proposal.article:
        fields["article"] = _("请写明条款，例如 第二十一条第一款。")
    if proposal.reaches_running and not proposal.transition:
        fields["transition"] = _("新规定适用于已经起算的期限，应当有法律明文。请摘录该条文。")
    if fields:
        message = _("这项修改还不能录入，请按提示核对。您填写的内容没有丢失。")
        raise RuleBroken(message, basis=SUPERVISE, fields=fields)
    latest = PeriodRule.objects.filter(kind=proposal.kind).order_by("-in_force_from").first()
    require_later(latest, proposal.in_force_from, proposal.basis)


@transaction.atomic
def confirm_rule(*, proposal_id: int, by: User, on: dt.date, at: dt.datetime) -> RuleProposal:
    """A second person confirms: the version is in force from its day on.

    Running clocks stay on their rule, but for those that started since that day, and all where the law says so.
    """
    proposal = RuleProposal.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposal_id)
    decide("confirm", proposal, RULE_PROPOSALS, by=by, at=at)
    proposal.rule = put_rule(
        proposal.kind,
        unit=Unit(proposal.unit),
        length=proposal.length,
        statutory=proposal.statutory,
        basis=proposal.basis,
        in_force_from=proposal.in_force_from,
    )
    proposal.save(update_fields=["rule"])
    if proposal.reaches_running or proposal.in_force_from <= on:
        ask_for_recount(rule=proposal, not_before=max(on, proposal.in_force_from))
    payload = {"kind": proposal.kind, "rule": proposal.rule.pk, "reaches_running": proposal.reaches_running}
    record(proposal, "confirm", by=by, at=at, basis=proposal.basis, payload=payload)
    _tell_proposer(proposal, "confirm", _("已核定"), at)
    return proposal


@transaction.atomic
def reject_rule(*, proposal_id: int, by: User, reasons: str, at: dt.datetime) -> RuleProposal:
    """Send a new version back, with reasons; the rule stays as it is."""
    proposal = RuleProposal.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=proposal_id)
    decide("reject", proposal, RULE_PROPOSALS, by=by, at=at, reasons=require_reasons(reasons, SUPERVISE))
    record(proposal, "reject", by=by, at=at, basis=proposal.basis, payload={"kind": proposal.kind})
    _tell_proposer(proposal, "reject", _("已退回"), at)
    return proposal


def _tell_proposer(proposal: RuleProposal, occasion: str, what: str, at: dt.datetime) -> None:
    if proposal.proposed_by is None or proposal.proposed_by == proposal.decided_by:
        return
    tell(
        [proposal.proposed_by],
        about=proposal,
        kind="rule",
        key=f"rule-proposal:{proposal.pk}:{occasion}",
        title=_("%(what)s期限规则的修改：%(kind)s") % {"what": what, "kind": KINDS[proposal.kind].label},
        body=proposal.reasons,
        path=proposal.get_absolute_url(),
        basis=proposal.basis,
        at=at,
    )
