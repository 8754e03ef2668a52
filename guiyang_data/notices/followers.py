"""Who follows a public case or data set, to be told how it goes on (第三条: demand leads)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User


class Follow(models.Model):
    """One follower of one subject: an account, or a mail address that was confirmed. Addresses are encrypted."""

    subject = models.CharField(_("关注的事项"), max_length=120, db_index=True)
    title = models.CharField(_("标题"), max_length=300)
    path = models.CharField(_("页面"), max_length=300)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="follows")
    address_encrypted = models.TextField(_("邮箱（加密）"), blank=True)
    address_index = models.CharField(_("邮箱索引"), max_length=64, blank=True)
    asked_at = models.DateTimeField(_("提出时间"))
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("关注")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "user"], condition=Q(user__isnull=False), name="notices_followed_once_by_account"
            ),
            models.UniqueConstraint(
                fields=["subject", "address_index"],
                condition=~Q(address_index=""),
                name="notices_followed_once_by_mail",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, address_index="", confirmed_at__isnull=False)
                | Q(user__isnull=True) & ~Q(address_index=""),
                name="notices_follower_is_account_or_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} #{self.pk}"
