"""The way of an open request and of a review (第二十一条): which act leads where. No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow
from requests_app.corrections.workflow import CORRECTIONS as CORRECTIONS

REQUEST = REGULATION.article("第二十一条第一款")
REVIEW = REGULATION.article("第二十一条第二款")
GROUNDS = REGULATION.article("第十八条第一款")
ONCE_TREATED = REGULATION.article("第十八条第二款")
COMPLAIN = REGULATION.article("第二十九条")


class RequestStatus(models.TextChoices):
    """Where an open request stands."""

    WAITING = "waiting", _("待答复")
    IN_APPROVAL = "in-approval", _("答复待审批")
    AGREED = "agreed", _("同意，落实中")
    AGREED_IN_PART = "agreed-in-part", _("部分同意，落实中")
    REFUSED = "refused", _("不同意")
    FULFILLED = "fulfilled", _("已落实")
    WITHDRAWN = "withdrawn", _("已撤回")


class BatchStatus(models.TextChoices):
    """Where replies drafted together stand."""

    IN_APPROVAL = "in-approval", _("待审批")
    DELIVERING = "delivering", _("正在逐件送达")
    DELIVERED = "delivered", _("已送达")
    RETURNED = "returned", _("已退回")


class ReviewStatus(models.TextChoices):
    """Where a review stands."""

    SUBMITTED = "submitted", _("待受理")
    ACCEPTED = "accepted", _("复核中")
    DECLINED = "declined", _("不予受理")
    DECIDED = "decided", _("已反馈结果")
    WITHDRAWN = "withdrawn", _("已撤回")


_S = RequestStatus
OPEN = frozenset({_S.WAITING, _S.IN_APPROVAL})
"""No reply has been delivered in this round."""
AGREED = frozenset({_S.AGREED, _S.AGREED_IN_PART})
REPLIED = frozenset({*AGREED, _S.REFUSED, _S.FULFILLED})
"""A reply has been delivered, so that anyone of the public may apply for its review."""

REQUEST_WORKFLOW = Workflow(
    Transition(
        verb="draft-reply",
        label="起草答复",
        past="起草答复，报请审批",
        sources=frozenset({_S.WAITING}),
        target=_S.IN_APPROVAL,
        basis=REQUEST,
    ),
    Transition(
        verb="agree",
        label="批准并送达：同意",
        past="答复：同意",
        sources=frozenset({_S.IN_APPROVAL}),
        target=_S.AGREED,
        basis=REQUEST,
    ),
    Transition(
        verb="agree-in-part",
        label="批准并送达：部分同意",
        past="答复：部分同意",
        sources=frozenset({_S.IN_APPROVAL}),
        target=_S.AGREED_IN_PART,
        basis=REQUEST,
    ),
    Transition(
        verb="refuse",
        label="批准并送达：不同意",
        past="答复：不同意",
        sources=frozenset({_S.IN_APPROVAL}),
        target=_S.REFUSED,
        basis=REQUEST,
    ),
    Transition(
        verb="return-draft",
        label="退回修改",
        past="退回答复草稿",
        sources=frozenset({_S.IN_APPROVAL}),
        target=_S.WAITING,
        basis=REQUEST,
    ),
    Transition(
        verb="inspect-papers",
        label="检查附件",
        past="检查答复的附件",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="confirm-findings",
        label="确认检出的内容",
        past="确认附件中检出的内容可以送出",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="clean-paper",
        label="换成清理后的副本",
        past="附件换成清理后的副本",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="remove-paper",
        label="移除附件",
        past="从答复草稿中移除附件",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="fulfil",
        label="登记已落实",
        past="已列入目录或者开放",
        sources=AGREED,
        target=_S.FULFILLED,
        basis=REQUEST,
    ),
    Transition(
        verb="ask-question",
        label="向申请人询问",
        past="向申请人询问（期限继续计算）",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="answer-question",
        label="回答询问",
        past="申请人回答询问",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="transfer",
        label="转给主管该数据的机关",
        past="转给其他机关（期限不重新计算）",
        sources=frozenset({_S.WAITING}),
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="assign-handler",
        label="指定经办人",
        past="指定经办人",
        sources=OPEN,
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="link",
        label="关联相同申请",
        past="关联相同申请（各自计时、各自答复）",
        sources=frozenset(_S) - {_S.WITHDRAWN},
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="unlink",
        label="解除关联",
        past="解除与相同申请的关联",
        sources=frozenset(_S),
        target=None,
        basis=REQUEST,
    ),
    Transition(
        verb="reply-anew",
        label="不能落实，重新答复",
        past="原答复不能落实，重新答复",
        sources=AGREED,
        target=_S.WAITING,
        basis=REQUEST,
        dangerous=True,
        consequence="落实期限继续计算。须写明不能落实的理由，另行起草答复，经审批后送达；申请人可以对新的答复申请复核。",
    ),
    Transition(
        verb="withdraw",
        label="撤回申请",
        past="申请人撤回申请",
        sources=OPEN,
        target=_S.WITHDRAWN,
        basis=REQUEST,
        dangerous=True,
        consequence="撤回后本次申请不再答复。以后可以重新申请，重新申请的期限从那一天另行起算。",
    ),
    Transition(
        verb="order-agreement",
        label="复核变更为同意",
        past="复核变更原答复：应当同意",
        sources=REPLIED,
        target=_S.AGREED,
        basis=REVIEW,
    ),
    Transition(
        verb="order-refusal",
        label="复核变更为不同意",
        past="复核变更原答复：不予开放",
        sources=REPLIED,
        target=_S.REFUSED,
        basis=REVIEW,
    ),
    Transition(
        verb="order-new-reply",
        label="复核要求重新答复",
        past="复核要求重新答复",
        sources=REPLIED,
        target=_S.WAITING,
        basis=REVIEW,
    ),
    states={value: str(label) for value, label in RequestStatus.choices},
)

_B = BatchStatus

BATCH_WORKFLOW = Workflow(
    Transition(
        verb="deliver-together",
        label="批准并一并送达",
        past="批准并一并送达",
        sources=frozenset({_B.IN_APPROVAL}),
        target=_B.DELIVERING,
        basis=REQUEST,
    ),
    Transition(
        verb="end-delivery",
        label="逐件送达完毕",
        past="逐件送达完毕",
        sources=frozenset({_B.DELIVERING}),
        target=_B.DELIVERED,
        basis=REQUEST,
    ),
    Transition(
        verb="return-together",
        label="全部退回修改",
        past="全部退回修改",
        sources=frozenset({_B.IN_APPROVAL}),
        target=_B.RETURNED,
        basis=REQUEST,
    ),
    states={value: str(label) for value, label in BatchStatus.choices},
)

_R = ReviewStatus
_RUNNING = frozenset({_R.SUBMITTED, _R.ACCEPTED})

REVIEW_WORKFLOW = Workflow(
    Transition(
        verb="accept",
        label="受理",
        past="受理复核申请",
        sources=frozenset({_R.SUBMITTED}),
        target=_R.ACCEPTED,
        basis=REVIEW,
    ),
    Transition(
        verb="accept-by-silence",
        label="逾期视为受理",
        past="五个工作日内未作决定，视为受理",
        sources=frozenset({_R.SUBMITTED}),
        target=_R.ACCEPTED,
        basis=REVIEW,
    ),
    Transition(
        verb="change",
        label="变更原答复",
        past="复核结果：变更原答复",
        sources=frozenset({_R.ACCEPTED}),
        target=_R.DECIDED,
        basis=REVIEW,
    ),
    Transition(
        verb="require-new-reply",
        label="要求重新答复",
        past="复核结果：要求重新答复",
        sources=frozenset({_R.ACCEPTED}),
        target=_R.DECIDED,
        basis=REVIEW,
    ),
    Transition(
        verb="uphold",
        label="维持原答复",
        past="复核结果：维持原答复",
        sources=frozenset({_R.ACCEPTED}),
        target=_R.DECIDED,
        basis=REVIEW,
    ),
    Transition(
        verb="submit-statement",
        label="提交说明",
        past="答复机关提交说明",
        sources=_RUNNING,
        target=None,
        basis=REVIEW,
    ),
    Transition(
        verb="decline",
        label="不予受理",
        past="不予受理复核申请",
        sources=frozenset({_R.SUBMITTED}),
        target=_R.DECLINED,
        basis=REVIEW,
        dangerous=True,
        consequence="只有同一异议已经作出复核结果的，才可以不予受理。须指明那一件复核，并向申请人说明理由。",
    ),
    Transition(
        verb="withdraw-review",
        label="撤回复核申请",
        past="申请人撤回复核申请",
        sources=_RUNNING,
        target=_R.WITHDRAWN,
        basis=REVIEW,
        dangerous=True,
        consequence="撤回后不再作出复核结果。以后可以重新申请复核。",
    ),
    states={value: str(label) for value, label in ReviewStatus.choices},
)

REQUEST_LABELS = {"file": "申请人提出开放需求申请"} | {
    transition.verb: transition.past for transition in REQUEST_WORKFLOW.transitions.values()
}
"""The words of a request's timeline, by verb of its events."""
BATCH_LABELS = {"draft-together": "起草一并答复，报请审批"} | {
    transition.verb: transition.past for transition in BATCH_WORKFLOW.transitions.values()
}
REVIEW_LABELS = {"apply-review": "提出复核申请"} | {
    transition.verb: transition.past for transition in REVIEW_WORKFLOW.transitions.values()
}
PAPER_VERBS = ("inspect-papers", "confirm-findings", "clean-paper", "remove-paper")
"""What is done with a single paper of a draft."""
ORDERED_VERBS = frozenset({"order-agreement", "order-refusal", "order-new-reply"})
"""What the result of a review does to the request; the result itself says so."""
INNER_VERBS = frozenset({"draft-reply", "return-draft", "assign-handler", "link", "unlink", *PAPER_VERBS})
"""Steps inside the agency: whoever asked sees what was answered, not how it was drafted."""
PRIVATE_VERBS = INNER_VERBS | {"ask-question", "answer-question", "submit-statement"}
"""Steps that the public page leaves out; the parties see those of them that are not inner ones."""
