"""The ways of an escalation, a finding, an order and a recommendation (第四条、第三十条). No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.counting import FIXED_HOLIDAYS
from guiyang_data.statute.law import REGULATION, Article
from guiyang_data.statute.workflow import Transition, Workflow

SUPERVISE = REGULATION.article("第四条第二款")
LIABILITY = REGULATION.article("第三十条")
COMPLAIN = REGULATION.article("第二十九条")


class EscalationStatus(models.TextChoices):
    """Where an escalation stands with the agency it was brought to."""

    OPEN = "open", _("待处理")
    URGED = "urged", _("已督办")
    CONCLUDED = "concluded", _("已处理完毕")
    WITHDRAWN = "withdrawn", _("已撤销")


class FindingStatus(models.TextChoices):
    """Where a finding of a breach stands; a person confirms it or not."""

    DRAFT = "draft", _("待认定")
    CONFIRMED = "confirmed", _("已认定")
    DISMISSED = "dismissed", _("不予认定")
    ORDERED = "ordered", _("已责令改正")
    WITHDRAWN = "withdrawn", _("已撤销")


class OrderStatus(models.TextChoices):
    """Where an order to correct stands."""

    ORDERED = "ordered", _("改正中")
    REPORTED = "reported", _("已报告改正，待认可")
    ACCEPTED = "accepted", _("改正完毕")


class RecommendationStatus(models.TextChoices):
    """Where a recommendation for discipline stands; the draft is the portal's, the decision a person's."""

    DRAFT = "draft", _("待决定")
    ISSUED = "issued", _("已提出处分建议")
    DROPPED = "dropped", _("不提出处分建议")


class ReceiptStatus(models.TextChoices):
    """Where a complaint stands with one of its receivers."""

    SUBMITTED = "submitted", _("待登记")
    INVESTIGATING = "investigating", _("调查处理中")
    ANSWERED = "answered", _("已反馈结果")
    DECLINED = "declined", _("不予受理")
    TO_HAND_OFF = "to-hand-off", _("待转送")
    HANDED_OFF = "handed-off", _("已转送")
    WITHDRAWN = "withdrawn", _("已撤回")


class ProposalStatus(models.TextChoices):
    """Where a change of the calendar or of a rule stands: entered by one person, decided by a second."""

    PROPOSED = "proposed", _("待核定")
    CONFIRMED = "confirmed", _("已核定")
    REJECTED = "rejected", _("已退回")


ACTIVE = frozenset({EscalationStatus.OPEN, EscalationStatus.URGED})

ESCALATIONS = Workflow(
    Transition(verb="urge", label="督办", past="督办", sources=ACTIVE, target=EscalationStatus.URGED, basis=SUPERVISE),
    Transition(
        verb="conclude",
        label="记录处理结果",
        past="记录处理结果",
        sources=ACTIVE,
        target=EscalationStatus.CONCLUDED,
        basis=SUPERVISE,
    ),
    Transition(
        verb="escalate-again",
        label="再次上报",
        past="继续逾期，再次上报",
        sources=frozenset(EscalationStatus) - ACTIVE,
        target=EscalationStatus.OPEN,
        basis=SUPERVISE,
    ),
    Transition(
        verb="find-ignored",
        label="草拟第（八）项认定",
        past="草拟第三十条第（八）项认定",
        sources=ACTIVE,
        target=None,
        basis=LIABILITY,
    ),
    Transition(
        verb="withdraw",
        label="撤销",
        past="到期日已变更，撤销上报",
        sources=ACTIVE,
        target=EscalationStatus.WITHDRAWN,
        basis=SUPERVISE,
    ),
    states={value: str(label) for value, label in EscalationStatus.choices},
)

_DRAFT = frozenset({FindingStatus.DRAFT})

FINDINGS = Workflow(
    Transition(
        verb="confirm", label="认定", past="认定", sources=_DRAFT, target=FindingStatus.CONFIRMED, basis=LIABILITY
    ),
    Transition(
        verb="dismiss",
        label="不予认定",
        past="不予认定，说明理由",
        sources=_DRAFT,
        target=FindingStatus.DISMISSED,
        basis=LIABILITY,
    ),
    Transition(
        verb="order",
        label="责令限期改正，通报批评",
        past="责令限期改正，通报批评",
        sources=frozenset({FindingStatus.CONFIRMED}),
        target=FindingStatus.ORDERED,
        basis=LIABILITY,
    ),
    Transition(
        verb="withdraw",
        label="撤销",
        past="到期日已变更，撤销草拟的认定",
        sources=_DRAFT,
        target=FindingStatus.WITHDRAWN,
        basis=LIABILITY,
    ),
    Transition(
        verb="draft-again",
        label="重新草拟",
        past="按新的到期日再次逾期，重新草拟认定",
        sources=frozenset({FindingStatus.WITHDRAWN}),
        target=FindingStatus.DRAFT,
        basis=LIABILITY,
    ),
    states={value: str(label) for value, label in FindingStatus.choices},
)

_REPORTED = frozenset({OrderStatus.REPORTED})

ORDERS = Workflow(
    Transition(
        verb="report",
        label="报告改正情况",
        past="报告改正情况",
        sources=frozenset({OrderStatus.ORDERED}),
        target=OrderStatus.REPORTED,
        basis=LIABILITY,
    ),
    Transition(
        verb="accept",
        label="认可改正",
        past="认可改正",
        sources=_REPORTED,
        target=OrderStatus.ACCEPTED,
        basis=LIABILITY,
    ),
    Transition(
        verb="reject",
        label="不认可，继续改正",
        past="不认可改正，说明理由",
        sources=_REPORTED,
        target=OrderStatus.ORDERED,
        basis=LIABILITY,
    ),
    states={value: str(label) for value, label in OrderStatus.choices},
)

_DRAFTED = frozenset({RecommendationStatus.DRAFT})

RECOMMENDATIONS = Workflow(
    Transition(
        verb="recommend-discipline",
        label="提出处分建议",
        past="提出处分建议",
        sources=_DRAFTED,
        target=RecommendationStatus.ISSUED,
        basis=LIABILITY,
        dangerous=True,
        consequence="建议提出后不能撤回，将移送有处分权限的机关依法处理。",
    ),
    Transition(
        verb="drop-discipline",
        label="不提出处分建议",
        past="不提出处分建议，说明理由",
        sources=_DRAFTED,
        target=RecommendationStatus.DROPPED,
        basis=LIABILITY,
    ),
    states={value: str(label) for value, label in RecommendationStatus.choices},
)

_R = ReceiptStatus
HANDLED = frozenset({_R.SUBMITTED, _R.INVESTIGATING})
"""The receiver has not answered yet."""
UNANSWERED = frozenset({*HANDLED, _R.TO_HAND_OFF, _R.HANDED_OFF})


def _kept(verb: str, label: str, past: str, sources: frozenset[str]) -> Transition:
    """An act on a complaint that leaves it where it is: the clock goes on."""
    return Transition(verb=verb, label=label, past=past, sources=sources, target=None, basis=COMPLAIN)


RECEIPTS = Workflow(
    Transition(
        verb="receive",
        label="登记，开始调查",
        past="登记，开始调查",
        sources=frozenset({_R.SUBMITTED}),
        target=_R.INVESTIGATING,
        basis=COMPLAIN,
    ),
    Transition(
        verb="answer",
        label="反馈处理结果",
        past="反馈处理结果",
        sources=frozenset({_R.INVESTIGATING}),
        target=_R.ANSWERED,
        basis=COMPLAIN,
    ),
    _kept("ask-question", "询问投诉举报人", "询问投诉举报人（期限继续计算）", HANDLED),
    _kept("answer-question", "回答询问", "投诉举报人回答询问", HANDLED),
    _kept("ask-statement", "要求有关机关说明", "要求有关机关说明", frozenset({_R.INVESTIGATING})),
    _kept("give-statement", "提交说明", "有关机关提交说明", HANDLED),
    _kept("add-note", "记录调查情况", "记录调查情况", HANDLED),
    Transition(
        verb="draft-finding",
        label="草拟违规情形认定",
        past="草拟违规情形认定",
        sources=frozenset({_R.INVESTIGATING, _R.ANSWERED}),
        target=None,
        basis=LIABILITY,
    ),
    Transition(
        verb="transfer",
        label="移送有权处理的机关",
        past="移送有权处理的机关（期限不重新计算）",
        sources=HANDLED,
        target=_R.SUBMITTED,
        basis=COMPLAIN,
    ),
    Transition(
        verb="transfer-outside",
        label="移送平台之外的机关",
        past="移送平台之外的机关（期限不重新计算）",
        sources=HANDLED,
        target=_R.TO_HAND_OFF,
        basis=COMPLAIN,
    ),
    Transition(
        verb="hand-off",
        label="登记转送",
        past="转送平台之外的机关",
        sources=frozenset({_R.TO_HAND_OFF}),
        target=_R.HANDED_OFF,
        basis=COMPLAIN,
    ),
    Transition(
        verb="record-answer",
        label="登记对方的处理结果",
        past="登记对方的处理结果",
        sources=frozenset({_R.HANDED_OFF}),
        target=_R.ANSWERED,
        basis=COMPLAIN,
    ),
    Transition(
        verb="decline",
        label="不予受理",
        past="不予受理，说明理由",
        sources=HANDLED,
        target=_R.DECLINED,
        basis=COMPLAIN,
        dangerous=True,
        consequence="只有不属于条例范围的，才不予受理。无故不受理的，属于第三十条第（八）项的情形。",
    ),
    Transition(
        verb="withdraw",
        label="撤回投诉举报",
        past="投诉举报人撤回",
        sources=UNANSWERED,
        target=_R.WITHDRAWN,
        basis=COMPLAIN,
        dangerous=True,
        consequence="撤回后不再向您反馈结果；已经认定的违规情形不因撤回而改变。以后可以重新提出。",
    ),
    states={value: str(label) for value, label in ReceiptStatus.choices},
)


def _proposals(basis: Article, consequence: str) -> Workflow:
    proposed = frozenset({ProposalStatus.PROPOSED})
    return Workflow(
        Transition(
            verb="confirm",
            label="核定",
            past="核定",
            sources=proposed,
            target=ProposalStatus.CONFIRMED,
            basis=basis,
            consequence=consequence,
        ),
        Transition(
            verb="reject", label="退回", past="退回", sources=proposed, target=ProposalStatus.REJECTED, basis=basis
        ),
        states={value: str(label) for value, label in ProposalStatus.choices},
    )


CALENDAR_PROPOSALS = _proposals(
    FIXED_HOLIDAYS, "核定后立即生效：受影响的在办期限重新计算，承办机关和申请人收到通知。已经办结的期限不变。"
)
RULE_PROPOSALS = _proposals(SUPERVISE, "核定后自施行之日起生效。已经起算的期限按原规则计算，除非写明新规定适用于它们。")

LEDGER_EXPORTS = Workflow(
    Transition(
        verb="release-export",
        label="核定导出",
        past="核定导出",
        sources=frozenset({ProposalStatus.PROPOSED}),
        target=ProposalStatus.CONFIRMED,
        basis=SUPERVISE,
        consequence="核定后可以下载。文件包含全市各机关在这些天的办理记录和读取记录，每次下载都有记录。",
    ),
    Transition(
        verb="refuse-export",
        label="退回",
        past="退回",
        sources=frozenset({ProposalStatus.PROPOSED}),
        target=ProposalStatus.REJECTED,
        basis=SUPERVISE,
    ),
    states={value: str(label) for value, label in ProposalStatus.choices},
)
