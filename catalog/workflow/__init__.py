"""The ways of a catalogue revision (第十一条) and of its confidentiality review; those of other cases beside it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.workflow.articles import (
    ADJUST,
    COMPILE,
    CONFIDENTIALITY,
    GATHER,
    MANAGE,
    REVIEW,
    RIGHT,
    SYSTEMS,
    TOGETHER,
)
from catalog.workflow.co_collecting import CO_COLLECTION_WORKFLOW, CoCollectionStatus
from catalog.workflow.publishing import DECISION_WORKFLOW, DecisionStatus
from catalog.workflow.systems import (
    INTERFACE_WORKFLOW,
    PULL_WORKFLOW,
    SYSTEM_WORKFLOW,
    InterfaceStatus,
    PullStatus,
    SystemStatus,
)
from guiyang_data.statute.workflow import Transition, Workflow

__all__ = [
    "ADJUST",
    "COMPILE",
    "CONFIDENTIALITY",
    "CONFIDENTIALITY_WORKFLOW",
    "CO_COLLECTION_WORKFLOW",
    "DECISION_WORKFLOW",
    "GATHER",
    "INTERFACE_WORKFLOW",
    "MANAGE",
    "OPEN_STATES",
    "PULL_WORKFLOW",
    "REVIEW",
    "RIGHT",
    "SYSTEMS",
    "SYSTEM_WORKFLOW",
    "TOGETHER",
    "WORKFLOW",
    "CoCollectionStatus",
    "DecisionStatus",
    "InterfaceStatus",
    "PullStatus",
    "ReviewOutcome",
    "RevisionStatus",
    "SystemStatus",
]


class RevisionStatus(models.TextChoices):
    """Where a revision of a catalogue entry stands."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in-review", _("待审核")
    IN_APPROVAL = "in-approval", _("待审定")
    SENT_BACK = "sent-back", _("已退回")
    IN_FORCE = "in-force", _("已公布")
    SUPERSEDED = "superseded", _("已被新版本取代")
    WITHDRAWN = "withdrawn", _("已撤销")
    DROPPED = "dropped", _("已放弃")


_S = RevisionStatus
_EDITABLE = frozenset({_S.DRAFT, _S.SENT_BACK})
OPEN_STATES = (_S.DRAFT, _S.IN_REVIEW, _S.IN_APPROVAL, _S.SENT_BACK)
"""On its way: neither in force nor ended. An entry has at most one such revision."""

WORKFLOW = Workflow(
    Transition(verb="edit", label="修改", past="修改了目录", sources=_EDITABLE, target=None, basis=COMPILE),
    Transition(
        verb="submit", label="提交审核", past="提交目录审核", sources=_EDITABLE, target=_S.IN_REVIEW, basis=COMPILE
    ),
    Transition(
        verb="ask-confidentiality",
        label="提请保密审查",
        past="提请保密审查",
        sources=_EDITABLE | {_S.IN_FORCE},
        target=None,
        basis=CONFIDENTIALITY,
    ),
    Transition(
        verb="ask-co-collection",
        label="提请共同采集",
        past="提请有关机关共同采集",
        sources=_EDITABLE,
        target=None,
        basis=TOGETHER,
    ),
    Transition(
        verb="pass-review",
        label="审核通过，报请审定",
        past="审核通过，报请审定",
        sources=frozenset({_S.IN_REVIEW}),
        target=_S.IN_APPROVAL,
        basis=REVIEW,
    ),
    Transition(
        verb="approve",
        label="审定并公布",
        past="审定目录并公布",
        sources=frozenset({_S.IN_APPROVAL}),
        target=_S.IN_FORCE,
        basis=REVIEW,
    ),
    Transition(
        verb="send-back",
        label="退回修改",
        past="退回目录，说明理由",
        sources=frozenset({_S.IN_REVIEW, _S.IN_APPROVAL}),
        target=_S.SENT_BACK,
        basis=REVIEW,
    ),
    Transition(
        verb="revise",
        label="修订目录",
        past="开始修订目录",
        sources=frozenset({_S.IN_FORCE}),
        target=None,
        basis=MANAGE,
    ),
    Transition(
        verb="gather",
        label="汇聚数据",
        past="汇聚数据入库",
        sources=frozenset(OPEN_STATES) | {_S.IN_FORCE},
        target=None,
        basis=GATHER,
    ),
    Transition(
        verb="restore-data",
        label="恢复旧版数据",
        past="恢复旧版数据为现行数据",
        sources=frozenset({_S.IN_FORCE}),
        target=None,
        basis=GATHER,
        dangerous=True,
        consequence="恢复后成为新的一版现行数据，共享和开放随之更新，获取数据的机关会收到通知。之后的各版仍然保留，可以再次恢复。",
    ),
    Transition(
        verb="adjust",
        label="登记目录调整情形",
        past="登记目录调整情形",
        sources=frozenset({_S.IN_FORCE}),
        target=None,
        basis=ADJUST,
    ),
    Transition(
        verb="correct-event-day",
        label="更正情形发生之日",
        past="更正情形发生之日，期限重新计算",
        sources=frozenset({_S.IN_FORCE}),
        target=None,
        basis=ADJUST,
    ),
    Transition(
        verb="delegate",
        label="委托他人编制",
        past="委托他人编制",
        sources=frozenset(OPEN_STATES) | {_S.IN_FORCE},
        target=None,
        basis=RIGHT,
    ),
    Transition(
        verb="drop",
        label="放弃草稿",
        past="放弃草稿",
        sources=_EDITABLE,
        target=_S.DROPPED,
        basis=COMPILE,
        dangerous=True,
        consequence="放弃后这份草稿不能再提交，已填写的内容仍可查看。",
    ),
    Transition(
        verb="supersede",
        label="取代",
        past="被新版本取代",
        sources=frozenset({_S.IN_FORCE}),
        target=_S.SUPERSEDED,
        basis=MANAGE,
    ),
    Transition(
        verb="withdraw",
        label="撤销目录条目",
        past="撤销目录条目",
        sources=frozenset({_S.IN_FORCE}),
        target=_S.WITHDRAWN,
        basis=MANAGE,
        dangerous=True,
        consequence="撤销后该条目不再共享和开放，已有的授权随之终止。",
    ),
    states={value: str(label) for value, label in RevisionStatus.choices},
)


class ReviewOutcome(models.TextChoices):
    """Where a confidentiality review stands."""

    WAITING = "waiting", _("待审查")
    PASSED = "passed", _("可以")
    REFUSED = "refused", _("不可以")
    VOIDED = "voided", _("内容已变动，不再有效")


_O = ReviewOutcome
_WAITING = frozenset({_O.WAITING})

CONFIDENTIALITY_WORKFLOW = Workflow(
    Transition(
        verb="pass-confidentiality",
        label="审查通过",
        past="保密审查通过",
        sources=_WAITING,
        target=_O.PASSED,
        basis=CONFIDENTIALITY,
    ),
    Transition(
        verb="refuse-confidentiality",
        label="审查不通过",
        past="保密审查不通过",
        sources=_WAITING,
        target=_O.REFUSED,
        basis=CONFIDENTIALITY,
        dangerous=True,
        consequence="不通过的，目录不能提交审核；须写明理由，编制人据此修改后可以重新提请。",
    ),
    Transition(
        verb="void-confidentiality",
        label="保密审查失效",
        past="内容变动，原保密审查不再有效",
        sources=frozenset({_O.WAITING, _O.PASSED}),
        target=_O.VOIDED,
        basis=CONFIDENTIALITY,
    ),
    states={value: str(label) for value, label in ReviewOutcome.choices},
)
