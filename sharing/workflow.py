"""The ways of an application, a grant and a coordination (第十四条至第十七条): which act leads where. No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import PERSONAL_INFORMATION_LAW, REGULATION
from guiyang_data.statute.workflow import Transition, Workflow
from sharing.edocuments.workflow import EDOCUMENT_WORKFLOW as EDOCUMENT_WORKFLOW
from sharing.materials.workflow import MATERIALS as MATERIALS
from sharing.materials.workflow import SUPPLIES as SUPPLIES
from sharing.needs.workflow import NEED_WORKFLOW as NEED_WORKFLOW

TYPES = REGULATION.article("第十四条")
SECRETS = REGULATION.article("第八条")
TAKE = REGULATION.article("第十五条第一款")
APPLY = REGULATION.article("第十五条第二款")
COORDINATE = REGULATION.article("第十五条第三款")
OWN_DUTIES = REGULATION.article("第十七条")
RIGHT = REGULATION.article("第十二条第三款")
GOVERNMENT = REGULATION.article("第四条第一款")
TO_KNOW = PERSONAL_INFORMATION_LAW.article("第四十五条第一款")
TOLD_LATER = PERSONAL_INFORMATION_LAW.article("第三十五条")


class ApplicationStatus(models.TextChoices):
    """Where a sharing application stands."""

    SUBMITTED = "submitted", _("待答复")
    AGREED = "agreed", _("同意")
    AGREED_IN_PART = "agreed-in-part", _("部分同意")
    REFUSED = "refused", _("不同意")
    GRANTED_ON_OPINION = "granted-on-opinion", _("依协调意见提供")
    WITHDRAWN = "withdrawn", _("已撤回")


class GrantStatus(models.TextChoices):
    """Where a grant stands. Whether it has run out is a matter of its period, not of this."""

    ACTIVE = "active", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    ENDED = "ended", _("已终止")


class FlagStatus(models.TextChoices):
    """Where a flag of unusual use stands."""

    OPEN = "open", _("待处理")
    EXPLAINED = "explained", _("已说明")
    SUSPENDED = "suspended", _("已暂停授权")
    QUESTIONED = "questioned", _("已要求纠正")


class SubscriptionStatus(models.TextChoices):
    """Where a subscription to changes stands."""

    ACTIVE = "active", _("订阅中")
    ENDED = "ended", _("已终止")


class CoordinationStatus(models.TextChoices):
    """Where a coordination stands."""

    OPEN = "open", _("协调中")
    WITH_GOVERNMENT = "with-government", _("已报请市人民政府")
    AWAITING_GRANT = "awaiting-grant", _("意见为提供，待提供机关落实")
    CARRIED_OUT = "carried-out", _("已依意见提供")
    CLOSED = "closed", _("意见为不提供，已办结")
    RESOLVED = "resolved", _("申请已另行办结，协调终结")
    WITHDRAWN = "withdrawn", _("已撤回")


class DeferralStatus(models.TextChoices):
    """Where a deferral stands. Whether it has run out is a matter of its last day."""

    PROPOSED = "proposed", _("待确认")
    IN_FORCE = "in-force", _("延后告知中")
    DECLINED = "declined", _("不予确认")
    LIFTED = "lifted", _("已提前结束")


_A, _G, _C = ApplicationStatus, GrantStatus, CoordinationStatus
_SUBMITTED = frozenset({_A.SUBMITTED})
NOT_FULLY_AGREED = frozenset({_A.SUBMITTED, _A.AGREED_IN_PART, _A.REFUSED})
"""States in which the requester still lacks something: the way to coordination is open (on silence, once it is due)."""

ENDED_SHORT = frozenset({_A.AGREED_IN_PART, _A.REFUSED, _A.WITHDRAWN})
"""States from which the requester may take the matter up again, in a new application that is linked to this one."""

APPLICATION_WORKFLOW = Workflow(
    Transition(
        verb="agree",
        label="答复：同意",
        past="答复：同意",
        sources=_SUBMITTED,
        target=_A.AGREED,
        basis=APPLY,
        consequence="答复即时送达需求机关，按申请的信息项和期限开通授权。",
    ),
    Transition(
        verb="agree-in-part",
        label="答复：部分同意",
        past="答复：部分同意",
        sources=_SUBMITTED,
        target=_A.AGREED_IN_PART,
        basis=APPLY,
        consequence="同意的部分即时开通授权；没有同意的部分是对这部分的不同意，须说明理由，需求机关可以提请协调。",
    ),
    Transition(
        verb="draft-reply",
        label="拟写答复",
        past="拟写答复，报审批人",
        sources=_SUBMITTED,
        target=None,
        basis=APPLY,
        consequence="拟写的答复只在本机关内可见，由审批人送达后才停止计算期限。",
    ),
    Transition(
        verb="resubmit",
        label="修改后重新申请",
        past="修改后重新申请",
        sources=ENDED_SHORT,
        target=None,
        basis=APPLY,
        consequence="作为新的申请送达提供机关，答复期限从新的申请之日起算；两份申请互相可以查到。",
    ),
    Transition(
        verb="request-coordination",
        label="提请协调",
        past="提请市大数据主管部门协调",
        sources=NOT_FULLY_AGREED,
        target=None,
        basis=COORDINATE,
        consequence="提请后由市大数据主管部门听取双方意见，出具协调意见。还没有答复的，答复期限继续计算。",
    ),
    Transition(
        verb="grant-on-opinion",
        label="依协调意见提供",
        past="依协调意见提供，开通授权",
        sources=NOT_FULLY_AGREED,
        target=_A.GRANTED_ON_OPINION,
        basis=COORDINATE,
        consequence="按协调意见写明的信息项开通授权，协调随之办结。",
    ),
    Transition(
        verb="refuse",
        label="答复：不同意",
        past="答复：不同意",
        sources=_SUBMITTED,
        target=_A.REFUSED,
        basis=APPLY,
        dangerous=True,
        consequence="不同意的应当说明理由。答复即时送达，需求机关因履行职责确需使用的，可以提请市大数据主管部门协调。",
    ),
    Transition(
        verb="withdraw",
        label="撤回申请",
        past="撤回申请",
        sources=_SUBMITTED,
        target=_A.WITHDRAWN,
        basis=APPLY,
        dangerous=True,
        consequence="撤回后提供机关不再答复，期限停止计算；可以重新申请，期限从新的申请之日起算。",
    ),
    states={value: str(label) for value, label in ApplicationStatus.choices},
)

_RUNNING = frozenset({_G.ACTIVE, _G.SUSPENDED})

GRANT_WORKFLOW = Workflow(
    Transition(
        verb="suspend",
        label="暂停授权",
        past="暂停授权",
        sources=frozenset({_G.ACTIVE}),
        target=_G.SUSPENDED,
        basis=OWN_DUTIES,
        dangerous=True,
        consequence="暂停即时生效：下一次读取即被拒绝，正在进行的导出随即中止。须说明理由。",
    ),
    Transition(
        verb="resume",
        label="恢复授权",
        past="恢复授权",
        sources=frozenset({_G.SUSPENDED}),
        target=_G.ACTIVE,
        basis=OWN_DUTIES,
        consequence="恢复后按原授权的信息项、期限和额度读取。",
    ),
    Transition(
        verb="permit-verification",
        label="设定核验范围",
        past="设定核验范围",
        sources=_RUNNING,
        target=None,
        basis=RIGHT,
        consequence="设定后需求机关可以逐人核验，只得到「是」「否」和允许答复的信息项。再次设定的，以最后一次为准。",
    ),
    Transition(
        verb="propose-deferral",
        label="延后告知本人",
        past="提出延后告知",
        sources=frozenset(_G),
        target=None,
        basis=TOLD_LATER,
        consequence="由本机关的另一人确认后生效。截止日期之前，这些读取不向本人显示；到期自动显示。",
    ),
    Transition(
        verb="change",
        label="调整授权",
        past="调整授权",
        sources=_RUNNING,
        target=None,
        basis=RIGHT,
        consequence="调整即时生效：缩小的，下一次读取只能读到缩小后的内容，正在进行的导出随即中止。须说明理由，对方机关会收到通知。",
    ),
    Transition(
        verb="end",
        label="终止授权",
        past="终止授权",
        sources=_RUNNING,
        target=_G.ENDED,
        basis=RIGHT,
        dangerous=True,
        consequence="终止后不能恢复，需求机关须重新申请。须说明理由。",
    ),
    states={value: str(label) for value, label in GrantStatus.choices},
)

_SUBSCRIBED = frozenset({SubscriptionStatus.ACTIVE})

SUBSCRIPTION_WORKFLOW = Workflow(
    Transition(
        verb="unsubscribe",
        label="取消订阅",
        past="取消订阅",
        sources=_SUBSCRIBED,
        target=SubscriptionStatus.ENDED,
        basis=TAKE,
        dangerous=True,
        consequence="取消后有新的一版不再告知；读取数据和变化不受影响，随时可以重新订阅。",
    ),
    Transition(
        verb="end-subscription",
        label="终止订阅",
        past="订阅随授权、登记或者目录终止",
        sources=_SUBSCRIBED,
        target=SubscriptionStatus.ENDED,
        basis=TAKE,
    ),
    states={value: str(label) for value, label in SubscriptionStatus.choices},
)

STANDING_WORKFLOW = Workflow(
    *(GRANT_WORKFLOW[verb] for verb in ("change", "suspend", "resume", "end")),
    states={value: str(label) for value, label in GrantStatus.choices},
)
"""An authorisation for a kind of agency is changed and stopped as a grant is, for all of them."""

_IN_HAND = frozenset({_C.OPEN, _C.WITH_GOVERNMENT, _C.AWAITING_GRANT})
COORDINATION_IN_HAND = _IN_HAND
"""Not ended: an application has at most one such coordination."""

COORDINATION_WORKFLOW = Workflow(
    Transition(
        verb="conclude-provide",
        label="协调意见：应当提供",
        past="出具协调意见：应当提供",
        sources=frozenset({_C.OPEN}),
        target=_C.AWAITING_GRANT,
        basis=COORDINATE,
        consequence="意见送达双方，由提供机关自行开通授权；仍不提供的，可以报请市人民政府。",
    ),
    Transition(
        verb="conclude-keep",
        label="协调意见：可以不提供",
        past="出具协调意见：可以不提供",
        sources=frozenset({_C.OPEN}),
        target=_C.CLOSED,
        basis=COORDINATE,
        consequence="意见送达双方，协调办结。",
    ),
    Transition(
        verb="submit-statement",
        label="提交意见陈述",
        past="提交意见陈述",
        sources=frozenset({_C.OPEN, _C.WITH_GOVERNMENT}),
        target=None,
        basis=COORDINATE,
    ),
    Transition(
        verb="escalate",
        label="报请市人民政府",
        past="双方不能达成一致，报请市人民政府",
        sources=frozenset({_C.OPEN, _C.AWAITING_GRANT}),
        target=_C.WITH_GOVERNMENT,
        basis=GOVERNMENT,
        consequence="报请后由市人民政府决定，协调期限停止计算。",
    ),
    Transition(
        verb="decide-provide",
        label="决定：应当提供",
        past="市人民政府决定：应当提供",
        sources=frozenset({_C.WITH_GOVERNMENT}),
        target=_C.AWAITING_GRANT,
        basis=GOVERNMENT,
        consequence="决定送达双方，由提供机关开通授权。",
    ),
    Transition(
        verb="decide-keep",
        label="决定：可以不提供",
        past="市人民政府决定：可以不提供",
        sources=frozenset({_C.WITH_GOVERNMENT}),
        target=_C.CLOSED,
        basis=GOVERNMENT,
        consequence="决定送达双方，协调办结。",
    ),
    Transition(
        verb="carry-out",
        label="依意见提供",
        past="提供机关依意见提供",
        sources=frozenset({_C.AWAITING_GRANT}),
        target=_C.CARRIED_OUT,
        basis=COORDINATE,
    ),
    Transition(
        verb="resolve",
        label="终结协调",
        past="申请已另行办结，协调终结",
        sources=_IN_HAND,
        target=_C.RESOLVED,
        basis=COORDINATE,
    ),
    Transition(
        verb="withdraw-coordination",
        label="撤回协调请求",
        past="撤回协调请求",
        sources=frozenset({_C.OPEN, _C.WITH_GOVERNMENT}),
        target=_C.WITHDRAWN,
        basis=COORDINATE,
        dangerous=True,
        consequence="撤回后协调终止；因履行职责确需使用的，可以再次提请。",
    ),
    states={value: str(label) for value, label in CoordinationStatus.choices},
)

DEFERRAL_WORKFLOW = Workflow(
    Transition(
        verb="confirm-deferral",
        label="确认延后告知",
        past="确认延后告知",
        sources=frozenset({DeferralStatus.PROPOSED}),
        target=DeferralStatus.IN_FORCE,
        basis=TOLD_LATER,
        consequence="确认后，这些读取在截止日期之前不向本人显示；到期自动显示。监督机关随时可以查看。",
    ),
    Transition(
        verb="decline-deferral",
        label="不予确认",
        past="不予确认延后告知",
        sources=frozenset({DeferralStatus.PROPOSED}),
        target=DeferralStatus.DECLINED,
        basis=TOLD_LATER,
        consequence="不予确认的，这些读取照常向本人显示。",
    ),
    Transition(
        verb="lift-deferral",
        label="提前结束",
        past="提前结束延后告知",
        sources=frozenset({DeferralStatus.IN_FORCE}),
        target=DeferralStatus.LIFTED,
        basis=TO_KNOW,
        consequence="结束后，这些读取立即向本人显示。",
    ),
    states={value: str(label) for value, label in DeferralStatus.choices},
)
