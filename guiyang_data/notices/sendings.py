"""What every sending has, whatever the channel: an id that stays, a state, and when it is tried next."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sending(models.Model):
    """What is sent at least once, with an id that every attempt repeats. One attempt holds it by a lease.

    ``next_attempt_at``: when it is due, and while somebody tries, until when nobody else may.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("没有送达")
        TOLD = "told", _("已用其他方式告知")

    class Reason(models.TextChoices):
        """Why it was given up."""

        NONE = "", ""
        REFUSED = "refused", _("对方拒收：地址不存在、已停用或者已满")
        UNREACHED = "unreached", _("多次尝试，始终没有连上对方")
        UNUSABLE = "unusable", _("保存的地址或者内容无法使用")

    message_id = models.CharField(_("消息编号"), max_length=120, unique=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_attempt_at = models.DateTimeField(_("下次"))
    sent_at = models.DateTimeField(_("送出"), null=True, blank=True)
    reason = models.CharField(_("未送达原因"), max_length=9, choices=Reason, default=Reason.NONE, blank=True)
    last_error = models.CharField(_("上次错误"), max_length=300, blank=True)

    class Meta:
        abstract = True
