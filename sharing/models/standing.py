"""Standing authorisations for kinds of agency (第十五条第二款「根据授权」); who joins the kind later has them too."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from sharing.workflow import GrantStatus


class StandingAuthorisation(models.Model):
    """An entry opened in advance to kinds of agency. Each agency of the kind has a grant under it, by which it reads.

    ``kinds`` (values of ``Agency.Kind``, or ``authority``), ``levels`` and ``regions`` (codes, with all below) narrow
    it down together; an empty list does not narrow. While it is suspended no grant under it reads.
    """

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="authorisations", verbose_name=_("目录条目")
    )
    title = models.CharField(_("资源名称"), max_length=200)
    kinds = models.JSONField(_("机关性质"), default=list, blank=True)
    levels = models.JSONField(_("机关层级"), default=list, blank=True)
    regions = models.JSONField(_("行政区划"), default=list, blank=True)
    items = models.JSONField(_("信息项"))
    row_condition = models.JSONField(_("数据范围"), default=list, blank=True)
    duty = models.CharField(_("所履行的职责"), max_length=300)
    purpose = models.TextField(_("用途"), max_length=1000)
    valid_from = models.DateField(_("有效期自"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    rows_per_day = models.PositiveBigIntegerField(_("每日行数上限"), null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("每分钟次数上限"), default=60)
    status = models.CharField(_("状态"), max_length=10, choices=GrantStatus, default=GrantStatus.ACTIVE)
    status_reasons = models.TextField(_("暂停、终止的理由"), max_length=2000, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("授权人"))
    granted_on = models.DateField(_("授权日期"))
    granted_at = models.DateTimeField(_("授权时间"))
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("按类别授权")
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="sharing_standing_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(status="active") | ~Q(status_reasons=""), name="sharing_standing_stopped_with_reasons"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | (~Q(status="ended") & Q(ended_on=None)),
                name="sharing_standing_ends_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["entry", "status"], name="sharing_standing_of_entry")]

    def __str__(self) -> str:
        return f"{self.title} {self.kinds} {self.levels} {self.regions}"

    def get_absolute_url(self) -> str:
        """Its page for the provider and for those it covers."""
        return reverse("sharing:standing", args=[self.pk])
