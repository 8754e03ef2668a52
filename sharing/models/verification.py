"""What a grant lets its holder ask "is this so?" about, and how many wrong guesses an hour has seen (第十七条)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from sharing.models.grants import SharingGrant

SUBJECTS = 20
"""Subjects of one call, where the provider sets no other number."""
MISSES = 60
"""Answers of an hour that may be "no", where the provider sets no other number."""


class VerificationTerms(models.Model):
    """A grant's terms of verification: its items by code. A grant without them verifies nothing.

    ``key_items`` together name one subject and are all given. ``compared_items`` are compared with what the caller
    claims and never shown, so that they need not be granted. ``answered_items`` are told of the one subject.
    """

    grant = models.OneToOneField(
        SharingGrant, on_delete=models.CASCADE, primary_key=True, related_name="verification", verbose_name=_("授权")
    )
    key_items = models.JSONField(_("用以查找的信息项"))
    compared_items = models.JSONField(_("只核对不显示的信息项"), default=list, blank=True)
    answered_items = models.JSONField(_("可以答复的信息项"), default=list, blank=True)
    most_subjects = models.PositiveSmallIntegerField(_("每次最多核验"), default=SUBJECTS)
    most_misses = models.PositiveIntegerField(_("每小时不相符上限"), default=MISSES)
    rows_too = models.BooleanField(_("也可以查询和下载数据"), default=False)
    permitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("设定人"))
    permitted_at = models.DateTimeField(_("设定时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("核验范围")
        constraints = [
            models.CheckConstraint(
                condition=Q(most_subjects__gte=1) & Q(most_misses__gte=F("most_subjects")),
                name="sharing_a_call_fits_into_an_hour",
            )
        ]

    def __str__(self) -> str:
        return f"verification through grant {self.grant_id}"


class VerificationUse(models.Model):
    """How many answers of this hour were "no", for one grant or taking (``sharing.sharinggrant:5``)."""

    access = models.CharField(_("授权"), max_length=120, primary_key=True)
    hour = models.DateTimeField(_("小时"))
    misses = models.PositiveIntegerField(_("不相符"), default=0)
    told_hour = models.DateTimeField(_("已提醒的小时"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("核验不相符计数")

    def __str__(self) -> str:
        return f"{self.access} {self.misses}"
