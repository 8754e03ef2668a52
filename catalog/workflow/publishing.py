"""The way of a decision to publish a catalogue that is not public as of right (第十一条第三款)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.workflow.articles import CONFIDENTIALITY, REVIEW
from guiyang_data.statute.workflow import Transition, Workflow


class DecisionStatus(models.TextChoices):
    """Where a decision to publish a catalogue stands."""

    PROPOSED = "proposed", _("待保密审查")
    REVIEWED = "reviewed", _("待确认")
    IN_FORCE = "in-force", _("已公布")
    REJECTED = "rejected", _("不予公布")
    REVOKED = "revoked", _("已撤销")


_D = DecisionStatus

DECISION_WORKFLOW = Workflow(
    Transition(
        verb="pass-decision-review",
        label="保密审查通过",
        past="保密审查通过",
        sources=frozenset({_D.PROPOSED}),
        target=_D.REVIEWED,
        basis=CONFIDENTIALITY,
    ),
    Transition(
        verb="confirm-decision",
        label="确认决定，公布目录",
        past="确认决定，公布目录",
        sources=frozenset({_D.REVIEWED}),
        target=_D.IN_FORCE,
        basis=REVIEW,
        consequence="确认后，决定所列的目录和要素立即向社会公布，可以查阅、下载。",
    ),
    Transition(
        verb="reject-decision",
        label="不予公布",
        past="不予公布，说明理由",
        sources=frozenset({_D.PROPOSED, _D.REVIEWED}),
        target=_D.REJECTED,
        basis=REVIEW,
        dangerous=True,
        consequence="不予公布的，这份提议随即终止；需要公布的，重新提议。",
    ),
    Transition(
        verb="revoke-decision",
        label="撤销公布决定",
        past="撤销公布决定，说明理由",
        sources=frozenset({_D.IN_FORCE}),
        target=_D.REVOKED,
        basis=REVIEW,
        dangerous=True,
        consequence="撤销后，这份目录立即不再公布，原来的地址不能再访问；已经下载的不能收回。",
    ),
    states={value: str(label) for value, label in DecisionStatus.choices},
)
