"""What forms of sharing are made of: information items to choose, conditions on rows, limits, reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import EntryRevision
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from sharing.models import SharingApplication
from sharing.services import Limits
from sharing.services.granting import CALLS_PER_MINUTE

CONDITIONS = (1, 2)

COMPARED = (
    ("eq", _("等于")),
    ("ne", _("不等于")),
    ("ge", _("大于或等于")),
    ("le", _("小于或等于")),
    ("contains", _("包含文字")),
    ("starts", _("以此开头")),
)

TERMS = _("我机关承诺：数据仅用于本机关履行上述职责，不超出所述用途，不转供他人，不另作他用。")

MISSING_REASONS = {"required": _("请写明理由。没有理由不能办理这一事项。")}


def item_choices(revision: EntryRevision | None) -> list[tuple[str, str]]:
    """The information items of a revision, by code."""
    return [(item.code, item.name) for item in revision.items.all()] if revision else []


def asked_items(application: SharingApplication) -> list[tuple[str, str]]:
    """The items that were applied for and are in the catalogue still."""
    return [(code, name) for code, name in item_choices(application.entry.in_force) if code in application.items]


def items_field(choices: list[tuple[str, str]], label: Any, hint: Any = "", *, required: bool = True) -> forms.Field:
    """Information items to be chosen."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=hint,
        required=required,
        error_messages={"required": _("请至少选择一个信息项。")},
    )


class ConditionInput(forms.MultiWidget):
    """An item, how it is compared, and the value, in one row."""

    template_name = "sharing/condition_input.html"
    use_fieldset = True

    def __init__(self, choices: list[tuple[str, Any]] | None = None) -> None:
        self.choices = choices or []
        widgets = [
            forms.Select(attrs={"aria-label": _("信息项")}, choices=self.choices),
            forms.Select(attrs={"aria-label": _("比较方式")}, choices=COMPARED),
            forms.TextInput(attrs={"aria-label": _("值"), "maxlength": 200}),
        ]
        super().__init__(widgets)

    def decompress(self, value: Any) -> list[Any]:
        if not value:
            return ["", "eq", ""]
        return [value["code"], value["operator"], value["value"]]


class ConditionField(forms.MultiValueField):
    """A condition ``{code, operator, value}``, or None where the rows are not limited."""

    def __init__(self, *, items: list[tuple[str, str]], **kwargs: Any) -> None:
        choices = [("", _("不限")), *items]
        fields = (
            forms.ChoiceField(choices=choices, required=False),
            forms.ChoiceField(choices=COMPARED, required=False),
            forms.CharField(max_length=200, required=False),
        )
        super().__init__(fields, widget=ConditionInput(choices), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> dict[str, Any] | None:
        if not data_list or not data_list[0]:
            return None
        code, operator, value = data_list
        if not value:
            raise forms.ValidationError(_("请填写比较的值；不限定范围的，信息项请选「不限」。"))
        return {"code": code, "operator": operator or "eq", "value": value}


class ConditionsForm(ActForm):
    """Base of forms that may limit the rows: up to two conditions, each on one item."""

    def add_conditions(self, items: list[tuple[str, str]], hint: Any) -> None:
        """Add the fields of the conditions."""
        for number in CONDITIONS:
            label = _("数据范围") if number == CONDITIONS[0] else _("并且")
            shown = hint if number == CONDITIONS[0] else ""
            self.fields[f"condition_{number}"] = ConditionField(items=items, label=label, help_text=shown)

    def conditions(self) -> list[dict[str, Any]]:
        """The conditions as services take them."""
        found = [self.cleaned_data.get(f"condition_{number}") for number in CONDITIONS]
        return [condition for condition in found if condition]

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """A refused condition is shown at the first of them."""
        first = f"condition_{CONDITIONS[0]}"
        named = {first if name == "row_condition" else name: text for name, text in messages.items()}
        super().blame(named, otherwise)


class LimitsForm(ConditionsForm):
    """Base of forms that set how much a grant lets through."""

    rows_per_day = forms.IntegerField(
        label=_("每日行数上限"), min_value=1, max_value=10**12, required=False, help_text=_("不限的请留空。")
    )
    calls_per_minute = forms.IntegerField(
        label=_("每分钟次数上限"), min_value=1, max_value=100_000, initial=CALLS_PER_MINUTE, required=False
    )

    def limits(self) -> Limits:
        """The limits as services take them."""
        data = self.cleaned_data
        calls = data.get("calls_per_minute") or CALLS_PER_MINUTE
        return Limits(rows_per_day=data.get("rows_per_day"), calls_per_minute=calls)

    def given(self) -> dict[str, Any]:
        """The limits, which are all that a form of nothing else asks for."""
        return {"limits": self.limits()}


class ReasonsForm(ActForm):
    """Reasons that are told to the other side."""

    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=5000,
        help_text=_("会告知对方机关，并写入办理记录。"),
        error_messages=MISSING_REASONS,
    )
