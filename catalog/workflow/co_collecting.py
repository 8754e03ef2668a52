"""The way of an agency's word on what it collects for an entry that another leads (第十二条第二款)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.workflow.articles import TOGETHER
from guiyang_data.statute.workflow import Transition, Workflow


class CoCollectionStatus(models.TextChoices):
    """What the agency that was asked has said."""

    WAITING = "waiting", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    DECLINED = "declined", _("不同意")
    VOIDED = "voided", _("内容已变动，不再有效")


_C = CoCollectionStatus
_WAITING = frozenset({_C.WAITING})

CO_COLLECTION_WORKFLOW = Workflow(
    Transition(
        verb="confirm-co-collection",
        label="确认共同采集",
        past="确认共同采集",
        sources=_WAITING,
        target=_C.CONFIRMED,
        basis=TOGETHER,
        consequence="确认后由本机关采集、更新所列信息项，并对其真实、准确、完整负责；对这些信息项的疑义由本机关校核。",
    ),
    Transition(
        verb="decline-co-collection",
        label="不同意共同采集",
        past="不同意共同采集，说明理由",
        sources=_WAITING,
        target=_C.DECLINED,
        basis=TOGETHER,
        dangerous=True,
        consequence="不同意的，牵头机关不能以本机关为采集机关提交这份目录；须写明理由，牵头机关据此修改后可以重新提请。",
    ),
    Transition(
        verb="void-co-collection",
        label="共同采集的确认失效",
        past="内容变动，原来的确认不再有效",
        sources=frozenset({_C.WAITING, _C.CONFIRMED}),
        target=_C.VOIDED,
        basis=TOGETHER,
    ),
    states={value: str(label) for value, label in CoCollectionStatus.choices},
)
