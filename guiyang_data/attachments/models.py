"""Files that belong to a case: evidence, replies, materials."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments.inspection.findings import PERSONAL, WORDS, must_go

DRAFT = "draft:"
"""How the subject of a file begins whose case is not filed yet."""


def random_place(attachment: Attachment, filename: str) -> str:
    """Where the file is stored: nothing of the name that came with it gets into a path."""
    name = secrets.token_hex(16)
    return f"attachments/{name[:2]}/{name}"


class Attachment(models.Model):
    """One file of one subject (``"open-request:17"``). Who may read it is decided by the app that owns the subject."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField(_("文件"), upload_to=random_place, max_length=200)
    name = models.CharField(_("文件名"), max_length=160)
    size = models.PositiveBigIntegerField(_("字节数"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    media_type = models.CharField(_("类型"), max_length=100)
    subject = models.CharField(_("所属事项"), max_length=100, db_index=True)
    purpose = models.CharField(_("用途"), max_length=60, blank=True)
    is_private = models.BooleanField(_("不公开"), default=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering = ["uploaded_at", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Whether the file belongs to no filed case yet."""
        return self.subject.startswith(DRAFT)


class Inspection(models.Model):
    """One look into a file for what its reader does not see and for numbers of persons. The latest one counts."""

    attachment = models.ForeignKey(
        Attachment, verbose_name=_("附件"), on_delete=models.CASCADE, related_name="inspections"
    )
    sha256 = models.CharField(_("校验值"), max_length=64, db_index=True)
    tool = models.CharField(_("检查工具版本"), max_length=20)
    inspected_at = models.DateTimeField(_("检查时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("附件检查")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.attachment_id} {self.inspected_at}"


class InspectionFinding(models.Model):
    """One thing found in a file, and whether somebody answered for it with a reason."""

    inspection = models.ForeignKey(
        Inspection, verbose_name=_("检查"), on_delete=models.CASCADE, related_name="findings"
    )
    code = models.CharField(_("检出的内容"), max_length=20)
    place = models.CharField(_("位置"), max_length=200)
    count = models.PositiveIntegerField(_("数量"), default=1)
    sample = models.CharField(_("示例（已遮盖）"), max_length=80, blank=True)
    is_hidden = models.BooleanField(_("在看不到的位置"), default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("确认人"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    reasons = models.CharField(_("确认的理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检出的内容")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, reasons="")
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(reasons="")),
                name="attachments_confirmed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(is_hidden=True, code__in=sorted(PERSONAL)) | Q(confirmed_by=None),
                name="attachments_hidden_numbers_are_never_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words} {self.place}"

    @property
    def words(self) -> str:
        """What was found, in words."""
        return WORDS.get(self.code, self.code)

    @property
    def must_go(self) -> bool:
        """Whether only another file helps."""
        return must_go(self.code, is_hidden=self.is_hidden)

    @property
    def is_cleared(self) -> bool:
        """Whether somebody answered for it."""
        return self.confirmed_by_id is not None
