"""The second factor's secrets lie in the database encrypted."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.protection import decrypt, encrypt


class SecondFactorAdapter(DefaultMFAAdapter):
    """What django-allauth asks about the second factor, in the words of this portal."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _("已开启二次验证的账号不能添加邮箱，请先关闭二次验证。"),
        "incorrect_code": _("验证码不正确，请输入验证器应用现在显示的 6 位数字，或者一个没有用过的备用码。"),
        "unverified_email": _("请先验证邮箱，再开启二次验证。验证链接已发到您的邮箱，也可以在「邮箱」一页重新发送。"),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
