"""Addresses that notices are pushed to, and what was pushed to them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import decrypt
from guiyang_data.notices.sendings import Sending


class Receiver(models.Model):
    """One address of one owner: a person is told what is said to them, a system what is said to its agency.

    The secret signs every push; it is shown once and kept encrypted. A renewed one leaves the last valid for a day.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("在用")
        PAUSED = "paused", _("已暂停")
        ENDED = "ended", _("已停用")

    class Wants(models.TextChoices):
        ALL = "all", _("全部通知")
        LEGAL = "legal", _("只要必达通知")

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="webhooks", verbose_name=_("接收人"))
    name = models.CharField(_("名称"), max_length=60)
    url = models.CharField(_("接收地址"), max_length=500)
    host = models.CharField(_("主机和端口"), max_length=260)
    wants = models.CharField(_("接收内容"), max_length=5, choices=Wants, default=Wants.ALL)
    secret_encrypted = models.TextField(_("密钥（加密）"))
    previous_secret_encrypted = models.TextField(_("上一个密钥（加密）"), blank=True)
    previous_until = models.DateTimeField(_("上一个密钥有效至"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=6, choices=State, default=State.ACTIVE)
    made_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("推送地址")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/me/webhooks/{self.pk}/"

    @property
    def public_only(self) -> bool:
        """Whether it may lie in public networks only: what the public names never leads inside."""
        return self.owner.kind == User.Kind.PUBLIC

    def secrets(self, at: object) -> list[str]:
        """The secrets that sign at this moment, the newest first."""
        found = [self.secret_encrypted]
        if self.previous_until is not None and self.previous_until > at:  # type: ignore[operator]
            found.append(self.previous_secret_encrypted)
        return [decrypt(secret) for secret in found]


class Push(Sending):
    """One event for one receiver. ``body``: the very text that is sent and signed."""

    receiver = models.ForeignKey(Receiver, on_delete=models.CASCADE, related_name="pushes")
    kind = models.CharField(_("类别"), max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"))
    made_at = models.DateTimeField(_("产生时间"), db_index=True)
    answer_status = models.PositiveSmallIntegerField(_("对方答复的状态码"), null=True, blank=True)
    answer = models.CharField(_("对方的答复"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("推送")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="notices_push_due")]

    def __str__(self) -> str:
        return self.message_id
