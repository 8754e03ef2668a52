"""How many returned mails came in on a day, and what became of them: nothing of the mails themselves is kept."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from guiyang_data.notices.moments import SHANGHAI

LOOKED_BACK = dt.timedelta(days=30)


class ReturnCount(models.Model):
    """One outcome on one day (Shanghai's)."""

    class Outcome(models.TextChoices):
        UNDELIVERED = "undelivered", _("登记为没有送达")
        NOT_FINAL = "not-final", _("对方还在尝试，或者已经收下")
        KNOWN = "known", _("以前已经登记")
        FORGED = "forged", _("签名不符")
        UNKNOWN = "unknown", _("不是退信，或者看不懂")

    day = models.DateField(_("日期"))
    outcome = models.CharField(_("结果"), max_length=11, choices=Outcome)
    number = models.PositiveIntegerField(_("封数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("退信计数")
        ordering = ["-day", "outcome"]
        constraints = [models.UniqueConstraint(fields=["day", "outcome"], name="notices_returns_counted_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.outcome}"


def count_return(outcome: ReturnCount.Outcome, *, at: dt.datetime) -> None:
    """One more."""
    row, _made = ReturnCount.objects.get_or_create(day=at.astimezone(SHANGHAI).date(), outcome=outcome)
    ReturnCount.objects.filter(pk=row.pk).update(number=F("number") + 1)


def lately_returned(on: dt.date) -> list[tuple[str, int]]:
    """What became of the returned mails of thirty days: (words, how many) of each outcome that there was."""
    rows = ReturnCount.objects.filter(day__gte=on - LOOKED_BACK).values_list("outcome").order_by("outcome")
    counted = dict(rows.annotate(Sum("number")))
    return [(str(outcome.label), counted[outcome.value]) for outcome in ReturnCount.Outcome if outcome.value in counted]
