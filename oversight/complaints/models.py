"""Complaints by the public, one row per receiver (第二十九条). Who complains, what about whom, is encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import decrypt
from guiyang_data.statute.cases import TimedCase
from oversight.workflow import ReceiptStatus
from requests_app.models import Contactable
from sharing.models import ServiceMatter


class Concern(models.TextChoices):
    """What a complaint is about, in words that tell nothing of a person."""

    OVERDUE = "overdue", _("到期没有答复")
    REFUSAL = "refusal", _("应当开放、共享而不开放、不共享")
    QUALITY = "quality", _("数据不真实、不准确、不更新")
    REPEATED_DEMAND = "repeated-demand", _("要求重复提交能够通过平台获取的材料")
    CONDUCT = "conduct", _("工作人员不依法履行职责")
    OTHER = "other", _("其他不依法履行职责的情形")


class Capacity(models.TextChoices):
    """As what an organ receives (第二十九条)."""

    SUPERIOR = "superior", _("上级行政机关")
    SUPERVISORY = "supervisory", _("监察机关")
    AUTHORITY = "authority", _("市大数据主管部门")


class Outcome(models.TextChoices):
    """What the investigation came to."""

    FOUNDED = "founded", _("属实")
    IN_PART = "in-part", _("部分属实")
    UNFOUNDED = "unfounded", _("不属实")


FOUND = frozenset({Outcome.FOUNDED.value, Outcome.IN_PART.value})


def opened(cipher: str) -> str:
    """What an encrypted field holds; empty where nothing is stored."""
    return decrypt(cipher) if cipher else ""


class Complaint(Contactable):
    """That an agency or an official does not do its duty under the regulation (第二十九条)."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    complainant = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("账号")
    )
    anonymous = models.BooleanField(_("匿名"), default=False)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("被投诉举报的机关")
    )
    official_encrypted = models.TextField(_("被投诉举报的工作人员（加密）"), blank=True)
    concern = models.CharField(_("情形"), max_length=16, choices=Concern)
    matter_encrypted = models.TextField(_("事实（加密）"))
    case_number = models.CharField(_("相关事项编号"), max_length=60, blank=True)
    submitted_at = models.DateTimeField(_("提出时间"))
    submitted_on = models.DateField(_("收到之日"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("投诉举报")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymous=False)
                | Q(complainant=None, name_encrypted="", mail_encrypted="", phone_encrypted=""),
                name="oversight_anonymous_leaves_no_name",
            ),
            models.CheckConstraint(condition=~Q(matter_encrypted=""), name="oversight_complaint_says_what"),
        ]
        indexes = [models.Index(fields=["agency"], name="oversight_complaint_about")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The complainant's own page."""
        return reverse("oversight:complaint", args=[self.number])

    @property
    def title(self) -> str:
        """What lists and clocks call it: no agency, no person."""
        return f"投诉举报：{Concern(self.concern).label}"

    @property
    def matter(self) -> str:
        """The facts as told."""
        return opened(self.matter_encrypted)

    @property
    def official(self) -> str:
        """The official complained about, where one was named."""
        return opened(self.official_encrypted)


class ComplaintReceipt(TimedCase):
    """A complaint with one of its receivers, who handles it itself; its target never does (第二十九条)."""

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("投诉举报")
    )
    capacity = models.CharField(_("身份"), max_length=12, choices=Capacity)
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="complaint_receipts",
        verbose_name=_("接收机关"),
    )
    outside_name = models.CharField(_("平台之外的机关"), max_length=120, blank=True)
    keeper = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="complaints_kept", verbose_name=_("办理或者转送的机关")
    )
    status = models.CharField(_("状态"), max_length=16, choices=ReceiptStatus, default=ReceiptStatus.SUBMITTED)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    outcome = models.CharField(_("调查结论"), max_length=10, choices=Outcome, blank=True)
    item = models.PositiveSmallIntegerField(_("第三十条的情形"), null=True, blank=True)
    result_encrypted = models.TextField(_("处理结果（加密）"), blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("反馈时间"), null=True, blank=True)
    decided_on = models.DateField(_("反馈日期"), null=True, blank=True)
    due_on = models.DateField(_("应反馈日期"), null=True, blank=True)
    handed_off_to = models.CharField(_("收件人"), max_length=120, blank=True)
    handed_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handed_off_on = models.DateField(_("转送日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("投诉举报的接收")
        ordering = ["complaint", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "agency"], condition=Q(agency__isnull=False), name="oversight_received_once"
            ),
            models.CheckConstraint(
                condition=Q(agency__isnull=False, outside_name="") | Q(agency=None) & ~Q(outside_name=""),
                name="oversight_a_receiver_inside_or_outside",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ReceiptStatus.ANSWERED.value, ReceiptStatus.DECLINED.value])
                | Q(decided_by__isnull=False, decided_on__isnull=False) & ~Q(result_encrypted=""),
                name="oversight_a_complaint_is_answered_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReceiptStatus.ANSWERED.value) | ~Q(outcome=""),
                name="oversight_an_answer_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReceiptStatus.HANDED_OFF.value)
                | Q(handed_off_on__isnull=False, handed_off_by__isnull=False) & ~Q(handed_off_to=""),
                name="oversight_a_hand_off_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(item=None) | Q(item__range=(1, 9)), name="oversight_complaint_item_is_one_of_nine"
            ),
        ]
        indexes = [models.Index(fields=["keeper", "status"], name="oversight_receipt_keeper")]

    def __str__(self) -> str:
        return f"{self.complaint.number} → {self.receiver_name}"

    def get_absolute_url(self) -> str:
        """The page of those who handle it."""
        return reverse("oversight:receipt", args=[self.pk])

    @property
    def receiver_name(self) -> str:
        """Who received it, in the portal or outside."""
        return self.agency.name if self.agency else self.outside_name

    @property
    def title(self) -> str:
        """What lists and clocks call it. One agency may keep those of several receivers outside: they differ."""
        return f"{self.complaint.title}（转送{self.outside_name}）" if self.is_outside else self.complaint.title

    @property
    def is_outside(self) -> bool:
        """Whether its receiver does not work in the portal."""
        return self.agency_id is None

    @property
    def result(self) -> str:
        """The reasons of the answer or the refusal."""
        return opened(self.result_encrypted)


class ComplaintQuestion(models.Model):
    """A question of a receiver to the complainant, who may answer or not. It stops no clock."""

    receipt = models.ForeignKey(ComplaintReceipt, on_delete=models.CASCADE, related_name="questions")
    text_encrypted = models.TextField(_("询问（加密）"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("询问时间"))
    answer_encrypted = models.TextField(_("回答（加密）"), blank=True)
    answered_at = models.DateTimeField(_("回答时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("向投诉举报人的询问")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.asked_at}"

    @property
    def text(self) -> str:
        """What is asked."""
        return opened(self.text_encrypted)

    @property
    def answer(self) -> str:
        """What the complainant answered."""
        return opened(self.answer_encrypted)


class ComplaintStatement(models.Model):
    """A statement asked of the agency complained about, in the receiver's words: it never learns who complained."""

    receipt = models.ForeignKey(ComplaintReceipt, on_delete=models.CASCADE, related_name="statements")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("被要求说明的机关"))
    matter = models.TextField(_("要求说明的事项"), max_length=3000)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("要求时间"))
    text = models.TextField(_("说明"), max_length=5000, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(_("说明时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("被投诉举报机关的说明")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_at=None, given_by=None) | Q(given_at__isnull=False) & ~Q(text=""),
                name="oversight_a_statement_says_something",
            ),
        ]
        indexes = [models.Index(fields=["agency", "given_at"], name="oversight_statement_owed")]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.asked_at}"

    def get_absolute_url(self) -> str:
        """The page on which the agency gives it."""
        return reverse("oversight:statement", args=[self.pk])


class ComplaintNote(models.Model):
    """A note of the investigation, for those who handle the complaint alone."""

    receipt = models.ForeignKey(ComplaintReceipt, on_delete=models.CASCADE, related_name="notes")
    text_encrypted = models.TextField(_("调查记录（加密）"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("调查记录")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.at}"

    @property
    def text(self) -> str:
        """What was found out."""
        return opened(self.text_encrypted)


class ComplaintTransfer(models.Model):
    """A complaint handed to the organ that is competent. The clock goes on."""

    receipt = models.ForeignKey(ComplaintReceipt, on_delete=models.CASCADE, related_name="transfers")
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    to_name = models.CharField(_("移送给"), max_length=120)
    reasons = models.TextField(_("理由"), max_length=3000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transferred_on = models.DateField(_("移送日期"))

    class Meta:
        verbose_name = verbose_name_plural = _("投诉举报的移送")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.receipt_id} → {self.to_name}"


class RepeatedDemand(models.Model):
    """The matter and the materials that a complaint is about, where it is about a repeated demand (第十六条第二款)."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="demand")
    matter = models.ForeignKey(
        ServiceMatter, on_delete=models.PROTECT, related_name="reports", verbose_name=_("政务服务事项")
    )
    materials = models.JSONField(_("材料"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("重复提交的反映")

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.matter_id}"
