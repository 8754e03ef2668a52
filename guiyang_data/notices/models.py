"""The outbox: a notice is one row exactly once, shown in the page; its mail or SMS goes at least once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.notices.followers import Follow
from guiyang_data.notices.preferences import Manner, Preference
from guiyang_data.notices.returned.counts import ReturnCount
from guiyang_data.notices.sendings import Sending
from guiyang_data.notices.webhooks.receivers import Push, Receiver

__all__ = [
    "Channel",
    "Delivery",
    "Digest",
    "Follow",
    "Manner",
    "Notice",
    "Preference",
    "Push",
    "Receiver",
    "ReturnCount",
    "Sending",
    "Weight",
]


class Weight(models.TextChoices):
    """Whether a notice has effects in law: it then goes at once and alone, whatever anyone chose."""

    LEGAL = "legal", _("必达")
    REMINDER = "reminder", _("提醒")


class Channel(models.TextChoices):
    """How a notice reaches somebody beside the page."""

    MAIL = "mail", _("邮件")
    SMS = "sms", _("短信")


class Notice(models.Model):
    """What somebody is told. Made in the transaction of the act; ``key`` makes it exactly one."""

    key = models.CharField(max_length=200, unique=True)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    subject = models.CharField(_("事项"), max_length=120, db_index=True)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="notices_sent", verbose_name=_("发出机关")
    )
    kind = models.CharField(_("类别"), max_length=60)
    weight = models.CharField(_("性质"), max_length=8, choices=Weight, default=Weight.LEGAL)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"), blank=True)
    path = models.CharField(_("页面"), max_length=300, blank=True)
    desk_path = models.CharField(_("办理页面"), max_length=300, blank=True)
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("通知")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notices_unread")]

    def __str__(self) -> str:
        return self.title


class Digest(Sending):
    """The reminders of one person and one channel that go together, at an hour the person chose."""

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests")
    channel = models.CharField(_("渠道"), max_length=4, choices=Channel)
    due_at = models.DateTimeField(_("汇总时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("汇总")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "due_at"], name="notices_one_digest_a_time")
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="notices_digest_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.message_id}"


class Delivery(Sending):
    """One sending of a notice over one channel: alone, or with others in a ``digest``.

    ``turn``: the first, or the next that somebody began by hand after it had failed.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    digest = models.ForeignKey(Digest, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    channel = models.CharField(_("渠道"), max_length=4, choices=Channel)
    address_encrypted = models.TextField(_("地址（加密）"))
    turn = models.PositiveSmallIntegerField(_("第几次发送"), default=1)
    failed_at = models.DateTimeField(_("停止发送"), null=True, blank=True)
    told = models.CharField(_("怎样告知的"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("发送")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_one_delivery_a_channel"),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="notices_delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.message_id}"
