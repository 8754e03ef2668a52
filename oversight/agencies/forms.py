"""What is asked where an agency is ended or is there again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class EndForm(ActForm):
    """Since when, why, and who has its duties now."""

    ended_on = forms.DateField(
        label=_("自哪一天起不再存续"),
        widget=DayInput(),
        help_text=_("按机构改革文件。不能晚于今天。"),
        error_messages={"required": _("请选择日期。"), "invalid": _("请写成 2026-12-10 这样的日期。")},
    )
    reasons = forms.CharField(
        label=_("理由和依据的文件"),
        widget=ReasonInput(),
        max_length=2000,
        help_text=_("例如：并入市文化和旅游局，筑编发〔2026〕12 号。写入办理记录。"),
        error_messages={"required": _("请写明理由和依据的文件。没有理由不能办理这一事项。")},
    )
    successor = AgencyField(
        label=_("由哪个机关承接职责"), required=False, help_text=_("没有承接机关的，或者职责分由几个机关承接的，不选。")
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(successor=in_order(Agency.objects.filter(is_active=True).exclude(pk=agency.pk)))


class ReviveForm(ReasonForm):
    """Why it is there again."""
