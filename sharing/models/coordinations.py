"""Coordinations by the municipal authority (第十五条第三款)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from sharing.models.applications import SharingApplication
from sharing.workflow import COORDINATION_IN_HAND, CoordinationStatus


class Coordination(models.Model):
    """The municipal authority's coordination of a refusal, whole or in part, or of silence (第十五条第三款)."""

    class Cause(models.TextChoices):
        REFUSED = "refused", _("不同意提供")
        IN_PART = "in-part", _("部分不同意提供")
        SILENCE = "silence", _("逾期未答复（本平台增设的情形）")

    class Opinion(models.TextChoices):
        PROVIDE = "provide", _("应当提供")
        KEEP = "keep", _("可以不提供")

    number = models.CharField(_("编号"), max_length=20, unique=True)
    application = models.ForeignKey(
        SharingApplication, on_delete=models.PROTECT, related_name="coordinations", verbose_name=_("共享申请")
    )
    cause = models.CharField(_("缘由"), max_length=8, choices=Cause)
    reasons = models.TextField(_("确需使用的理由"), max_length=5000)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_on = models.DateField(_("提请日期"))
    requested_at = models.DateTimeField(_("提请时间"))
    status = models.CharField(_("状态"), max_length=16, choices=CoordinationStatus, default=CoordinationStatus.OPEN)
    requester_statement = models.TextField(_("需求机关的陈述"), max_length=5000, blank=True)
    provider_statement = models.TextField(_("提供机关的陈述"), max_length=5000, blank=True)
    hearing = models.TextField(_("听取提供机关意见的情况"), max_length=2000, blank=True)
    opinion = models.CharField(_("协调意见"), max_length=8, choices=Opinion, blank=True)
    opinion_items = models.JSONField(_("应当提供的信息项"), default=list, blank=True)
    opinion_keeps = models.JSONField(_("可以保留的限定"), default=list, blank=True)
    opinion_text = models.TextField(_("意见内容"), max_length=5000, blank=True)
    concluded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    concluded_at = models.DateTimeField(_("出具时间"), null=True, blank=True)
    escalation_reasons = models.TextField(_("报请的理由"), max_length=5000, blank=True)
    escalated_at = models.DateTimeField(_("报请时间"), null=True, blank=True)
    decided_by_government = models.BooleanField(_("市人民政府已决定"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("共享协调")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=sorted(status.value for status in COORDINATION_IN_HAND)),
                name="sharing_one_coordination_in_hand",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page for both agencies and the coordinators."""
        return reverse("sharing:coordination", args=[self.number])

    @property
    def is_in_hand(self) -> bool:
        """Whether it has not ended."""
        return self.status in COORDINATION_IN_HAND
