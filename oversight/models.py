"""Runs of the sweep, escalations, findings of breaches, orders to correct (第四条、第二十九条、第三十条)."""

from __future__ import annotations

import datetime as dt
from functools import cache

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.models import Clock
from oversight.complaints.models import (
    Complaint,
    ComplaintNote,
    ComplaintQuestion,
    ComplaintReceipt,
    ComplaintStatement,
    ComplaintTransfer,
    RepeatedDemand,
)
from oversight.exports.models import LedgerExport
from oversight.rulebook.models import CalendarProposal, Recount, RuleProposal
from oversight.workflow import EscalationStatus, FindingStatus, OrderStatus, RecommendationStatus

__all__ = [
    "Breach",
    "CalendarProposal",
    "Complaint",
    "ComplaintNote",
    "ComplaintQuestion",
    "ComplaintReceipt",
    "ComplaintStatement",
    "ComplaintTransfer",
    "DisciplineRecommendation",
    "Escalation",
    "Finding",
    "LedgerExport",
    "Recount",
    "RectificationOrder",
    "RepeatedDemand",
    "RuleProposal",
    "SweepRun",
    "Urging",
]


class Breach(models.IntegerChoices):
    """The nine items of 第三十条."""

    PLATFORM = 1, _("不按照规定建设共享平台、开放平台")
    COLLECTING = 2, _("不按照规定采集、更新政府数据")
    CATALOGUE = 3, _("不按照规定编制、更新目录")
    REPORTING = 4, _("不按照规定汇总、上报目录")
    QUALITY = 5, _("提供不真实、不准确、不完整政府数据")
    REQUESTS = 6, _("不按照规定受理、答复、复核或者反馈政府数据共享或者开放需求申请")
    REPEATED_DEMAND = 7, _("要求申请人重复提交能够通过共享平台获取政府数据")
    COMPLAINTS = 8, _("无故不受理或者处理公民、法人和其他组织投诉举报")
    OTHER = 9, _("违反本条例规定的其他行为")


class SweepRun(models.Model):
    """One run of the sweep: for monitoring, kept for some weeks. What it did stands in the ledger."""

    started_at = models.DateTimeField(_("开始"))
    finished_at = models.DateTimeField(_("结束"), null=True, blank=True)
    on = models.DateField(_("日期"))
    clocks = models.PositiveIntegerField(_("期限数"), default=0)
    rungs = models.PositiveIntegerField(_("触发数"), default=0)
    failures = models.PositiveIntegerField(_("失败数"), default=0)
    notes = models.JSONField(_("说明"), default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("期限巡查")
        ordering = ["-id"]
        indexes = [models.Index(fields=["-finished_at"], name="oversight_sweep_finished")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.rungs}"


@cache
def _escalation_page() -> str:
    """The address of an escalation's page with a place for its id: a sweep names thousands of them."""
    return reverse("oversight:escalation", args=[0]).replace("/0/", "/%d/")


class Escalation(models.Model):
    """A clock that ran out, brought before an agency; it stays until dealt with, even when the clock has stopped."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="escalations", verbose_name=_("期限"))
    to_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="escalations", verbose_name=_("报送机关")
    )
    rung = models.CharField(_("最近一次"), max_length=20)
    times = models.PositiveSmallIntegerField(_("上报次数"), default=1)
    basis = models.CharField(_("依据"), max_length=200)
    status = models.CharField(_("状态"), max_length=10, choices=EscalationStatus, default=EscalationStatus.OPEN)
    opened_at = models.DateTimeField(_("上报时间"))
    opened_on = models.DateField(_("上报日期"))
    conclusion = models.TextField(_("处理结果"), blank=True, max_length=3000)
    concluded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    concluded_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("逾期上报")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "to_agency"], name="oversight_one_escalation_an_agency"),
            models.CheckConstraint(
                condition=~Q(status=EscalationStatus.CONCLUDED.value) | ~Q(conclusion=""),
                name="oversight_concluded_with_words",
            ),
        ]
        indexes = [models.Index(fields=["to_agency", "status"], name="oversight_escalation_to")]

    def __str__(self) -> str:
        return f"{self.clock.number} → {self.to_agency.short_name}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return _escalation_page() % self.pk

    def days_late(self, on: dt.date) -> int:
        """Days late on a day, or on the day the clock stopped."""
        return max(((self.clock.stopped_on or on) - self.clock.due_on).days, 0)


class Urging(models.Model):
    """One urging (督办) of an overdue case, with its words."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="urgings")
    words = models.TextField(_("督办意见"), max_length=3000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("督办")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.escalation_id} {self.at:%Y-%m-%d}"


class Finding(models.Model):
    """A breach under one of the nine items of 第三十条: drafted, then confirmed or dismissed by a person.

    It rests on a clock that ran out, or on a complaint that a receiver looked into.
    """

    clock = models.ForeignKey(
        Clock, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("期限")
    )
    complaint = models.ForeignKey(
        ComplaintReceipt,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("投诉举报"),
    )
    item = models.PositiveSmallIntegerField(_("情形"), choices=Breach)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="findings", verbose_name=_("机关"))
    status = models.CharField(_("状态"), max_length=10, choices=FindingStatus, default=FindingStatus.DRAFT)
    drafted_at = models.DateTimeField(_("草拟时间"))
    note = models.TextField(_("认定意见"), blank=True, max_length=3000)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("认定时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("违规情形认定")
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "item", "agency"], name="oversight_one_finding_an_item"),
            models.UniqueConstraint(fields=["complaint", "item", "agency"], name="oversight_one_finding_a_complaint"),
            models.CheckConstraint(
                condition=Q(clock__isnull=False, complaint=None) | Q(clock=None, complaint__isnull=False),
                name="oversight_a_finding_rests_on_one_thing",
            ),
            models.CheckConstraint(condition=Q(item__range=(1, 9)), name="oversight_one_of_nine_items"),
            models.CheckConstraint(
                condition=~Q(
                    status__in=[
                        FindingStatus.CONFIRMED.value,
                        FindingStatus.DISMISSED.value,
                        FindingStatus.ORDERED.value,
                    ]
                )
                | Q(decided_by__isnull=False),
                name="oversight_a_person_decides_a_finding",
            ),
        ]
        indexes = [models.Index(fields=["agency", "status"], name="oversight_finding_agency")]

    def __str__(self) -> str:
        return f"{self.agency.short_name} 第三十条第（{self.item}）项 {self.number}"

    @property
    def number(self) -> str:
        """The number of the case it rests on."""
        return self.clock.number if self.clock else self.receipt.complaint.number

    @property
    def title(self) -> str:
        """What the case it rests on is called."""
        return self.clock.title if self.clock else self.receipt.complaint.title

    @property
    def receipt(self) -> ComplaintReceipt:
        """The complaint it rests on, where it rests on no clock."""
        if self.complaint is None:
            raise ValueError(f"finding {self.pk} rests on a clock")
        return self.complaint

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("oversight:finding", args=[self.pk])


class RectificationOrder(models.Model):
    """An order of the superior or the supervisory organ to correct within a time, with its circular (第三十条)."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="order", verbose_name=_("认定"))
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="orders", verbose_name=_("被责令机关"))
    ordered_by_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="orders_given", verbose_name=_("责令机关")
    )
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("经办人"))
    ordered_at = models.DateTimeField(_("责令时间"))
    ordered_on = models.DateField(_("责令之日"))
    due_on = models.DateField(_("改正期限"))
    text = models.TextField(_("改正要求"), max_length=5000)
    circular = models.TextField(_("通报批评"), max_length=5000)
    status = models.CharField(_("状态"), max_length=10, choices=OrderStatus, default=OrderStatus.ORDERED)
    report = models.TextField(_("改正情况"), blank=True, max_length=5000)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(_("报告时间"), null=True, blank=True)
    reported_on = models.DateField(_("报告之日"), null=True, blank=True)
    answer = models.TextField(_("认可意见"), blank=True, max_length=3000)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("责令限期改正")
        ordering = ["-ordered_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gt=F("ordered_on")), name="oversight_order_leaves_time"),
            models.CheckConstraint(condition=~Q(agency=F("ordered_by_agency")), name="oversight_nobody_orders_itself"),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.ORDERED.value) | Q(reported_on__isnull=False),
                name="oversight_a_report_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("oversight:order", args=[self.number])


class DisciplineRecommendation(models.Model):
    """What the superior or the supervisory organ decides when nothing was corrected in time (第三十条)."""

    order = models.OneToOneField(RectificationOrder, on_delete=models.PROTECT, related_name="recommendation")
    status = models.CharField(
        _("状态"), max_length=10, choices=RecommendationStatus, default=RecommendationStatus.DRAFT
    )
    drafted_at = models.DateTimeField(_("草拟时间"))
    text = models.TextField(_("建议"), blank=True, max_length=5000)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("处分建议")
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=[RecommendationStatus.ISSUED.value, RecommendationStatus.DROPPED.value])
                | (Q(decided_by__isnull=False) & ~Q(text="")),
                name="oversight_a_person_decides_discipline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order.number} {self.status}"
