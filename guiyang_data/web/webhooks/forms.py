"""What people fill in about addresses that notices are pushed to."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.notices.models import Receiver


class WebhookForm(ActForm):
    """A new address. ``owners``: whose notices it may be, as (value, words)."""

    owner = forms.ChoiceField(label=_("推送谁的通知"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("自己看得懂即可，例如：调度系统生产环境。"))
    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        help_text=_("完整地址，以 https:// 开头。平台用 POST 发送 JSON，不跟随跳转。"),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    wants = forms.ChoiceField(
        label=_("推送哪些"), choices=Receiver.Wants.choices, widget=forms.RadioSelect, initial=Receiver.Wants.ALL
    )

    def __init__(self, *args: object, owners: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        field.choices = owners  # type: ignore[attr-defined]
        field.initial = owners[0][0]
