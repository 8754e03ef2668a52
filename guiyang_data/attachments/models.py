"""Files that belong to a case: evidence, replies, materials."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
