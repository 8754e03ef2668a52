"""How rights are used, counted from the sealed log, and use that is unlike what they were given for (第十七条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from sharing.models.grants import ONE_RIGHT, OfOneRight, SharingGrant, Taking
from sharing.workflow import FlagStatus

HOURS = 24


def no_hours() -> list[int]:
    """A day on which nothing was read."""
    return [0] * HOURS


class UsageDay(models.Model):
    """What one reader read on one day, through one right, in one way: counted from the log once it is sealed.

    Names are those of the log: ``access`` is the grant or taking, empty where a provider looked at its own data.
    """

    resource = models.CharField(max_length=120)
    access = models.CharField(max_length=120, blank=True)
    agency = models.CharField(max_length=18, blank=True)
    actor = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, blank=True)
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    hours = models.JSONField(default=no_hours)
    """Calls that began in each hour of the day."""

    class Meta:
        verbose_name = verbose_name_plural = _("每日使用")
        constraints = [
            models.UniqueConstraint(
                fields=["access", "day", "resource", "actor", "kind"], name="sharing_one_usage_row_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["resource", "day"], name="sharing_usage_of_entry"),
            models.Index(fields=["agency", "day"], name="sharing_usage_of_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.access} {self.day} {self.calls}"


class LookupDay(models.Model):
    """Which single subjects were asked for through a right on a day, in what order. Only the last plain key is kept.

    ``seen`` is a bitmap from which the number of different keys is reckoned (``sharing.watching.bitmap``). ``steps``:
    lookups whose plain key could be compared with the one before; ``rising``: those where it was greater.
    """

    access = models.CharField(max_length=120)
    """The grant or taking, as the log names it."""
    day = models.DateField()
    lookups = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    rising = models.PositiveIntegerField(default=0)
    last_key = models.CharField(max_length=200, blank=True)
    seen = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = verbose_name_plural = _("逐个查询")
        constraints = [models.UniqueConstraint(fields=["access", "day"], name="sharing_one_lookups_row_a_day")]

    def __str__(self) -> str:
        return f"{self.access} {self.day} {self.lookups}"


class FlagKind(models.TextChoices):
    """What about the use of a right is unusual."""

    HOUR = "hour", _("时段异常")
    VOLUME = "volume", _("数量异常")
    WALKING = "walking", _("逐个查询")


class WatchRule(models.Model):
    """One version of the thresholds of a kind, set by the authority; the newest counts, before any the usual ones."""

    kind = models.CharField(_("类别"), max_length=10, choices=FlagKind)
    thresholds = models.JSONField(_("阈值"))
    reasons = models.TextField(_("理由"), max_length=2000)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("设定人"))
    set_at = models.DateTimeField(_("设定时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("异常使用的判断规则")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.set_at:%Y-%m-%d}"


class UsageFlag(OfOneRight):
    """Unusual use of one grant or taking on one day, as it was seen, and what was decided about it.

    ``seen``: numbers by name, ``series`` of what is drawn, and the thresholds that it was held against.
    """

    grant = models.ForeignKey(
        SharingGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="flags", verbose_name=_("授权")
    )
    taking = models.ForeignKey(
        Taking, on_delete=models.PROTECT, null=True, blank=True, related_name="flags", verbose_name=_("获取登记")
    )
    kind = models.CharField(_("类别"), max_length=10, choices=FlagKind)
    day = models.DateField(_("日期"))
    seen = models.JSONField(_("所见"))
    raised_at = models.DateTimeField(_("提示时间"))
    status = models.CharField(_("状态"), max_length=10, choices=FlagStatus, default=FlagStatus.OPEN)
    reasons = models.TextField(_("处理理由"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("处理人")
    )
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("异常使用提示")
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_RIGHT, name="sharing_flag_of_one_right"),
            models.UniqueConstraint(fields=["grant", "kind", "day"], name="sharing_one_flag_a_day"),
            models.UniqueConstraint(fields=["taking", "kind", "day"], name="sharing_one_flag_of_a_taking_a_day"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="sharing_flag_decided_once",
            ),
        ]
        indexes = [models.Index(fields=["status", "-raised_at"], name="sharing_flags_by_status")]

    def __str__(self) -> str:
        return f"{self.grant_id or self.taking_id} {self.kind} {self.day}"

    def get_absolute_url(self) -> str:
        """Its page, for the provider and the authority."""
        return reverse("sharing:flag", args=[self.pk])
