"""The ways of a catalogue revision (第十一条), of its confidentiality review, of an information system (第十条)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

SYSTEMS = REGULATION.article("第十条")
COMPILE = REGULATION.article("第十一条第二款")
REVIEW = REGULATION.article("第十一条第三款")
GATHER = REGULATION.article("第十二条第一款")
RIGHT = REGULATION.article("第十二条第三款")
MANAGE = REGULATION.article("第十三条第一款")
ADJUST = REGULATION.article("第十三条第二款")
CONFIDENTIALITY = REGULATION.article("第二十四条")


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


class SystemStatus(models.TextChoices):
    """Where an information system stands."""

    PLANNED = "planned", _("计划建设")
    IN_USE = "in-use", _("在用")
    STOPPED = "stopped", _("已停用")


_N = SystemStatus
_STANDING = frozenset({_N.PLANNED, _N.IN_USE})

SYSTEM_WORKFLOW = Workflow(
    Transition(
        verb="put-in-use",
        label="投入使用",
        past="系统投入使用",
        sources=frozenset({_N.PLANNED}),
        target=_N.IN_USE,
        basis=SYSTEMS,
    ),
    Transition(
        verb="add-interface",
        label="登记接口",
        past="登记了接口",
        sources=_STANDING,
        target=None,
        basis=SYSTEMS,
    ),
    Transition(
        verb="change-system",
        label="修改登记",
        past="修改了登记内容",
        sources=_STANDING,
        target=None,
        basis=SYSTEMS,
    ),
    Transition(
        verb="resume-system",
        label="恢复使用",
        past="系统恢复使用",
        sources=frozenset({_N.STOPPED}),
        target=_N.IN_USE,
        basis=SYSTEMS,
    ),
    Transition(
        verb="stop-system",
        label="停用系统",
        past="系统停用",
        sources=_STANDING,
        target=_N.STOPPED,
        basis=SYSTEMS,
        dangerous=True,
        consequence="停用后不再检查它的接口，正在计算的接口恢复期限随之结束。登记内容和检查记录都保留，以后可以恢复使用。",
    ),
    states={value: str(label) for value, label in SystemStatus.choices},
)


class InterfaceStatus(models.TextChoices):
    """Whether an interface is checked."""

    CHECKED = "checked", _("定时检查")
    PAUSED = "paused", _("暂停检查")
    ENDED = "ended", _("已停用")


_I = InterfaceStatus
_OFFERED = frozenset({_I.CHECKED, _I.PAUSED})

INTERFACE_WORKFLOW = Workflow(
    Transition(
        verb="replace-document",
        label="报送接口文档",
        past="报送了接口文档",
        sources=_OFFERED,
        target=None,
        basis=SYSTEMS,
    ),
    Transition(
        verb="check-now",
        label="现在检查",
        past="要求立即检查",
        sources=frozenset({_I.CHECKED}),
        target=None,
        basis=SYSTEMS,
    ),
    Transition(
        verb="resume-checking",
        label="恢复检查",
        past="恢复检查",
        sources=frozenset({_I.PAUSED}),
        target=_I.CHECKED,
        basis=SYSTEMS,
    ),
    Transition(
        verb="change-interface",
        label="修改登记",
        past="修改了接口的登记内容",
        sources=_OFFERED,
        target=None,
        basis=SYSTEMS,
    ),
    Transition(
        verb="pause-checking",
        label="暂停检查",
        past="暂停检查，说明理由",
        sources=frozenset({_I.CHECKED}),
        target=_I.PAUSED,
        basis=SYSTEMS,
    ),
    Transition(
        verb="end-interface",
        label="停用接口",
        past="停用接口，说明理由",
        sources=_OFFERED,
        target=_I.ENDED,
        basis=SYSTEMS,
        dangerous=True,
        consequence="停用后不再检查，正在计算的恢复期限随之结束，不能恢复；以后需要的，重新登记。",
    ),
    states={value: str(label) for value, label in InterfaceStatus.choices},
)


class PullStatus(models.TextChoices):
    """Whether rows are pulled by schedule."""

    RUNNING = "running", _("定时拉取")
    PAUSED = "paused", _("已暂停")
    ENDED = "ended", _("已终止")


_P = PullStatus
_KEPT = frozenset({_P.RUNNING, _P.PAUSED})

PULL_WORKFLOW = Workflow(
    Transition(
        verb="run-pull",
        label="现在拉取",
        past="要求立即拉取",
        sources=frozenset({_P.RUNNING}),
        target=None,
        basis=GATHER,
    ),
    Transition(
        verb="resume-pull",
        label="恢复拉取",
        past="恢复定时拉取",
        sources=frozenset({_P.PAUSED}),
        target=_P.RUNNING,
        basis=GATHER,
    ),
    Transition(
        verb="change-pull",
        label="修改设置",
        past="修改了定时拉取的设置",
        sources=_KEPT,
        target=None,
        basis=GATHER,
    ),
    Transition(
        verb="pause-pull",
        label="暂停拉取",
        past="暂停定时拉取，说明理由",
        sources=frozenset({_P.RUNNING}),
        target=_P.PAUSED,
        basis=GATHER,
    ),
    Transition(
        verb="end-pull",
        label="终止拉取",
        past="终止定时拉取，说明理由",
        sources=_KEPT,
        target=_P.ENDED,
        basis=GATHER,
        dangerous=True,
        consequence="终止后不再拉取，不能恢复；已经入库的数据不受影响。以后需要的，重新设置。",
    ),
    states={value: str(label) for value, label in PullStatus.choices},
)
