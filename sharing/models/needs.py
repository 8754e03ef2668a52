"""Data that an agency needs and finds in no catalogue, and whom it was put to (第四条第二款、第十一条第二款)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogAdjustment, CatalogEntry, UpdateCycle
from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.cases import TimedCase
from sharing.needs.workflow import NeedStatus


class DataNeed(TimedCase):
    """Data that an agency needs for its duties and that nobody has catalogued yet, and what became of it (ours).

    ``items``: what is wanted, by name, in the agency's own words. ``suspected``: whose it may be. ``provider``: who was
    confirmed as responsible last. ``entry``: the entry that holds the data, or is to; ``adjustment``: the event that
    was declared where an entry in force is to be changed for it. ``reasons``: of the last step.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    requester = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="data_needs", verbose_name=_("需求机关")
    )
    title = models.CharField(_("需要的数据"), max_length=200)
    content = models.TextField(_("内容说明"), max_length=2000, blank=True)
    items = models.JSONField(_("需要的信息项"))
    duty = models.CharField(_("所履行的职责"), max_length=300)
    duty_basis = models.CharField(_("职责依据"), max_length=300)
    purpose = models.TextField(_("用途"), max_length=1000)
    update_cycle = models.CharField(_("需要的更新周期"), max_length=12, choices=UpdateCycle)
    suspected = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("可能的提供机关")
    )
    is_unlisted = models.BooleanField(_("不列入公开的需求清单"), default=False)
    status = models.CharField(_("状态"), max_length=12, choices=NeedStatus, default=NeedStatus.SUBMITTED)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出人"))
    submitted_on = models.DateField(_("提出之日"))
    submitted_at = models.DateTimeField(_("提出时间"))
    confirmed_on = models.DateField(_("首次确认之日"), null=True, blank=True)
    provider = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_needs_received",
        verbose_name=_("责任机关"),
    )
    entry = models.ForeignKey(
        CatalogEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_needs",
        verbose_name=_("目录条目"),
    )
    adjustment = models.ForeignKey(
        CatalogAdjustment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("目录调整")
    )
    reasons = models.TextField(_("意见和理由"), max_length=5000, blank=True)
    ended_on = models.DateField(_("办结日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("数据需求")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "rejected", "withdrawn"]) | Q(provider__isnull=False),
                name="sharing_a_need_has_who_is_responsible",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["covered", "met", "withheld"]) | Q(entry__isnull=False),
                name="sharing_a_need_ends_with_its_entry",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(reasons=""), name="sharing_a_need_is_rejected_with_reasons"
            ),
        ]
        indexes = [
            models.Index(fields=["requester", "status"], name="sharing_need_of_requester"),
            models.Index(fields=["provider", "status"], name="sharing_need_of_provider"),
            models.Index(fields=["next_due_on", "-submitted_at", "-id"], name="sharing_need_by_due_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page, for the parties and for those who supervise them."""
        return reverse("sharing:need", args=[self.number])

    @property
    def status_label(self) -> str:
        """Where it stands, in words."""
        return str(NeedStatus(self.status).label)


class NeedAnswer(models.TextChoices):
    """What an agency says that was confirmed as responsible."""

    CATALOGUE = "catalogue", _("编制目录")
    COVERED = "covered", _("目录中已有")
    DENIED = "denied", _("不属于本机关")


class NeedAssignment(models.Model):
    """That a need was put to an agency as responsible, and what it answered; taken back where it was silent.

    ``draft_answer`` and what follows it: an answer prepared in the agency and not given yet. Its papers are files of
    this row, before the answer the agency's own.
    """

    need = models.ForeignKey(DataNeed, on_delete=models.CASCADE, related_name="assignments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任机关"))
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assigned_on = models.DateField(_("确认日期"))
    reasons = models.TextField(_("确认的理由"), max_length=5000, blank=True)
    is_final = models.BooleanField(_("再次确认，不能退回"), default=False)
    answer = models.CharField(_("答复"), max_length=10, choices=NeedAnswer, blank=True)
    answer_reasons = models.TextField(_("答复的说明"), max_length=5000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_on = models.DateField(_("答复日期"), null=True, blank=True)
    draft_answer = models.CharField(_("拟答复"), max_length=10, choices=NeedAnswer, blank=True)
    draft_reasons = models.TextField(_("拟写的说明"), max_length=5000, blank=True)
    draft_entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("拟指明的条目")
    )
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    drafted_at = models.DateTimeField(_("拟写时间"), null=True, blank=True)
    taken_back_on = models.DateField(_("收回日期"), null=True, blank=True)
    taken_back_reasons = models.TextField(_("收回的理由"), max_length=5000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("责任机关的确认")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="sharing_an_answer_to_a_need_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(answer="denied") | ~Q(answer_reasons=""), name="sharing_a_need_is_denied_with_reasons"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_on=None, taken_back_reasons="")
                | (Q(answer="", taken_back_on__isnull=False) & ~Q(taken_back_reasons="")),
                name="sharing_a_silent_need_is_taken_back_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} → {self.agency_id}"

    @property
    def is_open(self) -> bool:
        """Whether the agency still owes its answer, as far as the need itself goes on."""
        return not self.answer and self.taken_back_on is None
