"""What people fill in about their notices."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.notices.models import Manner


class _TimeField(forms.TimeField):
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    default_error_messages = {
        "required": _("请填写时间，例如 21:30。"),
        "invalid": _("请写成 21:30 这样的时间。"),
    }


class NoticeSettingsForm(ActForm):
    """How reminders come, and when it is quiet."""

    mail = forms.ChoiceField(label=_("提醒邮件"), choices=Manner.choices, widget=forms.RadioSelect)
    sms = forms.ChoiceField(
        label=_("提醒短信"),
        choices=Manner.choices,
        widget=forms.RadioSelect,
        help_text=_("发到已经验证的手机号码。"),
    )
    texts_legal = forms.BooleanField(
        label=_("必达通知同时发短信"), required=False, help_text=_("页面和邮件照常，另外再发一条短信。")
    )
    digest_at = _TimeField(label=_("每天汇总的时间"), help_text=_("选「每天汇总一次」时有用。"))
    quiet_since = _TimeField(label=_("免打扰从"), help_text=_("这段时间不发提醒，到点后补发。必达通知不受影响。"))
    quiet_until = _TimeField(label=_("免打扰到"), help_text=_("两个时间填成一样，就是不设免打扰。"))


class ToldForm(ActForm):
    """How somebody was told by other means."""

    words = forms.CharField(
        label=_("何时、用什么方式告知的"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：11月27日电话告知，本人已知悉。不要写个人信息。"),
        error_messages={"required": _("请写明何时、用什么方式告知的。")},
    )
