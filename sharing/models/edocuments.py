"""Electronic documents, licences and contracts, what they are made from, and who took them (第十六条第一款)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, DataVersion
from guiyang_data.accounts.models import Agency, User
from guiyang_data.attachments.models import Attachment
from sharing.edocuments.workflow import DocumentKind, DocumentStatus
from sharing.models.grants import ONE_RIGHT, OfOneRight, SharingGrant, Taking


class DocumentTemplate(models.Model):
    """What a document of an entry is called and says: its kind, title and items, and which of them name the holder.

    ``items``: codes in the order in which the document shows them. One of an entry's templates a title is in use.
    """

    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="document_templates", verbose_name=_("目录条目")
    )
    kind = models.CharField(_("类别"), max_length=8, choices=DocumentKind)
    title = models.CharField(_("文书名称"), max_length=80)
    items = models.JSONField(_("载明的信息项"))
    holder_item = models.CharField(_("持有人"), max_length=60)
    holder_id_item = models.CharField(_("持有人证件号码"), max_length=60, blank=True)
    valid_until_item = models.CharField(_("有效期至"), max_length=60, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("设置人"))
    set_at = models.DateTimeField(_("设置时间"))
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    ended_reasons = models.TextField(_("停用的理由"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文书模板")
        ordering = ["title", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "title"], condition=Q(ended_at=None), name="sharing_one_template_a_title"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_reasons="") | (Q(ended_at__isnull=False) & ~Q(ended_reasons="")),
                name="sharing_template_ended_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_in_use(self) -> bool:
        """Whether documents are still issued by it."""
        return self.ended_at is None

    def get_absolute_url(self) -> str:
        """The list of templates."""
        return reverse("sharing:document-templates")


class EDocument(models.Model):
    """A document, licence or contract of an agency, as a signed PDF with its data inside (第十六条第一款).

    Holder, row key and code are kept encrypted, and found by keyed indexes only. ``items``: codes of what it shows; a
    right to it must cover them all. ``sha256`` is that of the file as it was issued.
    """

    class Source(models.TextChoices):
        ROW = "row", _("由目录数据签发")
        FILE = "file", _("由已有文件登记")

    number = models.CharField(_("编号"), max_length=20, unique=True)
    template = models.ForeignKey(DocumentTemplate, on_delete=models.PROTECT, related_name="documents")
    entry = models.ForeignKey(
        CatalogEntry, on_delete=models.PROTECT, related_name="edocuments", verbose_name=_("目录条目")
    )
    kind = models.CharField(_("类别"), max_length=8, choices=DocumentKind)
    title = models.CharField(_("文书名称"), max_length=80)
    issuer = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="edocuments", verbose_name=_("签发机关"))
    holder_encrypted = models.TextField(_("持有人（加密）"))
    holder_index = models.CharField(max_length=64, db_index=True)
    holder_id_encrypted = models.TextField(_("证件号码（加密）"), blank=True)
    holder_id_index = models.CharField(max_length=64, blank=True, db_index=True)
    row_key_encrypted = models.TextField(_("数据行主键（加密）"), blank=True)
    row_key_index = models.CharField(max_length=64, blank=True, db_index=True)
    code_encrypted = models.TextField(_("核验码（加密）"))
    code_index = models.CharField(max_length=64, unique=True)
    items = models.JSONField(_("载明的信息项"))
    issued_on = models.DateField(_("签发日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=4, choices=Source)
    version = models.ForeignKey(DataVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    original_number = models.CharField(_("原文书编号"), max_length=80, blank=True)
    original_sha256 = models.CharField(_("原文件校验值"), max_length=64, blank=True)
    case_number = models.CharField(_("签发事项编号"), max_length=120, blank=True)
    reading = models.UUIDField(_("读取编号"))
    file = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(_("文件校验值"), max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(_("字节数"))
    certificate = models.CharField(_("签名证书指纹"), max_length=64)
    signature = models.TextField(_("登记签名"))
    signature_algorithm = models.CharField(_("登记签名算法"), max_length=40)
    status = models.CharField(_("状态"), max_length=8, choices=DocumentStatus, default=DocumentStatus.ISSUED)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("签发人"))
    issued_at = models.DateTimeField(_("签发时间"))
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_on = models.DateField(_("撤销日期"), null=True, blank=True)
    revoked_reasons = models.TextField(_("撤销的理由"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("电子文书")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("issued_on")), name="sharing_document_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(status="issued", revoked_on=None, revoked_reasons="")
                | (Q(status="revoked", revoked_on__isnull=False) & ~Q(revoked_reasons="")),
                name="sharing_document_revoked_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(source="row", version__isnull=False) & ~Q(row_key_index="")
                | (Q(source="file") & ~Q(original_sha256="")),
                name="sharing_document_has_its_source",
            ),
        ]
        indexes = [
            models.Index(fields=["issuer", "-issued_at", "-id"], name="sharing_document_of_issuer"),
            models.Index(fields=["entry", "case_number"], name="sharing_document_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page for the agency that issued it and those that took it."""
        return reverse("sharing:edocument", args=[self.number])

    def has_run_out(self, on: dt.date) -> bool:
        """Whether ``on`` lies after its period; its last day belongs to it."""
        return self.valid_until is not None and on > self.valid_until

    def standing_on(self, on: dt.date) -> str:
        """How it stands on a day: ``issued``, ``revoked``, or ``expired`` where its period is over."""
        if self.status == DocumentStatus.ISSUED and self.has_run_out(on):
            return "expired"
        return self.status

    def statement(self) -> dict[str, Any]:
        """What the portal signs of it: content (by its checksum, which covers holder and row) and provenance."""
        return {
            "number": self.number,
            "kind": self.kind,
            "title": self.title,
            "issuer": self.issuer.code,
            "entry": self.entry.resource_code,
            "version": self.version.number if self.version else None,
            "original_sha256": self.original_sha256,
            "issued_on": self.issued_on,
            "issued_at": self.issued_at,
            "valid_until": self.valid_until,
            "case_number": self.case_number,
            "reading": self.reading,
            "sha256": self.sha256,
            "size": self.size,
            "certificate": self.certificate,
        }


class EDocumentDelivery(OfOneRight):
    """That an agency took a document: when, through which right, for what (第十六条第一款、第十七条)."""

    number = models.CharField(_("取用编号"), max_length=20, unique=True)
    document = models.ForeignKey(EDocument, on_delete=models.PROTECT, related_name="deliveries")
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="edocument_deliveries", verbose_name=_("取用机关")
    )
    grant = models.ForeignKey(SharingGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    taking = models.ForeignKey(Taking, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    purpose = models.CharField(_("用途"), max_length=500)
    case_number = models.CharField(_("办理事项编号"), max_length=120)
    reading = models.UUIDField(_("读取编号"))
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("取用人"))
    taken_on = models.DateField(_("取用日期"))
    taken_at = models.DateTimeField(_("取用时间"))
    signature = models.TextField(_("登记签名"))
    signature_algorithm = models.CharField(_("登记签名算法"), max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = _("电子文书取用")
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_RIGHT, name="sharing_delivery_through_one_right"),
        ]
        indexes = [models.Index(fields=["agency", "-taken_at", "-id"], name="sharing_delivery_of_agency")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page for the agency that took it and the one that issued it."""
        return reverse("sharing:delivery", args=[self.number])

    def statement(self) -> dict[str, Any]:
        """What the portal signs of it."""
        return {
            "number": self.number,
            "document": self.document.number,
            "sha256": self.document.sha256,
            "agency": self.agency.code,
            "through": f"grant:{self.grant_id}" if self.grant_id else f"taking:{self.taking_id}",
            "purpose": self.purpose,
            "case_number": self.case_number,
            "reading": self.reading,
            "taken_at": self.taken_at,
        }
