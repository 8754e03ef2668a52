"""What replies to an application ask for (第十五条第二款)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.rendering import DayInput, ReasonInput
from sharing.forms.parts import MISSING_REASONS, ConditionsForm, LimitsForm, asked_items, item_choices, items_field
from sharing.forms.verification import add_verification, permitted
from sharing.models import ApplicationOutcome, SharingApplication, WayOfSupply


def add_cuts(form: ConditionsForm, application: SharingApplication) -> list[str]:
    """Add what a reply in part may cut beside items: rows, period, ways of supply, what is verified; their names."""
    choices = item_choices(application.entry.in_force)
    form.add_conditions(choices, _("在申请的范围之外另加的限定；可以用没有提供的信息项来限定。"))
    form.fields["valid_until"] = forms.DateField(
        label=_("同意的使用期限至"), widget=DayInput, required=False, help_text=_("缩短申请的期限时填写。")
    )
    asked = application.ways or WayOfSupply.values
    form.fields["ways"] = forms.MultipleChoiceField(
        label=_("同意的提供方式"),
        choices=[(way, label) for way, label in WayOfSupply.choices if way in asked],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("减少申请的方式时选择；不选的按申请的方式。"),
    )
    terms = []
    if said := application.verification:
        hint = _("缩小申请的核验范围时选择；都不选的，按申请的核验范围。")
        asked_for = {code for codes in ("key_items", "compared_items", "answered_items") for code in said[codes]}
        compared = [(code, name) for code, name in choices if code in asked_for]
        told = [(code, name) for code, name in choices if code in said["answered_items"]]
        within = {"compared_items": compared, "answered_items": told}
        terms = add_verification(form, choices, within=within, hint=hint)
    return ["condition_1", "condition_2", "valid_until", "ways", *terms]


class AgreeInPartForm(LimitsForm):
    """What is agreed to, and why the rest is not."""

    reasons = forms.CharField(
        label=_("没有同意的部分，理由"), widget=ReasonInput, max_length=5000, error_messages=MISSING_REASONS
    )

    def __init__(self, *args: Any, application: SharingApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"] = items_field(asked_items(application), _("同意提供的信息项"))
        cuts = add_cuts(self, application)
        self.order_fields(["submission", "items", *cuts, "reasons"])

    def given(self) -> dict[str, Any]:
        """With the part, its rows, its end and its ways, and the reasons for the rest."""
        part = {name: self.cleaned_data[name] for name in ("items", "reasons", "valid_until", "ways")}
        part["verification"] = permitted(self.cleaned_data)
        return super().given() | part | {"row_condition": self.conditions()}


class DraftReplyForm(ConditionsForm):
    """A reply prepared for the approver."""

    outcome = forms.ChoiceField(label=_("拟答复"), choices=ApplicationOutcome.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("不同意或者部分不同意的理由"), widget=ReasonInput, max_length=5000, required=False
    )

    def __init__(self, *args: Any, application: SharingApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("部分同意的请选择；全部同意或者不同意的不用选。")
        self.fields["items"] = items_field(asked_items(application), _("拟同意的信息项"), hint, required=False)
        cuts = add_cuts(self, application)
        in_part = ApplicationOutcome.AGREE_IN_PART.value
        for name, words in (("items", f"outcome={in_part}"), *((cut, f"outcome={in_part}") for cut in cuts)):
            self.fields[name].shown_when = words  # type: ignore[attr-defined]
        self.order_fields(["submission", "outcome", "items", *cuts, "reasons"])

    def given(self) -> dict[str, Any]:
        """The prepared reply as the service takes it."""
        kept = {name: self.cleaned_data[name] for name in ("outcome", "items", "valid_until", "ways", "reasons")}
        return kept | {"row_condition": self.conditions(), "verification": permitted(self.cleaned_data)}
