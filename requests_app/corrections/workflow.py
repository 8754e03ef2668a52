"""The way of a doubt about data or catalogue (第十三条第三款): which act leads where. No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

CORRECT = REGULATION.article("第十三条第三款")


class CorrectionStatus(models.TextChoices):
    """Where a reported doubt stands."""

    SUBMITTED = "submitted", _("待校核")
    MENDING = "mending", _("确有错误，待更正")
    MENDED = "mended", _("已更正")
    NOT_RIGHT = "not-right", _("经校核无误")
    WITHDRAWN = "withdrawn", _("已撤回")


_S = CorrectionStatus
_WAITING = frozenset({_S.SUBMITTED})
_MENDING = frozenset({_S.MENDING})
_MENDED = frozenset({_S.MENDED})
OPEN = frozenset({_S.SUBMITTED, _S.MENDING})
"""Not answered yet, or answered and not mended yet."""

CORRECTIONS = Workflow(
    Transition(
        verb="find-right",
        label="确有错误，将予更正",
        past="校核：确有错误，将予更正",
        sources=_WAITING,
        target=_S.MENDING,
        basis=CORRECT,
        consequence="答复反馈人，并告知取得过这些数据的机关和关注的公众。在数据或者目录真正更正之前，这件事一直列在您的待办里。",
    ),
    Transition(
        verb="mend",
        label="登记已更正",
        past="已更正",
        sources=_MENDING,
        target=_S.MENDED,
        basis=CORRECT,
        consequence="登记后告知反馈人、取得过这些数据的机关和关注的公众。",
    ),
    Transition(
        verb="find-again",
        label="更正后又出现同样的错误",
        past="更正后，新的数据中又出现同样的错误",
        sources=_MENDED,
        target=_S.MENDING,
        basis=CORRECT,
        consequence="更正的期限重新起算，反馈人、取得过这些数据的机关和关注的公众都会知道。",
    ),
    Transition(
        verb="find-not-right",
        label="经校核无误，说明理由",
        past="校核：数据无误，说明理由",
        sources=_WAITING | _MENDING,
        target=_S.NOT_RIGHT,
        basis=CORRECT,
    ),
    Transition(
        verb="withdraw",
        label="撤回反馈",
        past="反馈人撤回",
        sources=_WAITING,
        target=_S.WITHDRAWN,
        basis=CORRECT,
        dangerous=True,
        consequence="撤回后提供机关不再答复。以后可以重新反馈。",
    ),
    states={value: str(label) for value, label in CorrectionStatus.choices},
)
