"""Forms of the acts of oversight."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class UrgeForm(ActForm):
    """The words of an urging."""

    words = forms.CharField(
        label=_("督办意见"),
        help_text=_("写明要求做什么、什么时候之前。承办机关会在通知里看到全文。"),
        widget=ReasonInput(),
        max_length=3000,
        error_messages={"required": _("请写明督办意见。")},
    )


class ConcludeForm(ActForm):
    """How a case was dealt with."""

    conclusion = forms.CharField(
        label=_("处理结果"),
        help_text=_("写明逾期的原因和怎样处理。记录后，这件事从监督列表中移出。"),
        widget=ReasonInput(),
        max_length=3000,
        error_messages={"required": _("请写明处理结果。")},
    )


class ConfirmForm(ActForm):
    """A note with the confirmation."""

    note = forms.CharField(label=_("认定意见"), widget=ReasonInput(), max_length=3000, required=False)


class OrderForm(ActForm):
    """An order to correct, with its day and its circular."""

    text = forms.CharField(
        label=_("改正要求"),
        widget=ReasonInput(),
        max_length=5000,
        error_messages={"required": _("请写明改正要求。")},
    )
    due_on = forms.DateField(
        label=_("改正期限"),
        help_text=_("到这一天 24:00 为止。"),
        widget=DayInput(),
        error_messages={"required": _("请选择改正期限。"), "invalid": _("请写成 2026-12-10 这样的日期。")},
    )
    circular = forms.CharField(
        label=_("通报批评的内容"),
        help_text=_("依据第三十条，责令改正的同时通报批评。不要写入个人信息。"),
        widget=ReasonInput(),
        max_length=5000,
        error_messages={"required": _("请写明通报批评的内容。")},
    )


class ReportForm(ActForm):
    """What was corrected."""

    report = forms.CharField(
        label=_("改正情况"),
        widget=ReasonInput(),
        max_length=5000,
        error_messages={"required": _("请写明改正情况。")},
    )


class AcceptForm(ActForm):
    """A word with the acceptance."""

    answer = forms.CharField(label=_("意见"), widget=ReasonInput(), max_length=3000, required=False)


class RecommendForm(ActForm):
    """A recommendation for discipline."""

    text = forms.CharField(
        label=_("处分建议"),
        help_text=_("写明事实、依据和建议。不要写入与本案无关的个人信息。"),
        widget=ReasonInput(),
        max_length=5000,
        error_messages={"required": _("请写明处分建议。")},
    )


class RefusalForm(ReasonForm):
    """Reasons of a decision against what was drafted or reported."""
