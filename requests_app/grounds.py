"""What proves a refusal: where was searched, whose the data is, where it is open, why treating it would not do."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency
from opendata.models import OpenDataset


class GroundProof(models.Model):
    """The proof that belongs to the ground; empty where the ground asks for another."""

    searched_on = models.DateField(_("检索日期"), null=True, blank=True)
    searched_where = models.TextField(_("检索了哪里"), max_length=1000, blank=True)
    holder = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("属于哪个机关")
    )
    dataset = models.ForeignKey(
        OpenDataset, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("已开放的数据集")
    )

    why_still_closed = models.TextField(_("为什么脱敏、脱密后仍不能开放"), max_length=2000, blank=True)
    """Of a state secret: whether it was declassified (第十八条第二款)."""

    class Meta:
        abstract = True
