"""What is kept out of the public lists of demand, duty and withheld data, and why (第八条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User


class ListReserve(models.Model):
    """That an entry appears in no public list, because it must not even be known that it exists. Its reasons too."""

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="list_reserves", verbose_name=_("目录条目")
    )
    reasons = models.TextField(_("不列入的理由和依据"), max_length=2000)
    reserved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("决定人"))
    reserved_at = models.DateTimeField(_("决定时间"))
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(_("恢复列入的时间"), null=True, blank=True)
    released_reasons = models.TextField(_("恢复列入的理由"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("不列入公开清单")
        ordering = ["-reserved_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(released_at=None), name="sharing_one_reserve_in_force"
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="sharing_reserve_has_its_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}"

    def get_absolute_url(self) -> str:
        """Where the agency sees which of its entries are listed."""
        return "/desk/sharing/listing/"
