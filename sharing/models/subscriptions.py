"""Being told of new versions: an agency's subscription to an entry, and what it is told (第十五条、第十七条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, DataVersion
from guiyang_data.accounts.models import Agency, User
from sharing.models.grants import OfOneRight, SharingGrant, Taking
from sharing.workflow import SubscriptionStatus


class ChangeSubscription(OfOneRight):
    """An agency is told of each new version of an entry that it reads through a grant or under a taking.

    ``from_version``: the version there was when it began, 0 where there was none; what came later is told.
    """

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="change_subscriptions", verbose_name=_("目录条目")
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="change_subscriptions", verbose_name=_("订阅机关")
    )
    grant = models.ForeignKey(
        SharingGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="subscriptions"
    )
    taking = models.ForeignKey(Taking, on_delete=models.PROTECT, null=True, blank=True, related_name="subscriptions")
    tells_people = models.BooleanField(_("同时告知工作人员"), default=True)
    from_version = models.PositiveIntegerField(_("订阅时的版本"), default=0)
    status = models.CharField(_("状态"), max_length=6, choices=SubscriptionStatus, default=SubscriptionStatus.ACTIVE)
    subscribed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("订阅人"))
    subscribed_at = models.DateTimeField(_("订阅时间"))
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    end_reasons = models.CharField(_("终止的缘由"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("变化订阅")
        ordering = ["-subscribed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grant=None, taking__isnull=False) | Q(grant__isnull=False, taking=None),
                name="sharing_subscribed_by_one_right",
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_at=None) | Q(status="ended", ended_at__isnull=False),
                name="sharing_subscription_ends_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["agency", "entry"], condition=Q(status="active"), name="sharing_one_subscription_an_entry"
            ),
        ]
        indexes = [models.Index(fields=["entry", "status"], name="sharing_subscribed_entry")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.agency_id}"

    def get_absolute_url(self) -> str:
        """Its page with what was told."""
        return reverse("sharing:subscription", args=[self.pk])

    @property
    def title(self) -> str:
        """The entry's title, or its code where it is not in force."""
        return self.entry.in_force.title if self.entry.in_force else self.entry.resource_code


class ChangeEvent(models.Model):
    """A new version that one subscription is told of, once. Counts are as this subscriber sees the rows.

    ``since``: the version told of before. Counts are null where the way from there cannot be told row by row.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待告知")
        TOLD = "told", _("已告知")
        WITHHELD = "withheld", _("未告知")

    subscription = models.ForeignKey(ChangeSubscription, on_delete=models.CASCADE, related_name="events")
    version = models.ForeignKey(DataVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("数据版本"))
    since = models.PositiveIntegerField(_("上一次告知的版本"))
    inserted = models.BigIntegerField(_("新增行数"), null=True, blank=True)
    updated = models.BigIntegerField(_("修改行数"), null=True, blank=True)
    deleted = models.BigIntegerField(_("删除行数"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("未告知的缘由"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("产生时间"))
    told_at = models.DateTimeField(_("告知时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("变化告知")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "version"], name="sharing_a_version_told_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="sharing_changes_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} #{self.version_id}"
