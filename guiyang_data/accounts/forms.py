"""What people fill in about accounts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.fields import MobileField
from guiyang_data.accounts.models import PhoneCode, SystemApplication, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.services import register_public
from guiyang_data.timekeeping import now

PASSWORD_HINT = _("至少 10 个字符，不能全是数字，不要用常见的密码，也不要与用户名、邮箱相近。")


def privacy_link() -> SafeString:
    """The link to the privacy notice, under the consent to it."""
    return format_html(
        '<a href="{}" target="_blank" rel="noopener">{}</a>',
        reverse_lazy("accounts:privacy"),
        _("查看隐私政策（新窗口）"),
    )


class SignUpForm(SignupForm):
    """Sign-up of the public. Without consent to the privacy notice there is no account."""

    consent = forms.BooleanField(
        label=_("我已阅读并同意隐私政策"),
        error_messages={"required": _("请阅读隐私政策；同意后才能注册。您填写的其他内容都在。")},
    )
    notice_version = forms.CharField(widget=forms.HiddenInput, max_length=20)
    field_order = ["username", "email", "password1", "password2", "consent", "notice_version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("邮箱")
        self.fields["password1"].help_text = PASSWORD_HINT
        self.fields["notice_version"].initial = settings.PRIVACY_NOTICE_VERSION
        self.fields["consent"].help_text = privacy_link()

    def clean_notice_version(self) -> str:
        """The notice that was on the screen must be the one in force."""
        version: str = self.cleaned_data["notice_version"]
        if version != settings.PRIVACY_NOTICE_VERSION:
            self.add_error("consent", _("隐私政策已经更新，请阅读新版后再同意。"))
        return version

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        """The account and the consent come into being together, or not at all."""
        user = super().save(request)
        return register_public(user=user, notice_version=self.cleaned_data["notice_version"], at=now())


class OwnActForm(forms.Form):
    """Base of the acts on accounts: the token keeps a form sent twice from acting twice."""

    submission = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid.uuid4().hex


class IdentityForm(OwnActForm):
    """Name and identity number, for the register to compare."""

    name = forms.CharField(label=_("姓名"), max_length=60, help_text=_("与居民身份证上的姓名一致。"))
    id_number = forms.CharField(
        label=_("公民身份号码"),
        max_length=30,
        help_text=_("18 位，末位可以是 X。号码加密保存，页面上不再显示。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PhoneForm(OwnActForm):
    """The telephone to which a code goes. ``ways``: how its owner can prove that it takes another's place."""

    phone = MobileField(help_text=_("用于接收办理进度和验证码。号码加密保存，页面上只显示首尾几位。"))
    way = forms.ChoiceField(
        label=_("怎样证明是您本人"),
        widget=forms.RadioSelect,
        help_text=_("更换号码时，除了新号码的验证码，还要用原来的方式证明。"),
        error_messages={"required": _("请选择一种方式。")},
    )

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ways:
            del self.fields["way"]
            return
        self.fields["phone"].label = _("新的手机号码")
        self.fields["way"].choices = ways  # type: ignore[attr-defined]
        self.fields["way"].initial = ways[0][0]


class PhoneEntranceForm(forms.Form):
    """The telephone to sign up or in with."""

    phone = MobileField(help_text=_("中国大陆的手机号码，11 位。我们会发一条短信验证码，不收费。"))


class CodeForm(forms.Form):
    """The code that signs in."""

    code = forms.CharField(
        label=_("短信验证码"),
        max_length=10,
        help_text=_("短信中的六位数字，10 分钟内有效。"),
        error_messages={"required": _("请填写短信中的六位数字。")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class PhoneConsentForm(forms.Form):
    """Consent to the privacy notice, with which an account is opened for a proved telephone."""

    consent = forms.BooleanField(
        label=_("我已阅读并同意隐私政策"),
        error_messages={"required": _("请阅读隐私政策；同意后才能建立账号。")},
    )
    notice_version = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notice_version"].initial = settings.PRIVACY_NOTICE_VERSION
        self.fields["consent"].help_text = privacy_link()


class PhoneCodeForm(OwnActForm):
    """The code that came back, and where the telephone takes another's place, the proof: ``way`` says which."""

    code = forms.CharField(
        label=_("短信验证码"),
        max_length=10,
        help_text=_("短信中的六位数字，10 分钟内有效。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    proof = forms.CharField(
        max_length=10,
        strip=True,
        help_text=_("六位数字，10 分钟内有效，不要告诉任何人。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, way: str = "", number: str = "", sent_to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if number:
            self.fields["code"].label = _("%(number)s 收到的验证码") % {"number": number}
            self.fields["code"].help_text = _("发到这个号码的六位数字，10 分钟内有效。")
        if not way:
            del self.fields["proof"]
        elif way == PhoneCode.Way.PASSWORD:
            self.fields["proof"] = forms.CharField(
                label=_("登录密码"),
                max_length=128,
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )
        else:
            self.fields["proof"].label = _("%(address)s 收到的验证码") % {"address": sent_to}


class ConsentForm(OwnActForm):
    """Consent to the notice that is on the page."""

    notice_version = forms.CharField(widget=forms.HiddenInput, max_length=20)


class StaffAccountForm(OwnActForm):
    """A new account of a member of the staff."""

    display_name = forms.CharField(label=_("姓名或者称呼"), max_length=60)
    username = forms.CharField(
        label=_("用户名"),
        max_length=150,
        help_text=_("登录时使用，可以是字母、数字和 . - _"),
        validators=User._meta.get_field("username").validators,
    )
    email = forms.EmailField(label=_("工作邮箱"), help_text=_("本人用这个邮箱通过「忘记密码」设置密码。"))


class RoleForm(OwnActForm):
    """Who gets which role."""

    username = forms.CharField(label=_("用户名"), max_length=150, help_text=_("机关工作人员账号的用户名。"))
    role = forms.ChoiceField(label=_("角色"), choices=[("", _("请选择")), *Role.choices])


class SystemForm(OwnActForm):
    """A new service account."""

    name = forms.CharField(label=_("系统名称"), max_length=120, help_text=_("例如：公交调度管理系统。"))


class CredentialsForm(OwnActForm):
    """What the credentials allow."""

    scopes = forms.MultipleChoiceField(
        label=_("允许的权限"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一项权限。")},
        help_text=_("只选这个系统需要的。凭据签发后权限不能增加，需要时另行签发。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = SystemApplication.every_scope()
        self.fields["scopes"].choices = [(name, f"{text}（{name}）") for name, text in scopes.items()]  # type: ignore[attr-defined]
