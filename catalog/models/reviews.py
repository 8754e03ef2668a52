"""Confidentiality reviews (第二十四条) and events that make the catalogue change (第十三条第二款)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.entries import CatalogEntry, EntryRevision
from catalog.workflow import ReviewOutcome
from guiyang_data.accounts.models import Agency, User


class ConfidentialityReview(models.Model):
    """A recorded confidentiality review by a second person, before anything is shared or opened (第二十四条)."""

    class Scope(models.TextChoices):
        SHARING = "sharing", _("共享")
        OPENING = "opening", _("开放")

    Outcome = ReviewOutcome

    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="confidentiality_reviews")
    scope = models.CharField(_("范围"), max_length=8, choices=Scope)
    outcome = models.CharField(_("结论"), max_length=8, choices=Outcome, default=Outcome.WAITING)
    opinion = models.TextField(_("审查意见"), blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("提请时间"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("审查时间"), null=True, blank=True)
    plan = models.JSONField(_("随审材料"), default=dict, blank=True)
    substance = models.CharField(_("审查内容"), max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("保密审查")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="catalog_reviewed_by_a_second_person"
            ),
            models.UniqueConstraint(
                fields=["revision", "scope"], condition=Q(outcome="waiting"), name="catalog_one_review_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.scope} {self.outcome}"

    def get_absolute_url(self) -> str:
        """The page on which it is decided."""
        return f"/desk/catalog/confidentiality/{self.pk}/"


class CatalogAdjustment(models.Model):
    """An event that makes the catalogue change within 15 days (第十三条第二款)."""

    class EventKind(models.TextChoices):
        LAW = "law", _("法律法规修改")
        FUNCTION = "function", _("行政管理职能变化")
        OTHER = "other", _("其他涉及目录调整的情形")
        DATA = "data", _("数据发生变化，目录本身不变")

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(_("情形"), max_length=8, choices=EventKind)
    event_on = models.DateField(_("发生之日"))
    occasion = models.UUIDField(
        _("同一情形"), null=True, blank=True, db_index=True, help_text=_("一次登记涉及的各条目共用")
    )
    promulgated_on = models.DateField(
        _("公布之日"), null=True, blank=True, help_text=_("法律法规修改的；期限自其施行之日起算")
    )
    other_on = models.DateField(_("另行规定的日期"), null=True, blank=True)
    other_basis = models.CharField(_("另行规定的依据"), max_length=300, blank=True)
    document = models.CharField(_("文件"), max_length=300, blank=True)
    description = models.TextField(_("说明"), max_length=3000)
    collector = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("涉及的采集机关"),
        help_text=_("涉及哪一机关采集的信息项；为空的，是提供机关自己的"),
    )
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(_("登记时间"))
    closed_by_revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="adjustments"
    )
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("目录调整")
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(other_on=None) | ~Q(other_basis=""), name="catalog_another_day_has_its_basis"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.event_on}"

    @property
    def clock_kind(self) -> str:
        """The catalogue has 15 days; data alone is to be changed promptly (第十三条第二款)."""
        return "data-change" if self.kind == self.EventKind.DATA else "catalog-update"
