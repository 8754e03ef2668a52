"""The way of an e-document (第十六条第一款): issued, taken as often as it is needed, revoked with reasons. No ORM."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

AS_THE_ORIGINAL = REGULATION.article("第十六条第一款")
EFFECT = (
    f"依据《{REGULATION.name}》第十六条第一款，行政机关通过共享平台获取的文书类、证照类、合同类政府数据，"
    "与纸质文书原件具有同等效力，可以作为行政管理、服务和执法的依据。"
)
"""The law's own words, printed on every document."""
WITHOUT_SIGNATURE = (
    "效力来自条例的规定，不来自签名：数字签名是本平台增设的，用来查验文件是否被改动；没有签名的电子文书，不因此无效。"
)


class DocumentKind(models.TextChoices):
    """The three classes that the regulation names."""

    PAPER = "paper", _("文书")
    LICENCE = "licence", _("证照")
    CONTRACT = "contract", _("合同")


class DocumentStatus(models.TextChoices):
    """Where a document stands. Whether it has run out is a matter of its period, not of this."""

    ISSUED = "issued", _("有效")
    REVOKED = "revoked", _("已撤销")


_ISSUED = frozenset({DocumentStatus.ISSUED})

EDOCUMENT_WORKFLOW = Workflow(
    Transition(
        verb="take-document",
        label="取用",
        past="取用电子文书",
        sources=_ISSUED,
        target=None,
        basis=AS_THE_ORIGINAL,
        consequence="取用即时登记：谁、什么时候、凭哪一授权、为哪一事项。取用后可以下载文件和取用证明。",
    ),
    Transition(
        verb="revoke-document",
        label="撤销",
        past="撤销电子文书",
        sources=_ISSUED,
        target=DocumentStatus.REVOKED,
        basis=AS_THE_ORIGINAL,
        dangerous=True,
        consequence="撤销即时生效，不能恢复：核验显示「已撤销」，不能再取用，取用过的机关收到通知。须说明理由。",
    ),
    states={value: str(label) for value, label in DocumentStatus.choices},
)
