"""Forms of the acts on flags and of the rules."""

from __future__ import annotations

from functools import cache

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from sharing.watching.rules import RULES


class FlagReasonsForm(ActForm):
    """What was found out about a flag."""

    reasons = forms.CharField(
        label=_("了解到的情况和理由"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("写入办理记录。暂停授权的，告知双方机关；要求纠正的，告知需求机关。"),
        error_messages={"required": _("请写明了解到的情况和理由。没有理由不能办理这一事项。")},
    )


@cache
def form_of(kind: str) -> type[ActForm]:
    """The form of a kind's thresholds."""
    numbers: dict[str, forms.Field] = {
        name: forms.IntegerField(
            label=str(threshold.label),
            min_value=threshold.least,
            max_value=threshold.most,
            help_text=_("通常为 %(usual)s") % {"usual": f"{threshold.usual:,}"},
        )
        for name, threshold in RULES[kind].items()
    }
    reasons = forms.CharField(
        label=_("调整的理由"),
        widget=ReasonInput,
        max_length=2000,
        error_messages={"required": _("请写明调整阈值的理由。")},
    )
    return type(f"{kind.title()}RuleForm", (ActForm,), {**numbers, "reasons": reasons})
