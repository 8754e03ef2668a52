"""The ways of a material and of what supplies it (第十六条第二款): which act leads where. No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

NO_REPEAT = REGULATION.article("第十六条第二款")


class MaterialStatus(models.TextChoices):
    """Whether a matter asks for a material."""

    ASKED = "asked", _("要求提交")
    EXPLAINED = "explained", _("已说明理由，待核对")
    KEPT = "kept", _("经核对，仍须提交")
    EXEMPT = "exempt", _("法律法规规定不适用电子文书")
    DROPPED = "dropped", _("不再要求提交")


class SupplyStatus(models.TextChoices):
    """Whether an entry supplies a material."""

    SUGGESTED = "suggested", _("平台建议")
    PROPOSED = "proposed", _("已提出，待确认")
    IN_FORCE = "in-force", _("已确认")
    REJECTED = "rejected", _("不采用")
    ENDED = "ended", _("已失效")


_M, _S = MaterialStatus, SupplyStatus
DEMANDED = frozenset({_M.ASKED, _M.EXPLAINED})
"""A material in these states that the platform supplies is asked for against 第十六条第二款."""
LISTED = frozenset({_M.ASKED, _M.EXPLAINED, _M.KEPT, _M.EXEMPT})
"""What the list of a matter's materials has."""
LIVE = frozenset({_S.SUGGESTED, _S.PROPOSED, _S.IN_FORCE})

MATERIALS = Workflow(
    Transition(
        verb="drop-material",
        label="不再要求提交",
        past="不再要求提交",
        sources=frozenset({_M.ASKED, _M.EXPLAINED, _M.KEPT, _M.EXEMPT}),
        target=_M.DROPPED,
        basis=NO_REPEAT,
        consequence="这份材料从事项的申请材料中去掉，改由本机关通过共享平台获取。",
    ),
    Transition(
        verb="record-exception",
        label="登记不适用电子文书的情形",
        past="登记法律法规规定不适用电子文书",
        sources=frozenset({_M.ASKED, _M.EXPLAINED}),
        target=_M.EXEMPT,
        basis=NO_REPEAT,
        consequence="须写明法律或者法规的名称和条款，向社会公开；市大数据主管部门可以撤销。",
    ),
    Transition(
        verb="state-reasons",
        label="说明平台数据不能代替的理由",
        past="说明平台数据不能代替的理由",
        sources=frozenset({_M.ASKED}),
        target=_M.EXPLAINED,
        basis=NO_REPEAT,
        consequence="由市大数据主管部门核对。核对之前仍列在清单里，期限继续计算。",
    ),
    Transition(
        verb="accept-reasons",
        label="核对：平台数据确实不能代替",
        past="核对：平台数据不能代替，仍须提交",
        sources=frozenset({_M.EXPLAINED}),
        target=_M.KEPT,
        basis=NO_REPEAT,
        consequence="这份材料不再列入能够通过平台获取而要求提交的清单。",
    ),
    Transition(
        verb="decline-reasons",
        label="核对：理由不成立",
        past="核对：理由不成立",
        sources=frozenset({_M.EXPLAINED}),
        target=_M.ASKED,
        basis=NO_REPEAT,
        consequence="退回该机关清理，期限继续计算。",
    ),
    Transition(
        verb="strike-exception",
        label="撤销例外登记",
        past="撤销不适用电子文书的登记",
        sources=frozenset({_M.EXEMPT}),
        target=_M.ASKED,
        basis=NO_REPEAT,
        dangerous=True,
        consequence="所引条款没有规定不适用电子文书的，撤销登记，退回该机关清理。",
    ),
    Transition(
        verb="ask-again",
        label="重新要求提交",
        past="重新要求提交",
        sources=frozenset({_M.DROPPED}),
        target=_M.ASKED,
        basis=NO_REPEAT,
        consequence="平台能够提供的，会再次列入清理清单。",
    ),
    states={value: str(label) for value, label in MaterialStatus.choices},
)

SUPPLIES = Workflow(
    Transition(
        verb="propose-supply",
        label="提出由这项数据提供",
        past="提出由这项数据提供",
        sources=frozenset({_S.SUGGESTED}),
        target=_S.PROPOSED,
        basis=NO_REPEAT,
        consequence="由市大数据主管部门的另一人确认后生效。",
    ),
    Transition(
        verb="confirm-supply",
        label="确认由这项数据提供",
        past="确认由这项数据提供",
        sources=frozenset({_S.PROPOSED}),
        target=_S.IN_FORCE,
        basis=NO_REPEAT,
        consequence="确认后，全市要求提交这种材料的事项都列入清理清单，各机关开始计算清理期限。",
    ),
    Transition(
        verb="reject-supply",
        label="不采用",
        past="不采用",
        sources=frozenset({_S.SUGGESTED, _S.PROPOSED}),
        target=_S.REJECTED,
        basis=NO_REPEAT,
        consequence="须写明理由，平台不再就这项数据提出建议。",
    ),
    Transition(
        verb="withdraw-supply",
        label="撤销确认",
        past="撤销确认",
        sources=frozenset({_S.IN_FORCE}),
        target=_S.ENDED,
        basis=NO_REPEAT,
        dangerous=True,
        consequence="撤销后不再视为平台能够提供，各机关正在计算的清理期限随之停止。",
    ),
    Transition(
        verb="lapse",
        label="随目录失效",
        past="目录条目已经撤销或者不再共享，随之失效",
        sources=LIVE,
        target=_S.ENDED,
        basis=NO_REPEAT,
    ),
    states={value: str(label) for value, label in SupplyStatus.choices},
)
