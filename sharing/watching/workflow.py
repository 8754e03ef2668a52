"""What is done about a flag of unusual use (第十七条)."""

from __future__ import annotations

from guiyang_data.statute.workflow import Transition, Workflow
from sharing.workflow import OWN_DUTIES, FlagStatus

_OPEN_FLAG = frozenset({FlagStatus.OPEN})

FLAG_WORKFLOW = Workflow(
    Transition(
        verb="explain-flag",
        label="认定为正常使用",
        past="认定为正常使用",
        sources=_OPEN_FLAG,
        target=FlagStatus.EXPLAINED,
        basis=OWN_DUTIES,
        consequence="写明了解到的情况。提示办结，照常使用；以后相同程度的使用以此为参照。",
    ),
    Transition(
        verb="suspend-on-flag",
        label="暂停授权",
        past="因异常使用暂停授权",
        sources=_OPEN_FLAG,
        target=FlagStatus.SUSPENDED,
        basis=OWN_DUTIES,
        dangerous=True,
        consequence="授权即时暂停：下一次读取即被拒绝，正在进行的导出随即中止。理由告知双方机关；查清后由提供机关恢复。",
    ),
    Transition(
        verb="question-on-flag",
        label="请需求机关纠正",
        past="请需求机关纠正",
        sources=_OPEN_FLAG,
        target=FlagStatus.QUESTIONED,
        basis=OWN_DUTIES,
        consequence="情况和理由告知需求机关，由其核实纠正，提示办结。无条件共享的数据不能暂停提供；仍不纠正的，由其上级机关责令限期改正。",
    ),
    states={value: str(label) for value, label in FlagStatus.choices},
)
