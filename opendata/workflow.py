"""The way of an opening plan (第十八条): drawn up, judged by a second person, carried out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

OPEN_ALL = REGULATION.article("第十八条第一款")
DESENSITIZED = REGULATION.article("第十八条第二款")
PROACTIVELY = REGULATION.article("第十九条第二款")
CONFIDENTIALITY = REGULATION.article("第二十四条")


class PlanStatus(models.TextChoices):
    """Where an opening plan stands. Whether it is cleared or refused in review is read from the review itself."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in-review", _("保密审查")
    PUBLISHED = "published", _("已开放")
    SUPERSEDED = "superseded", _("已被新方案取代")
    DROPPED = "dropped", _("已放弃")


class DatasetStatus(models.TextChoices):
    """Whether a data set stands on the public site."""

    PUBLISHED = "published", _("已开放")
    WITHDRAWN = "withdrawn", _("已撤回")


_S = PlanStatus

WORKFLOW = Workflow(
    Transition(
        verb="publish",
        label="开放数据",
        past="向社会开放数据",
        sources=frozenset({_S.IN_REVIEW, _S.PUBLISHED}),
        target=_S.PUBLISHED,
        basis=PROACTIVELY,
    ),
    Transition(
        verb="plan-opening",
        label="编制开放方案",
        past="编制开放方案",
        sources=frozenset(),
        target=_S.DRAFT,
        basis=DESENSITIZED,
    ),
    Transition(
        verb="decide-plan",
        label="作出保密审查结论",
        past="作出保密审查结论",
        sources=frozenset({_S.IN_REVIEW}),
        target=None,
        basis=CONFIDENTIALITY,
    ),
    Transition(
        verb="submit-plan",
        label="提请保密审查",
        past="就开放方案提请保密审查",
        sources=frozenset({_S.DRAFT}),
        target=_S.IN_REVIEW,
        basis=CONFIDENTIALITY,
    ),
    Transition(
        verb="edit-plan",
        label="修改开放方案",
        past="修改开放方案",
        sources=frozenset({_S.DRAFT, _S.IN_REVIEW}),
        target=_S.DRAFT,
        basis=DESENSITIZED,
    ),
    Transition(
        verb="drop-plan",
        label="放弃方案",
        past="放弃开放方案",
        sources=frozenset({_S.DRAFT, _S.IN_REVIEW}),
        target=_S.DROPPED,
        basis=DESENSITIZED,
        dangerous=True,
        consequence="放弃后需要重新编制方案。",
    ),
    Transition(
        verb="supersede-plan",
        label="取代",
        past="被新方案取代",
        sources=frozenset({_S.PUBLISHED}),
        target=_S.SUPERSEDED,
        basis=DESENSITIZED,
    ),
    states={value: str(label) for value, label in PlanStatus.choices},
)

DATASET_WORKFLOW = Workflow(
    Transition(
        verb="withdraw-dataset",
        label="撤回开放数据",
        past="撤回开放数据",
        sources=frozenset({DatasetStatus.PUBLISHED}),
        target=DatasetStatus.WITHDRAWN,
        basis=OPEN_ALL,
        dangerous=True,
        consequence="撤回后公众不能再查看和下载，页面会说明撤回的时间和理由。",
    ),
    Transition(
        verb="republish",
        label="重新开放",
        past="重新开放数据",
        sources=frozenset({DatasetStatus.PUBLISHED, DatasetStatus.WITHDRAWN}),
        target=DatasetStatus.PUBLISHED,
        basis=PROACTIVELY,
    ),
    states={value: str(label) for value, label in DatasetStatus.choices},
)
