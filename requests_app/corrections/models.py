"""Doubts and errors that users of the data report (第十三条第三款). What they say, and who they are, is encrypted."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, DataVersion, EntryRevision
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import decrypt
from guiyang_data.statute.cases import TimedCase
from opendata.models import OpenDataset
from requests_app.applicants import Contactable
from requests_app.corrections.workflow import CorrectionStatus


class Target(models.TextChoices):
    """What the doubt is about."""

    ROWS = "rows", _("某些行的数据")
    ITEM = "item", _("某个信息项（一整列）")
    ENTRY = "entry", _("目录或者说明")


class Mend(models.TextChoices):
    """What has to change."""

    DATA = "data", _("更正数据")
    CATALOGUE = "catalogue", _("修订目录")


class CorrectionReport(Contactable, TimedCase):
    """That an entry, an item or certain rows are doubted or wrong, and what its provider found (第十三条第三款).

    ``rows``: list of ``{key, value, should_be}``; ``key`` is the value of the main key, or a row number.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("目录条目")
    )
    title = models.CharField(_("资源名称"), max_length=200)
    provider = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="corrections_received", verbose_name=_("提供机关")
    )
    dataset = models.ForeignKey(
        OpenDataset,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("开放数据集"),
    )
    reporter = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("反馈人账号")
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections_reported",
        verbose_name=_("反馈机关"),
    )
    revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, related_name="+", verbose_name=_("所指目录版本")
    )
    data_version = models.ForeignKey(
        DataVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所指数据版本")
    )
    target = models.CharField(_("涉及"), max_length=5, choices=Target)
    item_code = models.CharField(_("信息项字段名"), max_length=60, blank=True)
    item_name = models.CharField(_("信息项"), max_length=120, blank=True)
    rows_encrypted = models.TextField(_("涉及的行（加密）"), blank=True)
    matter_encrypted = models.TextField(_("疑义（加密）"))
    status = models.CharField(_("状态"), max_length=10, choices=CorrectionStatus, default=CorrectionStatus.SUBMITTED)
    submitted_at = models.DateTimeField(_("反馈时间"))
    submitted_on = models.DateField(_("反馈之日"))
    mend_by = models.CharField(_("怎样更正"), max_length=9, choices=Mend, blank=True)
    answer = models.TextField(_("答复"), max_length=3000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    mended_by_version = models.ForeignKey(
        DataVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mended_by_revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mended_at = models.DateTimeField(_("更正时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("疑义、错误反馈")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["mending", "mended", "not-right"])
                | ~Q(answer="") & Q(answered_at__isnull=False),
                name="requests_a_correction_is_answered_in_words",
            ),
            models.CheckConstraint(
                condition=~Q(status="mended")
                | Q(mended_by_version__isnull=False)
                | Q(mended_by_revision__isnull=False),
                name="requests_mended_by_what_mends_it",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "next_due_on"], name="requests_correction_due"),
            models.Index(fields=["entry", "status"], name="requests_correction_entry"),
            models.Index(fields=["dataset", "-submitted_at"], name="requests_correction_public"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page of whoever reported it."""
        return reverse("requests_app:correction", args=[self.number])

    @property
    def work_path(self) -> str:
        """The page of the agencies concerned."""
        return reverse("requests_app:work-correction", args=[self.number])

    @property
    def matter(self) -> str:
        """The doubt as told."""
        return decrypt(self.matter_encrypted) if self.matter_encrypted else ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows it is about."""
        return json.loads(decrypt(self.rows_encrypted)) if self.rows_encrypted else []

    @property
    def subject_words(self) -> str:
        """What it is about, in words that tell no row: ``信息项「电话」``."""
        if self.item_name:
            return f"{self.title}「{self.item_name}」"
        return self.title
