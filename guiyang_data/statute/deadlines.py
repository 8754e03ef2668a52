"""Every period of the regulation, and every target of the portal's own, each once, with its unit and basis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guiyang_data.accounts.roles import Role
from guiyang_data.statute.law import REGULATION, ServiceTarget, StatutoryPeriod

UPDATE_CATALOG = StatutoryPeriod(calendar_days=15, basis=REGULATION.article("第十三条第二款"))
REPLY_TO_SHARING_APPLICATION = StatutoryPeriod(calendar_days=10, basis=REGULATION.article("第十五条第二款"))
REPLY_TO_OPEN_REQUEST = StatutoryPeriod(calendar_days=10, basis=REGULATION.article("第二十一条第一款"))
RESULT_OF_REVIEW = StatutoryPeriod(calendar_days=10, basis=REGULATION.article("第二十一条第二款"))
RECTIFICATION = StatutoryPeriod(calendar_days=0, basis=REGULATION.article("第三十条"))
"""Its length is what the order says."""

REPAIR_INTERFACE = ServiceTarget(working_days=3, basis=REGULATION.article("第十条"))
REVIEW_CATALOG = ServiceTarget(working_days=5, basis=REGULATION.article("第十一条第三款"))
APPROVE_CATALOG = ServiceTarget(working_days=5, basis=REGULATION.article("第十一条第三款"))
REVIEW_CONFIDENTIALITY = ServiceTarget(working_days=3, basis=REGULATION.article("第二十四条"))
CHANGE_DATA = ServiceTarget(working_days=5, basis=REGULATION.article("第十三条第二款"))
ANSWER_CORRECTION = ServiceTarget(calendar_days=10, basis=REGULATION.article("第十三条第三款"))
MEND_CORRECTION = ServiceTarget(working_days=5, basis=REGULATION.article("第十三条第三款"))
SUPPLY_SHARED_DATA = ServiceTarget(calendar_days=3, basis=REGULATION.article("第十五条第二款"))
CONFIRM_NEED = ServiceTarget(working_days=5, basis=REGULATION.article("第四条第二款"))
ANSWER_NEED = ServiceTarget(working_days=5, basis=REGULATION.article("第十一条第二款"))
CATALOGUE_NEED = ServiceTarget(working_days=20, basis=REGULATION.article("第十一条第二款"))
COORDINATE = ServiceTarget(calendar_days=10, basis=REGULATION.article("第十五条第三款"))
MEND_MATERIALS = ServiceTarget(working_days=20, basis=REGULATION.article("第十六条第二款"))
FULFIL_OPEN_REQUEST = ServiceTarget(calendar_days=15, basis=REGULATION.article("第二十一条第一款"))
ACCEPT_REVIEW = ServiceTarget(working_days=5, basis=REGULATION.article("第二十一条第二款"))
REPLY_AGAIN = ServiceTarget(calendar_days=0, basis=REGULATION.article("第二十一条第二款"))
"""Its length is what the result of the review says."""
ANSWER_COMPLAINT = ServiceTarget(calendar_days=15, basis=REGULATION.article("第二十九条"))

REMINDERS_BEFORE = (5, 3, 1)
"""Days before the due day on which whoever owes is reminded."""
OVERDUE_EVERY = 7
"""Days between two rungs of an overdue clock."""
NEAR_DAYS = 3
"""From how many days left a clock is shown as near."""


@dataclass(frozen=True, kw_only=True)
class ClockKind:
    """One kind of clock: who owes what, and what happens when it runs out.

    ``escalates_to``: names that oversight resolves for the owing agency. ``finding_item``: the item of 第三十条 under
    which running out is a finding, or None. ``stands_apart``: what is found is forbidden without any period, or
    promised and owed promptly (及时), so that the lapse of a service target, which only gave time, is drafted as a
    finding as well, where what is owed is not done even then.
    """

    code: str
    label: str
    duty: str
    period: StatutoryPeriod
    owed_by_roles: tuple[Role, ...]
    escalates_to: tuple[str, ...] = ()
    finding_item: int | None = None
    stands_apart: bool = False
    starts: str = ""


_REPLIERS = (Role.DATA_STEWARD, Role.APPROVER)
_AUTHORITY = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)

KINDS: dict[str, ClockKind] = {
    kind.code: kind
    for kind in (
        ClockKind(
            code="catalog-update",
            label="目录更新",
            duty="更新目录",
            period=UPDATE_CATALOG,
            owed_by_roles=_REPLIERS,
            escalates_to=("authority-of-its-level", "municipal-authority", "superiors"),
            finding_item=3,
            starts="情形发生之日",
        ),
        ClockKind(
            code="sharing-reply",
            label="共享申请",
            duty="答复",
            period=REPLY_TO_SHARING_APPLICATION,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            finding_item=6,
            starts="申请之日",
        ),
        ClockKind(
            code="open-reply",
            label="开放申请",
            duty="答复",
            period=REPLY_TO_OPEN_REQUEST,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            finding_item=6,
            starts="申请之日",
        ),
        ClockKind(
            code="review-result",
            label="复核",
            duty="反馈复核结果",
            period=RESULT_OF_REVIEW,
            owed_by_roles=(Role.REVIEWER,),
            escalates_to=("municipal-government",),
            finding_item=6,
            starts="受理之日",
        ),
        ClockKind(
            code="rectification",
            label="限期改正",
            duty="报告改正情况",
            period=RECTIFICATION,
            owed_by_roles=_REPLIERS,
            escalates_to=("superiors",),
            starts="责令之日",
        ),
        ClockKind(
            code="interface-repair",
            label="接口恢复",
            duty="恢复接口",
            period=REPAIR_INTERFACE,
            owed_by_roles=(Role.DATA_STEWARD,),
            escalates_to=("authority-of-its-level",),
            starts="连续检查异常之日",
        ),
        ClockKind(
            code="catalog-review",
            label="目录审核",
            duty="审核目录",
            period=REVIEW_CATALOG,
            owed_by_roles=_AUTHORITY,
            starts="提交之日",
        ),
        ClockKind(
            code="catalog-approval",
            label="目录审定",
            duty="审定目录",
            period=APPROVE_CATALOG,
            owed_by_roles=(Role.GOVERNMENT_APPROVER,),
            starts="审核通过之日",
        ),
        ClockKind(
            code="confidentiality-review",
            label="保密审查",
            duty="保密审查",
            period=REVIEW_CONFIDENTIALITY,
            owed_by_roles=(Role.APPROVER,),
            starts="提请之日",
        ),
        ClockKind(
            code="data-change",
            label="数据更新",
            duty="更新数据",
            period=CHANGE_DATA,
            owed_by_roles=(Role.DATA_STEWARD,),
            starts="数据变化之日",
        ),
        ClockKind(
            code="correction",
            label="数据校核",
            duty="校核并答复",
            period=ANSWER_CORRECTION,
            owed_by_roles=(Role.DATA_STEWARD,),
            starts="反馈之日",
        ),
        ClockKind(
            code="correction-mend",
            label="数据更正",
            duty="更正",
            period=MEND_CORRECTION,
            owed_by_roles=(Role.DATA_STEWARD,),
            starts="认定有误之日",
        ),
        ClockKind(
            code="sharing-supply",
            label="共享提供",
            duty="提供数据",
            period=SUPPLY_SHARED_DATA,
            owed_by_roles=(Role.DATA_STEWARD,),
            escalates_to=("municipal-authority", "superiors"),
            finding_item=9,
            stands_apart=True,
            starts="同意之日",
        ),
        ClockKind(
            code="coordination",
            label="共享协调",
            duty="出具协调意见",
            period=COORDINATE,
            owed_by_roles=(Role.COORDINATOR,),
            escalates_to=("municipal-government",),
            starts="提请之日",
        ),
        ClockKind(
            code="need-confirmation",
            label="数据需求确认",
            duty="确认责任机关",
            period=CONFIRM_NEED,
            owed_by_roles=(Role.MUNICIPAL_AUTHORITY, Role.GOVERNMENT_APPROVER),
            escalates_to=("municipal-government",),
            starts="提请之日",
        ),
        ClockKind(
            code="need-answer",
            label="数据需求答复",
            duty="答复",
            period=ANSWER_NEED,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            starts="确认之日",
        ),
        ClockKind(
            code="need-cataloguing",
            label="数据需求编目",
            duty="编制并公布目录",
            period=CATALOGUE_NEED,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            starts="答复之日",
        ),
        ClockKind(
            code="material-mending",
            label="材料清理",
            duty="停止要求重复提交",
            period=MEND_MATERIALS,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            finding_item=7,
            stands_apart=True,
            starts="确认平台能够提供之日",
        ),
        ClockKind(
            code="open-fulfilment",
            label="开放落实",
            duty="列入目录或者开放",
            period=FULFIL_OPEN_REQUEST,
            owed_by_roles=_REPLIERS,
            escalates_to=("municipal-authority", "superiors"),
            finding_item=9,
            stands_apart=True,
            starts="同意之日",
        ),
        ClockKind(
            code="review-acceptance",
            label="复核受理",
            duty="决定是否受理",
            period=ACCEPT_REVIEW,
            owed_by_roles=(Role.REVIEWER,),
            starts="提出之日",
        ),
        ClockKind(
            code="reply-again",
            label="重新答复",
            duty="重新答复",
            period=REPLY_AGAIN,
            owed_by_roles=_REPLIERS,
            starts="复核结果反馈之日",
        ),
        ClockKind(
            code="complaint",
            label="投诉举报",
            duty="调查处理并反馈",
            period=ANSWER_COMPLAINT,
            owed_by_roles=(Role.SUPERVISOR, Role.GOVERNMENT_APPROVER, Role.APPROVER),
            escalates_to=("superiors",),
            starts="收到之日",
        ),
    )
}


def kinds() -> Iterator[ClockKind]:
    """Every kind of clock."""
    return iter(KINDS.values())
