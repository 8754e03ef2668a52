"""Forms of the acts of opening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from guiyang_data.tables.columns import Column, DataType
from opendata.desensitize.techniques import DATES, NUMBERS

TECHNIQUE_CHOICES = (
    ("keep", _("保留原值")),
    ("mask", _("掩码（中间以 * 代替）")),
    ("truncate", _("截断（只留开头）")),
    ("round", _("取整")),
    ("generalize-date:month", _("日期只到月")),
    ("generalize-date:year", _("日期只到年")),
    ("pseudonym", _("假名（散列）")),
    ("suppress", _("不开放该项")),
)
INPUT = {"class": "input"}
ONLY_NUMBERS, ONLY_DATES = {"round"}, {"generalize-date:month", "generalize-date:year"}
NAMES = {"first": "keep_first", "last": "keep_last", "step": "step"}
USED = {"mask": ("first", "last"), "truncate": ("first",), "round": ("step",)}


class PlanForm(ActForm):
    """One technique for each information item, with its parameters."""

    def __init__(
        self, *args: Any, columns: Sequence[Column], items: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        self.items = items or {}
        for column in columns:
            self.fields[f"t-{column.code}"] = forms.ChoiceField(
                label=column.name, choices=choices_for(column.data_type), widget=forms.Select(INPUT)
            )
            for part, label in (("first", _("保留前几位")), ("last", _("保留后几位"))):
                self.fields[f"{part}-{column.code}"] = forms.IntegerField(
                    label=label, required=False, min_value=0, max_value=200, widget=forms.NumberInput(INPUT)
                )
            self.fields[f"step-{column.code}"] = forms.DecimalField(
                label=_("按多少取整"), required=False, widget=forms.NumberInput(INPUT)
            )

    @staticmethod
    def initial_of(techniques: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """First values from a stored plan."""
        initial: dict[str, Any] = {}
        for code, values in techniques.items():
            name = str(values.get("technique", "keep"))
            initial[f"t-{code}"] = f"{name}:{values.get('to', 'month')}" if name == "generalize-date" else name
            for part, key in NAMES.items():
                if key in values:
                    initial[f"{part}-{code}"] = f"{values[key]:g}"
        return initial

    def techniques(self) -> dict[str, dict[str, Any]]:
        """What was chosen, as the plan keeps it."""
        chosen: dict[str, dict[str, Any]] = {}
        for column in self.columns:
            name, _colon, to = self.cleaned_data[f"t-{column.code}"].partition(":")
            values: dict[str, Any] = {"technique": name} | ({"to": to} if to else {})
            for part in USED.get(name, ()):
                given = self.cleaned_data.get(f"{part}-{column.code}")
                if given is not None:
                    values[NAMES[part]] = float(given) if part == "step" else given
            chosen[column.code] = values
        return chosen

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """Refusals name items by their code; the message goes beside that item's technique."""
        super().blame({f"t-{code}": text for code, text in messages.items()}, otherwise)

    def rows(self) -> list[tuple[Column, dict[str, BoundField], Any]]:
        """The fields of each item, and what is known of it."""
        parts = ("t", *NAMES)
        return [
            (column, {part: self[f"{part}-{column.code}"] for part in parts}, self.items.get(column.code))
            for column in self.columns
        ]


def choices_for(data_type: DataType) -> list[tuple[str, Any]]:
    """The techniques that can be applied to a data type."""
    return [
        (code, label)
        for code, label in TECHNIQUE_CHOICES
        if not (code in ONLY_NUMBERS and data_type.value not in NUMBERS)
        and not (code in ONLY_DATES and data_type.value not in DATES)
    ]


class ReviewForm(ActForm):
    """The second person's conclusion."""

    passed = forms.TypedChoiceField(
        label=_("审查结论"),
        choices=[("yes", _("可以开放：没有国家秘密、商业秘密和个人隐私")), ("no", _("不可以开放"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择审查结论。")},
    )
    opinion = forms.CharField(
        label=_("审查意见"),
        required=False,
        max_length=3000,
        widget=ReasonInput,
        help_text=_("不可以开放的，须写明理由。"),
    )


class WithdrawForm(ActForm):
    """Taking a data set back needs its reasons."""

    reasons = forms.CharField(
        label=_("撤回的理由"),
        widget=ReasonInput,
        max_length=3000,
        help_text=_(
            "公众会看到这段文字。不再开放的，请写明属于第十八条第一款的哪一项情形；数据有误的，请写明何时校核完毕。"
        ),
        error_messages={"required": _("请写明撤回的理由。公众会在数据集的页面看到它。")},
    )
