"""What is asked for an export."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class ExportForm(ActForm):
    """The days and what for."""

    since = forms.DateField(label=_("从哪天起"), widget=DayInput)
    until = forms.DateField(label=_("到哪天止"), widget=DayInput, help_text=_("按封存的日期，两端都包括。"))
    purpose = forms.CharField(
        label=_("用途"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("例如：提供给审计机关核验。写入办理记录。"),
        error_messages={"required": _("请写明用途。")},
    )
