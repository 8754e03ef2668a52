"""What ties requests together that were filed as one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JointFiling(models.Model):
    """One filing that asks several agencies (第二十一条第一款): a request, a reply and a clock for each of them."""

    filed_at = models.DateTimeField(_("提出时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("一并申请")

    def __str__(self) -> str:
        return f"joint filing {self.pk}"
