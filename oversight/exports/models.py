"""Requests for an export of the whole ledger of a period (docs/adr/0042-proving-the-log-to-others.md)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oversight.rulebook.models import Proposal, second_person


class LedgerExport(Proposal):
    """What is to be exported and what for. Once a second person has released it, the file is made at each download."""

    since = models.DateField(_("从哪天起"))
    until = models.DateField(_("到哪天止"))
    purpose = models.TextField(_("用途"), max_length=2000)

    class Meta:
        verbose_name = verbose_name_plural = _("办理记录的导出")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            second_person("oversight_a_second_person_releases_an_export"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="oversight_export_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.until}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("oversight:ledger-export", args=[self.pk])
