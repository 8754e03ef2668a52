"""The rules: every version with its basis and dates, entering a new one, deciding on it."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
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
from oversight.rulebook.forms import RuleForm
from oversight.rulebook.policies import PROPOSAL_POLICY
from oversight.rulebook.selectors import preview_rule, rule_proposals, rule_rows
from oversight.rulebook.views.parts import (
    LABELS,
    MOVE_COLUMNS,
    SHELL,
    decision_facts,
    move_rows,
    proposal_acts,
    require_keeper,
    tabs,
)
from oversight.tasks import queue_recount
from oversight.workflow import RULE_PROPOSALS, SUPERVISE, ProposalStatus

SHOWN_DECIDED = 20


def length_words(proposal: RuleProposal) -> str:
    """``10 个工作日``."""
    return f"{proposal.length} 个工作日" if proposal.unit == Unit.WORKING else f"{proposal.length} 日"


class Rules(SignedInCasePage):
    """Every version of every rule, with its basis, its dates, and how many clocks run on it."""

    template_name = "oversight/rulebook/rules.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        require_keeper(request)
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
        require_keeper(request)

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
        values = {name: value for name, value in form.cleaned_data.items() if name != "submission"}
        return services.propose_rule(**values, by=cast(User, request.user), at=now()).get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**SHELL, "basis": SUPERVISE, "cancel_url": reverse("oversight:rules")}


def find_proposal(request: HttpRequest, pk: int) -> RuleProposal:
    """The proposal, for those who keep the rules."""
    require_keeper(request)
    found = rule_proposals().filter(pk=pk).first()
    if found is None:
        raise NotSeen(gettext("没有这份录入。请从「期限规则」页面重新打开。"))
    return found


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
        proposal = find_proposal(request, kwargs["pk"])
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
            "acts": proposal_acts(request, proposal, RULE_PROPOSALS),
            "events": timeline(events_of(proposal), LABELS),
        }


class _ProposalAct(SignedInActPage):
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.proposal = find_proposal(request, self.kwargs["pk"])
        if request.method == "GET":
            PROPOSAL_POLICY.require(request.user, self.verb, self.proposal)
            RULE_PROPOSALS.target(self.verb, self.proposal.status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **SHELL,
            "basis": self.proposal.basis,
            "facts": [*rule_facts(self.proposal), *decision_facts(self.proposal)],
            "cancel_url": self.proposal.get_absolute_url(),
        }


class Confirm(_ProposalAct):
    """核定期限规则."""

    verb = "confirm"
    title = _("核定期限规则")
    button = _("核定")
    done = _("已核定，自施行之日起生效。")
    consequence = RULE_PROPOSALS["confirm"].consequence

    def perform(self, request: HttpRequest, form: Any) -> str:
        done = services.confirm_rule(proposal_id=self.proposal.pk, by=cast(User, request.user), on=today(), at=now())
        queue_recount()
        return done.get_absolute_url()


class Reject(_ProposalAct):
    """退回期限规则."""

    verb = "reject"
    form_class = ReasonForm
    title = _("退回期限规则")
    button = _("退回")
    done = _("已退回，规则没有改变。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        return services.reject_rule(
            proposal_id=self.proposal.pk,
            by=cast(User, request.user),
            reasons=form.cleaned_data["reasons"],
            at=now(),
        ).get_absolute_url()
