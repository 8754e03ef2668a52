"""The ways of an information system, of its interfaces (第十条), and of pulls from them (第十二条)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.workflow.articles import GATHER, SYSTEMS
from guiyang_data.statute.workflow import Transition, Workflow


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
