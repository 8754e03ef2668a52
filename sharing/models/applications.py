"""Applications for conditionally shared data, and their replies (第十五条第二款)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.statute.cases import TimedCase
from sharing.workflow import ApplicationStatus


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


class WayOfSupply(models.TextChoices):
    """How the requester wants to be supplied."""

    QUERY = "query", _("在线查询")
    INTERFACE = "interface", _("接口调用")
    DOWNLOAD = "download", _("批量下载")
    VERIFY = "verify", _("核验比对")
    SUBSCRIBE = "subscribe", _("订阅更新")


class SharingApplication(TimedCase):
    """An application for conditionally shared data, and the provider's reply (第十五条第二款).

    ``items``, ``granted_items``: codes of information items. ``row_condition``: list of ``{code, operator, value}``.
    ``ways``: how to be supplied; empty where the requester leaves it open. ``verification``: what is asked to verify
    (see ``sharing.services.verification.SAID``), empty where nothing is. Of what was granted ``granted_condition`` is
    what the provider added to the rows asked for, ``granted_until`` an earlier end, ``granted_ways`` fewer ways,
    ``granted_verification`` what was left to verify: each is a refusal of that part. ``previous``: the application that
    this one takes up again, ``origin`` the first of them. ``filing``: the number that applications for several entries
    have in common.
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
    ways = models.JSONField(_("提供方式"), default=list, blank=True)
    verification = models.JSONField(_("申请的核验范围"), default=dict, blank=True)
    frequency = models.CharField(_("使用频次"), max_length=10, choices=Frequency, default=Frequency.ON_DEMAND)
    system = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调用系统")
    )
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="taken_up", verbose_name=_("前次申请")
    )
    origin = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("首次申请")
    )
    filing = models.CharField(_("合并申请编号"), max_length=20, blank=True, db_index=True)
    is_unlisted = models.BooleanField(_("不列入公开的需求清单"), default=False)
    status = models.CharField(_("状态"), max_length=20, choices=ApplicationStatus, default=ApplicationStatus.SUBMITTED)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人"))
    submitted_on = models.DateField(_("申请之日"))
    submitted_at = models.DateTimeField(_("申请时间"))
    draft_outcome = models.CharField(_("拟答复"), max_length=14, choices=ApplicationOutcome, blank=True)
    draft_items = models.JSONField(_("拟同意的信息项"), default=list, blank=True)
    draft_condition = models.JSONField(_("拟另加的数据范围"), default=list, blank=True)
    draft_until = models.DateField(_("拟同意的使用期限至"), null=True, blank=True)
    draft_ways = models.JSONField(_("拟同意的提供方式"), default=list, blank=True)
    draft_verification = models.JSONField(_("拟同意的核验范围"), default=dict, blank=True)
    draft_reasons = models.TextField(_("拟写的理由"), max_length=5000, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    drafted_at = models.DateTimeField(_("拟写时间"), null=True, blank=True)
    outcome = models.CharField(_("答复"), max_length=14, choices=ApplicationOutcome, blank=True)
    granted_items = models.JSONField(_("同意的信息项"), default=list, blank=True)
    granted_condition = models.JSONField(_("另加的数据范围"), default=list, blank=True)
    granted_until = models.DateField(_("同意的使用期限至"), null=True, blank=True)
    granted_ways = models.JSONField(_("同意的提供方式"), default=list, blank=True)
    granted_verification = models.JSONField(_("同意的核验范围"), default=dict, blank=True)
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
    def status_label(self) -> str:
        """Where it stands, in words; lists say it for each row."""
        return str(ApplicationStatus(self.status).label)

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

    @property
    def cuts(self) -> list[str]:
        """What of the reply falls short of what was asked for beside items: ``rows``, ``period``, ``ways``,
        ``verification``.
        """
        cut = {
            "rows": self.granted_condition,
            "period": self.granted_until,
            "ways": self.granted_ways,
            "verification": self.granted_verification,
        }
        return [name for name, shorter in cut.items() if shorter]
