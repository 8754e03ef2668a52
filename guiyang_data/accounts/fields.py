"""A form field for telephone numbers, as sign-in and the pages of accounts need it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.telephones import mobile_number


class MobileField(forms.CharField):
    """A mainland mobile number, however it is typed; its value is the eleven digits."""

    default_error_messages = {  # as Django's own fields have it
        "invalid": _("请填写 11 位的中国大陆手机号码。"),
        "required": _("请填写手机号码。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("手机号码"))
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """The eleven digits; empty where nothing is required and nothing typed."""
        typed = str(super().clean(value) or "")
        number = mobile_number(typed)
        if typed and number is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number or ""
