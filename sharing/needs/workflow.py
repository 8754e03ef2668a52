"""The way of a data need: what an agency needs and finds in no catalogue (第四条第二款、第十一条第二款). No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

SUPERVISE = REGULATION.article("第四条第二款")
COMPILE = REGULATION.article("第十一条第二款")


class NeedStatus(models.TextChoices):
    """Where a data need stands."""

    SUBMITTED = "submitted", _("待确认责任机关")
    ASSIGNED = "assigned", _("待责任机关答复")
    CATALOGUING = "cataloguing", _("正在编制目录")
    COVERED = "covered", _("目录中已有")
    MET = "met", _("目录已公布")
    WITHHELD = "withheld", _("目录已公布，不予共享")
    REJECTED = "rejected", _("不予确认")
    WITHDRAWN = "withdrawn", _("已撤回")


_N = NeedStatus
_WITH_AUTHORITY = frozenset({_N.SUBMITTED})
_WITH_PROVIDER = frozenset({_N.ASSIGNED})
_CATALOGUING = frozenset({_N.CATALOGUING})
IN_HAND = frozenset({_N.SUBMITTED, _N.ASSIGNED, _N.CATALOGUING})
"""Somebody owes the next step."""

NEED_WORKFLOW = Workflow(
    Transition(
        verb="assign-need",
        label="确认责任机关",
        past="确认责任机关",
        sources=_WITH_AUTHORITY,
        target=_N.ASSIGNED,
        basis=SUPERVISE,
        consequence="确认后由责任机关在服务目标的期限内答复：编制目录、目录中已有，或者不属于本机关。",
    ),
    Transition(
        verb="undertake-need",
        label="答复：编制目录",
        past="答复：编制目录",
        sources=_WITH_PROVIDER,
        target=_N.CATALOGUING,
        basis=COMPILE,
        consequence="答复即时送达需求机关。由本机关编制目录，经审核、审定公布后，需求机关即可申请或者直接获取。",
    ),
    Transition(
        verb="cover-need",
        label="指明目录中已有的条目",
        past="指明目录中已有的条目",
        sources=_WITH_AUTHORITY | _WITH_PROVIDER,
        target=_N.COVERED,
        basis=SUPERVISE,
        consequence="需求机关即时收到通知，可以申请或者直接获取这一条目；不能满足的，可以说明理由退回。",
    ),
    Transition(
        verb="link-need",
        label="指明所编制的条目",
        past="指明所编制的条目",
        sources=_CATALOGUING,
        target=None,
        basis=COMPILE,
        consequence="这一条目公布时，数据需求随之办结，需求机关收到通知。",
    ),
    Transition(
        verb="deny-need",
        label="答复：不属于本机关",
        past="答复：不属于本机关职责",
        sources=_WITH_PROVIDER,
        target=_N.SUBMITTED,
        basis=SUPERVISE,
        consequence="退回市大数据主管部门重新确认。须说明理由和依据；主管部门再次确认由本机关负责的，不能再退回。",
    ),
    Transition(
        verb="draft-need-answer",
        label="拟写答复",
        past="拟写答复，报审批人",
        sources=_WITH_PROVIDER,
        target=None,
        basis=COMPILE,
        consequence="拟写的答复和附件只在本机关内可见，由审批人送达后才停止计算期限。",
    ),
    Transition(
        verb="reassign-need",
        label="收回，改由其他机关负责",
        past="因逾期没有答复收回，改由其他机关负责",
        sources=_WITH_PROVIDER,
        target=None,
        basis=SUPERVISE,
        dangerous=True,
        consequence="原责任机关不能再答复，逾期的记录保留；新的责任机关在服务目标的期限内答复。须说明理由，告知三方机关。",
    ),
    Transition(
        verb="contest-need",
        label="这一条目不能满足",
        past="说明所指条目不能满足，退回确认",
        sources=frozenset({_N.COVERED}),
        target=_N.SUBMITTED,
        basis=SUPERVISE,
        consequence="退回市大数据主管部门重新确认，须写明缺什么。",
    ),
    Transition(
        verb="meet-need",
        label="目录公布",
        past="目录公布，数据需求办结",
        sources=_CATALOGUING,
        target=_N.MET,
        basis=COMPILE,
    ),
    Transition(
        verb="find-withheld",
        label="目录公布，不予共享",
        past="目录公布，依法不予共享",
        sources=_CATALOGUING,
        target=_N.WITHHELD,
        basis=COMPILE,
    ),
    Transition(
        verb="loosen-need",
        label="条目撤销",
        past="所指明的条目已经撤销，继续编制",
        sources=_CATALOGUING,
        target=None,
        basis=COMPILE,
    ),
    Transition(
        verb="reject-need",
        label="不予确认",
        past="不予确认",
        sources=_WITH_AUTHORITY,
        target=_N.REJECTED,
        basis=SUPERVISE,
        dangerous=True,
        consequence="数据需求办结，须说明理由，告知需求机关。需求机关可以修改后重新提出。",
    ),
    Transition(
        verb="withdraw-need",
        label="撤回数据需求",
        past="撤回数据需求",
        sources=IN_HAND,
        target=_N.WITHDRAWN,
        basis=SUPERVISE,
        dangerous=True,
        consequence="撤回后不再办理，正在计算的期限停止。责任机关已经编制的目录照常办理。",
    ),
    states={value: str(label) for value, label in NeedStatus.choices},
)
