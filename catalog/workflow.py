"""The way of a catalogue revision (第十一条): compiled, reviewed by the authority, approved by the government."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

COMPILE = REGULATION.article("第十一条第二款")
REVIEW = REGULATION.article("第十一条第三款")
MANAGE = REGULATION.article("第十三条")


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

WORKFLOW = Workflow(
    Transition(verb="edit", label="修改", past="修改了目录", sources=_EDITABLE, target=None, basis=COMPILE),
    Transition(
        verb="submit", label="提交审核", past="提交目录审核", sources=_EDITABLE, target=_S.IN_REVIEW, basis=COMPILE
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
