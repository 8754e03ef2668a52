"""What agencies tie together: like requests that point to each other, and one text that answers many."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency, User
from requests_app.grounds import GroundProof
from requests_app.workflow import BatchStatus

UNENDED = [BatchStatus.IN_APPROVAL.value, BatchStatus.DELIVERING.value]


class RequestLink(models.Model):
    """Two requests for the same. Each keeps its clock, its reply and its review; the link only points."""

    first = models.ForeignKey("requests_app.OpenRequest", on_delete=models.PROTECT, related_name="links_onward")
    second = models.ForeignKey("requests_app.OpenRequest", on_delete=models.PROTECT, related_name="links_back")
    reasons = models.TextField(_("说明"), max_length=500, blank=True)
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("关联人"))
    linked_at = models.DateTimeField(_("关联时间"))
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    undone_reasons = models.TextField(_("解除的理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("相同申请的关联")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="requests_link_from_earlier_to_later"),
            models.UniqueConstraint(
                fields=["first", "second"], condition=Q(undone_at=None), name="requests_linked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="requests_link_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class ReplyBatch(GroundProof):
    """One text drafted for many requests; each gets a reply of its own, and a second person delivers them."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("答复机关"))
    status = models.CharField(_("状态"), max_length=12, choices=BatchStatus, default=BatchStatus.IN_APPROVAL)
    outcome = models.CharField(_("结论"), max_length=14)
    agreed_to = models.CharField(_("同意的方式"), max_length=4, blank=True)
    agreed_part = models.TextField(_("同意的部分"), max_length=2000, blank=True)
    ground = models.CharField(_("不同意的情形"), max_length=12, blank=True)
    ground_basis = models.TextField(_("依据或者证明"), max_length=2000, blank=True)
    reasons = models.TextField(_("理由"), max_length=5000, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("起草人"))
    drafted_at = models.DateTimeField(_("起草时间"))
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Who approved the delivery, or sent all back."""
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    seen_at = models.DateTimeField(_("送达进程最近一次活动"), null=True, blank=True)
    """A sign of life of the worker that delivers; None while no worker has it."""
    tries = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    """Since a reply was last seen to."""
    ended_at = models.DateTimeField(_("送达或者退回时间"), null=True, blank=True)
    return_reasons = models.TextField(_("退回理由"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("一并答复")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=[BatchStatus.DELIVERING.value, BatchStatus.DELIVERED.value])
                | Q(ended_by__isnull=False) & ~Q(ended_by=F("drafted_by")),
                name="requests_batch_delivered_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNENDED, ended_at=None) | (~Q(status__in=UNENDED) & Q(ended_at__isnull=False)),
                name="requests_batch_ended_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "status"], name="requests_batches_of_agency"),
            models.Index(
                fields=["seen_at"], condition=Q(status=BatchStatus.DELIVERING), name="requests_batches_delivering"
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    def get_absolute_url(self) -> str:
        """The page of those who draft and approve it."""
        return reverse("requests_app:work-batch", args=[self.pk])


class BatchItem(models.Model):
    """One request of a batch, the words added for it alone, and what became of it."""

    class Result(models.TextChoices):
        DRAFTED = "drafted", _("待送达")
        DELIVERED = "delivered", _("已送达")
        RETURNED = "returned", _("已退回")
        LEFT_OUT = "left-out", _("没有一并答复")

    batch = models.ForeignKey(ReplyBatch, on_delete=models.CASCADE, related_name="items")
    request = models.ForeignKey("requests_app.OpenRequest", on_delete=models.PROTECT, related_name="batch_items")
    addition = models.TextField(_("单独补充"), max_length=500, blank=True)
    was_drafted = models.BooleanField(_("起草过"), default=True)
    """False where the draft already did not reach it."""
    result = models.CharField(_("结果"), max_length=10, choices=Result, default=Result.DRAFTED)
    why = models.CharField(_("没有一并答复的原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("一并答复的申请")
        ordering = ["request"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "request"], name="requests_once_in_a_batch"),
            models.CheckConstraint(condition=~Q(result="left-out") | ~Q(why=""), name="requests_left_out_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.request_id} {self.result}"
