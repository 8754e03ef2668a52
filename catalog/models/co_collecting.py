"""What other agencies than the provider collect for an entry, each by its own word (第十二条第二款)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.entries import EntryRevision
from catalog.workflow import CoCollectionStatus
from guiyang_data.accounts.models import Agency, User


class CoCollection(models.Model):
    """That an agency was asked to collect items of a revision, and what it said.

    ``items``: what it was asked for, ``{code, name}`` in their order; ``substance``: a digest of it, by which an answer
    counts for later revisions that ask the same of it.
    """

    revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, related_name="co_collections", verbose_name=_("目录版本")
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="co_collections", verbose_name=_("采集机关")
    )
    items = models.JSONField(_("负责的信息项"), default=list)
    substance = models.CharField(_("提请的内容"), max_length=64)
    status = models.CharField(_("状态"), max_length=9, choices=CoCollectionStatus, default=CoCollectionStatus.WAITING)
    reasons = models.TextField(_("不同意的理由"), blank=True, max_length=2000)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("提请人"))
    asked_at = models.DateTimeField(_("提请时间"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    decided_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("共同采集")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "agency"],
                condition=Q(status=CoCollectionStatus.WAITING.value),
                name="catalog_one_co_collection_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(status=CoCollectionStatus.DECLINED.value) | ~Q(reasons=""),
                name="catalog_declined_with_reasons",
            ),
        ]
        indexes = [models.Index(fields=["agency", "status"], name="catalog_co_collection_agency")]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.agency_id} {self.status}"

    @property
    def item_names(self) -> list[str]:
        """The items it was asked for, as people call them."""
        return [str(item["name"]) for item in self.items]

    def get_absolute_url(self) -> str:
        """The page on which the agency answers."""
        return f"/desk/catalog/co-collections/{self.pk}/"
