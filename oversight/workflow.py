"""The ways of an escalation, a finding, an order and a recommendation (第四条、第三十条). No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

SUPERVISE = REGULATION.article("第四条第二款")
LIABILITY = REGULATION.article("第三十条")


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
