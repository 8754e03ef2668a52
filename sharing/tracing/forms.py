"""What is filled in about telling those concerned: a deferral, a code at the counter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.forms import OwnActForm
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class DeferralForm(ActForm):
    """What is told later, on which basis, until when."""

    case_number = forms.CharField(
        label=_("办件编号"),
        max_length=120,
        required=False,
        help_text=_("只延后一件办件的，填写其编号，与读取时写明的一致；不填写的，延后经这一授权的全部读取。"),
    )
    basis = forms.CharField(
        label=_("法律依据"),
        max_length=300,
        help_text=_("法律、行政法规的名称和条款。没有依据的不能延后。"),
        error_messages={"required": _("请写明法律、行政法规的名称和条款。")},
    )
    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("告知本人将怎样妨碍履行法定职责。监督机关可以查看。"),
        error_messages={"required": _("请写明告知将怎样妨碍履行法定职责。")},
    )
    until = forms.DateField(label=_("延后至"), widget=DayInput, help_text=_("最长一年。到期自动向本人显示。"))


class CounterForm(OwnActForm):
    """What the clerk types: the code the person brings, and the number from the document in hand."""

    code = forms.CharField(
        label=_("核验码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        help_text=_("由本人登录后在「谁用过我的数据」获取，八位字母和数字。"),
    )
    id_number = forms.CharField(
        label=_("证件上的公民身份号码"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("对照本人出示的有效身份证件填写。"),
    )
    came_in_person = forms.BooleanField(
        label=_("本人到场，证件有效，证件与本人一致"),
        error_messages={"required": _("须本人持有效身份证件到场，才能核验。")},
    )
