"""Somebody of the public who applies, and how to reach them. Encrypted; the public pages never read it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.protection import decrypt


class ApplicantKind(models.TextChoices):
    """Who may apply (第二十一条第一款)."""

    NATURAL = "natural", _("个人")
    LEGAL = "legal", _("法人")
    OTHER = "other", _("其他组织")


class Contactable(models.Model):
    """Somebody of the public and how to reach them, encrypted. Everything here but the kind may be empty."""

    kind = models.CharField(_("申请人类别"), max_length=8, choices=ApplicantKind, default=ApplicantKind.NATURAL)
    name_encrypted = models.TextField(_("姓名或者名称（加密）"), blank=True)
    show_name = models.BooleanField(_("公开姓名或者名称"), default=False)
    mail_encrypted = models.TextField(_("邮箱（加密）"), blank=True)
    phone_encrypted = models.TextField(_("手机（加密）"), blank=True)
    code_hash = models.CharField(_("查询码（散列）"), max_length=64)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name as given; private unless its owner wants it shown."""
        return decrypt(self.name_encrypted) if self.name_encrypted else ""

    @property
    def mail(self) -> str:
        """The mail address as given."""
        return decrypt(self.mail_encrypted) if self.mail_encrypted else ""

    @property
    def phone(self) -> str:
        """The telephone number as given."""
        return decrypt(self.phone_encrypted) if self.phone_encrypted else ""

    @property
    def public_name(self) -> str:
        """What everyone may read: the name only where its owner wants that."""
        shown = self.name if self.show_name else ""
        return shown or {"natural": "某公民", "legal": "某法人", "other": "某组织"}[self.kind]
