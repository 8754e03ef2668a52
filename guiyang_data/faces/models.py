"""What keeps a form sent twice from filing twice."""

from __future__ import annotations

from django.db import models


class Submission(models.Model):
    """A form or API call that was carried out: its token, who sent it, and the page it led to."""

    token = models.CharField(max_length=100)
    actor = models.CharField(max_length=80)
    purpose = models.CharField(max_length=120)
    content = models.CharField(max_length=64, blank=True, default="")
    """The checksum of what was sent, where a key stands for one content only."""
    path = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "已办提交"
        constraints = [
            models.UniqueConstraint(fields=["token", "actor", "purpose"], name="faces_a_form_is_carried_out_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.token}"


class NumberSeries(models.Model):
    """The last number given out under a prefix in a year."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="faces_one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:05d}"
