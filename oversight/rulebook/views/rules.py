"""The rules: every version with its basis and dates, entering a new one, deciding on it."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.law import Unit
from guiyang_data.statute.selectors import rules_on
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.models import RuleProposal
from oversight.rulebook.cases import find_rule_proposal, proposal_acts, require_keeper
from oversight.rulebook.forms import RuleForm
from oversight.rulebook.selectors import preview_rule, rule_proposals, rule_rows
from oversight.rulebook.views.parts import (
    LABELS,
    MOVE_COLUMNS,
    SHELL,
    ProposalAct,
    decision_facts,
    move_rows,
    tabs,
)
from oversight.workflow import RULE_PROPOSALS, SUPERVISE, ProposalStatus

SHOWN_DECIDED = 20


def length_words(proposal: RuleProposal) -> str:
    """``10 个工作日``."""
    return f"{proposal.length} 个工作日" if proposal.unit == Unit.WORKING else f"{proposal.length} 日"


class Rules(SignedInCasePage):
    """Every version of every rule, with its basis, its dates, and how many clocks run on it."""

    template_name = "oversight/rulebook/rules.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        require_keeper(request.user)
        proposals = [
            {"proposal": one, "kind": KINDS[one.kind], "length": length_words(one)}
            for one in rule_proposals()[:SHOWN_DECIDED]
        ]
        return {
            **SHELL,
            "tabs": tabs(),
            "rows": rule_rows(today()),
            "waiting": [one for one in proposals if one["proposal"].status == ProposalStatus.PROPOSED],  # type: ignore[attr-defined]
            "decided": [one for one in proposals if one["proposal"].status != ProposalStatus.PROPOSED],  # type: ignore[attr-defined]
        }


class Propose(SignedInActPage):
    """录入期限规则的新版本."""

    form_class = RuleForm
    title = _("录入期限规则的新版本")
    button = _("提交核定")
    done = _("已录入，等待另一个人核定。")
    consequence = RULE_PROPOSALS["confirm"].consequence

    def prepare(self, request: HttpRequest) -> None:
        require_keeper(request.user)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        rule = rules_on(today()).get(request.GET.get("kind", ""))
        if rule is None or not rule.length:
            return {}
        return {
            "kind": rule.kind,
            "length": rule.length,
            "unit": rule.unit,
            "statutory": rule.statutory,
            "instrument": rule.instrument,
            "article": rule.article,
        }

    def perform(self, request: HttpRequest, form: Any) -> str:
        return services.propose_rule(**form.given(), by=cast(User, request.user), at=now()).get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**SHELL, "basis": SUPERVISE, "cancel_url": reverse("oversight:rules")}


def rule_facts(proposal: RuleProposal) -> list[tuple[Any, Any]]:
    """What the new version says, beside the one it follows."""
    standing = rules_on(today()).get(proposal.kind)
    reach = _("适用于已经起算的期限") if proposal.reaches_running else _("只适用于施行之日起开始的期限")
    facts: list[tuple[Any, Any]] = [
        (_("期限"), f"{KINDS[proposal.kind].label}：{KINDS[proposal.kind].duty}"),
        (_("新的长度"), length_words(proposal)),
        (_("性质"), _("法定期限") if proposal.statutory else _("服务目标，非法定期限")),
        (_("依据"), str(proposal.basis)),
        (_("施行"), zh_date(proposal.in_force_from, with_year=True)),
        (_("适用范围"), reach),
        *([(_("衔接规定"), proposal.transition)] if proposal.transition else []),
    ]
    if standing is not None and standing.pk != proposal.rule_id:
        unit = gettext("个工作日") if standing.unit == Unit.WORKING else gettext("日")
        facts.insert(1, (_("现在的长度"), f"{standing.length} {unit}（{standing.basis}）"))
    return facts


class ProposalPage(SignedInCasePage):
    """What a new version changes, and which running clocks it reaches."""

    template_name = "oversight/rulebook/rule_proposal.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        proposal = find_rule_proposal(request.user, kwargs["pk"])
        waits = proposal.status == ProposalStatus.PROPOSED
        outlook = preview_rule(proposal) if waits else None
        return {
            **SHELL,
            "proposal": proposal,
            "kind": KINDS[proposal.kind],
            "waits": waits,
            "facts": [*rule_facts(proposal), *decision_facts(proposal)],
            "outlook": outlook,
            "columns": MOVE_COLUMNS,
            "rows": move_rows(outlook.first) if outlook else [],
            "acts": proposal_acts(request.user, proposal),
            "events": timeline(events_of(proposal), LABELS),
        }


class _RuleAct(ProposalAct):
    workflow = RULE_PROPOSALS
    case: RuleProposal

    def find(self, request: HttpRequest) -> RuleProposal:
        return find_rule_proposal(request.user, self.kwargs["pk"])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        facts = [*rule_facts(self.case), *decision_facts(self.case)]
        return super().context(request) | {**SHELL, "basis": self.case.basis, "facts": facts}


class Confirm(_RuleAct):
    """核定期限规则."""

    verb = "confirm"
    service = staticmethod(services.confirm_rule)
    takes_day = True
    title = _("核定期限规则")
    done = _("已核定，自施行之日起生效。")


class Reject(_RuleAct):
    """退回期限规则."""

    verb = "reject"
    service = staticmethod(services.reject_rule)
    form_class = ReasonForm
    title = _("退回期限规则")
    done = _("已退回，规则没有改变。")
