"""Applications, grants, takings and coordinations between agencies (第十四条至第十七条)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.statute.cases import TimedCase
from sharing.workflow import (
    COORDINATION_IN_HAND,
    ApplicationStatus,
    CoordinationStatus,
    GrantStatus,
)


class Frequency(models.TextChoices):
    """How often the requester will read."""

    ONCE = "once", _("一次性")
    DAILY = "daily", _("每日")
    WEEKLY = "weekly", _("每周")
    MONTHLY = "monthly", _("每月")
    QUARTERLY = "quarterly", _("每季度")
    ON_DEMAND = "on-demand", _("办理事项时按需")


class ApplicationOutcome(models.TextChoices):
    """What a reply says."""

    AGREE = "agree", _("同意")
    AGREE_IN_PART = "agree-in-part", _("部分同意")
    REFUSE = "refuse", _("不同意")


class SharingApplication(TimedCase):
    """An application for conditionally shared data, and the provider's reply (第十五条第二款).

    ``items``, ``granted_items``: codes of information items. ``row_condition``: list of ``{code, operator, value}``.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="sharing_applications", verbose_name=_("目录条目")
    )
    title = models.CharField(_("资源名称"), max_length=200)
    provider = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="sharing_applications_received", verbose_name=_("提供机关")
    )
    requester = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="sharing_applications", verbose_name=_("需求机关")
    )
    items = models.JSONField(_("申请的信息项"))
    duty = models.CharField(_("所履行的职责"), max_length=300)
    duty_basis = models.CharField(_("职责依据"), max_length=300)
    purpose = models.TextField(_("用途"), max_length=1000)
    use_case = models.TextField(_("应用场景"), max_length=2000, blank=True)
    row_condition = models.JSONField(_("数据范围"), default=list, blank=True)
    period_from = models.DateField(_("使用期限自"))
    period_until = models.DateField(_("使用期限至"))
    frequency = models.CharField(_("使用频次"), max_length=10, choices=Frequency, default=Frequency.ON_DEMAND)
    system = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调用系统")
    )
    status = models.CharField(_("状态"), max_length=20, choices=ApplicationStatus, default=ApplicationStatus.SUBMITTED)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人"))
    submitted_on = models.DateField(_("申请之日"))
    submitted_at = models.DateTimeField(_("申请时间"))
    draft_outcome = models.CharField(_("拟答复"), max_length=14, choices=ApplicationOutcome, blank=True)
    draft_items = models.JSONField(_("拟同意的信息项"), default=list, blank=True)
    draft_reasons = models.TextField(_("拟写的理由"), max_length=5000, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    drafted_at = models.DateTimeField(_("拟写时间"), null=True, blank=True)
    outcome = models.CharField(_("答复"), max_length=14, choices=ApplicationOutcome, blank=True)
    granted_items = models.JSONField(_("同意的信息项"), default=list, blank=True)
    reasons = models.TextField(_("理由"), max_length=5000, blank=True)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replied_on = models.DateField(_("答复日期"), null=True, blank=True)
    replied_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    due_on = models.DateField(_("应答复日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("共享申请")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(provider=F("requester")), name="sharing_asks_another_agency"),
            models.CheckConstraint(condition=Q(period_until__gte=F("period_from")), name="sharing_period_ends_later"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "agree"]) | ~Q(reasons=""), name="sharing_refusal_has_its_reasons"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", replied_on=None) | (~Q(outcome="") & Q(replied_on__isnull=False)),
                name="sharing_reply_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["requester", "status"], name="sharing_app_of_requester"),
            models.Index(fields=["provider", "status"], name="sharing_app_of_provider"),
            models.Index(fields=["next_due_on", "-submitted_at", "-id"], name="sharing_app_by_due_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page for both agencies, and for those who supervise them."""
        return reverse("sharing:application", args=[self.number])

    @property
    def is_waiting(self) -> bool:
        """Whether the reply is still owed."""
        return self.status == ApplicationStatus.SUBMITTED

    @property
    def late_days(self) -> int:
        """Days by which the reply came after its due day."""
        if self.replied_on is None or self.due_on is None:
            return 0
        return max((self.replied_on - self.due_on).days, 0)

    @property
    def refused_items(self) -> list[str]:
        """Codes that were asked for and not granted."""
        return [code for code in self.items if code not in self.granted_items]


class SharingGrant(models.Model):
    """A right to read an entry's rows: the only truth about it (第十五条第二款、第十七条).

    Without a ``source`` it is a standing authorisation. ``rows_per_day`` None sets no limit.
    """

    entry = models.ForeignKey(CatalogEntry, on_delete=models.PROTECT, related_name="grants", verbose_name=_("目录条目"))
    title = models.CharField(_("资源名称"), max_length=200)
    grantee = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="sharing_grants", verbose_name=_("被授权机关")
    )
    source = models.ForeignKey(
        SharingApplication, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    items = models.JSONField(_("信息项"))
    row_condition = models.JSONField(_("数据范围"), default=list, blank=True)
    duty = models.CharField(_("所履行的职责"), max_length=300)
    purpose = models.TextField(_("用途"), max_length=1000)
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    valid_from = models.DateField(_("有效期自"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    rows_per_day = models.PositiveBigIntegerField(_("每日行数上限"), null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("每分钟次数上限"), default=60)
    system = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调用系统")
    )
    status = models.CharField(_("状态"), max_length=10, choices=GrantStatus, default=GrantStatus.ACTIVE)
    status_reasons = models.TextField(_("暂停、终止的理由"), max_length=2000, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("授权人"))
    granted_on = models.DateField(_("授权日期"))
    granted_at = models.DateTimeField(_("授权时间"))
    supplied_on = models.DateField(_("可以读取之日"), null=True, blank=True)
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("授权")
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="sharing_grant_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(status="active") | ~Q(status_reasons=""), name="sharing_grant_stopped_with_reasons"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | (~Q(status="ended") & Q(ended_on=None)),
                name="sharing_grant_ends_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["grantee", "status"], name="sharing_grant_of_grantee"),
            models.Index(fields=["entry", "status"], name="sharing_grant_of_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.grantee_id}）"

    def get_absolute_url(self) -> str:
        """Its page for both agencies."""
        return reverse("sharing:grant", args=[self.pk])

    def covers(self, on: dt.date) -> bool:
        """Whether ``on`` lies in its period, both ends included."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def standing_on(self, on: dt.date) -> str:
        """How it stands on a day, in words: its status, or that its period has not begun or is over."""
        if self.status != GrantStatus.ACTIVE or self.covers(on):
            return str(GrantStatus(self.status).label)
        return str(_("未到有效期")) if on < self.valid_from else str(_("已到期"))


class Taking(models.Model):
    """The declared duty under which an agency reads an unconditionally shared entry (第十五条第一款、第十七条)."""

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="takings", verbose_name=_("目录条目")
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="takings", verbose_name=_("需求机关"))
    duty = models.CharField(_("所履行的职责"), max_length=300)
    duty_basis = models.CharField(_("职责依据"), max_length=300, blank=True)
    purpose = models.TextField(_("用途"), max_length=1000)
    case_number = models.CharField(_("办件编号"), max_length=120, blank=True)
    terms_accepted = models.BooleanField(_("承诺依职责使用、不转供他人"))
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人"))
    taken_on = models.DateField(_("登记日期"))
    taken_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("获取登记")
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(terms_accepted=True), name="sharing_taken_on_its_terms"),
        ]
        indexes = [models.Index(fields=["agency", "entry"], name="sharing_taking_of_agency")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.agency_id}"

    def get_absolute_url(self) -> str:
        """Where its rows are read."""
        return reverse("sharing:taking-data", args=[self.pk])


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
    opinion = models.CharField(_("协调意见"), max_length=8, choices=Opinion, blank=True)
    opinion_items = models.JSONField(_("应当提供的信息项"), default=list, blank=True)
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


class ReadingUse(models.Model):
    """How much of a grant's limits is used: rows of the day, calls of the minute. One row a grant."""

    grant = models.OneToOneField(SharingGrant, on_delete=models.CASCADE, primary_key=True, related_name="use")
    day = models.DateField()
    rows = models.PositiveBigIntegerField(default=0)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("额度使用")

    def __str__(self) -> str:
        return f"{self.grant_id} {self.day} {self.rows}"
