"""What each person chose: how reminders come, and when it is quiet. Legal notices follow no choice."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User

QUIET_SINCE, QUIET_UNTIL, DIGEST_AT = dt.time(22), dt.time(8), dt.time(8, 30)


class Manner(models.TextChoices):
    """How reminders come over one channel."""

    SINGLE = "single", _("逐条发送")
    DIGEST = "digest", _("每天汇总一次")
    NONE = "none", _("不发，只在页面上看")


class Preference(models.Model):
    """The choices of one account. Who has none has these defaults.

    ``texts_legal``: legal notices come as text messages too, beside page and mail. Equal quiet times: never quiet.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="notice_preference")
    mail = models.CharField(_("提醒邮件"), max_length=6, choices=Manner, default=Manner.SINGLE)
    sms = models.CharField(_("提醒短信"), max_length=6, choices=Manner, default=Manner.NONE)
    texts_legal = models.BooleanField(_("必达通知同时发短信"), default=False)
    digest_at = models.TimeField(_("汇总时间"), default=DIGEST_AT)
    quiet_since = models.TimeField(_("免打扰开始"), default=QUIET_SINCE)
    quiet_until = models.TimeField(_("免打扰结束"), default=QUIET_UNTIL)

    class Meta:
        verbose_name = verbose_name_plural = _("通知设置")

    def __str__(self) -> str:
        return f"user {self.user_id}"
