"""Forms of entering an arrangement or a new version of a rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput
from guiyang_data.statute.models import PeriodRule
from guiyang_data.statute.reckoning import countable_kinds
from oversight.models import CalendarProposal

LARGEST_FILE = 200_000
"""Bytes; a notice has some three thousand."""


class CalendarForm(ActForm):
    """A notice's text, CSV or JSON, pasted or as a file."""

    scope = forms.ChoiceField(
        label=_("录入什么"),
        choices=CalendarProposal.Scope.choices,
        widget=forms.RadioSelect,
        help_text=_("国务院办公厅每年的放假通知选「全年安排」；临时延长或者改动一个假期选「调整个别日期」。"),
        error_messages={"required": _("请选择录入全年安排，还是调整个别日期。")},
    )
    text = forms.CharField(
        label=_("通知原文"),
        help_text=_(
            "粘贴通知全文，或者 CSV（day,working,name）、JSON。系统逐行核对天数、星期和调休，有误会指出是哪一行。"
        ),
        widget=forms.Textarea(attrs={"rows": 14}),
        max_length=100_000,
        required=False,
    )
    file = forms.FileField(label=_("或者选择文件"), required=False, help_text=_("TXT、CSV 或者 JSON，不超过 200 KB。"))
    year = forms.IntegerField(
        label=_("年份"),
        required=False,
        help_text=_("原文写明年份的，不用填写。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("请写成 2027 这样的年份。")},
    )
    document_number = forms.CharField(
        label=_("文号"), max_length=60, required=False, help_text=_("原文写明文号的，不用填写。")
    )
    issued_on = forms.DateField(
        label=_("印发日期"),
        required=False,
        widget=DayInput(),
        help_text=_("原文落款写明日期的，不用填写。"),
        error_messages={"invalid": _("请写成 2026-11-04 这样的日期。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("text", "file"):
            self.fields[name].depends_on_answer = True  # type: ignore[attr-defined]  # one of the two is needed

    def clean(self) -> dict[str, Any]:
        """The words of the file stand where nothing was pasted."""
        values = super().clean() or {}
        upload = values.get("file")
        if upload is not None and not values.get("text", "").strip():
            values["text"] = self._words(upload)
        if not values.get("text", "").strip() and "text" not in self.errors and "file" not in self.errors:
            self.add_error("text", _("请粘贴通知原文，或者选择文件。"))
        return values

    def given(self) -> dict[str, Any]:
        """The words, wherever they came from."""
        return {name: value for name, value in super().given().items() if name != "file"}

    def _words(self, upload: Any) -> str:
        if upload.size > LARGEST_FILE:
            self.add_error("file", _("文件超过 200 KB，不像是一份放假安排。请核对文件。"))
            return ""
        content: bytes = upload.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        self.add_error("file", _("这不是文本文件。请选择 TXT、CSV 或者 JSON 文件，或者粘贴原文。"))
        return ""

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """Every line of a text that is wrong is a message of its own."""
        for name, text in messages.items():
            for line in text.split("\n") if name in self.fields else ():
                self.add_error(name, line)
        if not set(messages) & set(self.fields):
            self.add_error(None, otherwise)


class RuleForm(ActForm):
    """A new version of the length of a period."""

    kind = forms.ChoiceField(
        label=_("期限"), choices=lambda: [(kind.code, f"{kind.label}：{kind.duty}") for kind in countable_kinds()]
    )
    length = forms.IntegerField(
        label=_("长度"),
        min_value=1,
        max_value=365,
        error_messages={
            "required": _("请填写长度。"),
            "invalid": _("请填写整数，例如 10。"),
            "min_value": _("长度应当在 1 至 365 之间。"),
            "max_value": _("长度应当在 1 至 365 之间。"),
        },
    )
    unit = forms.ChoiceField(
        label=_("单位"),
        choices=PeriodRule.Units.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择自然日或者工作日。")},
    )
    statutory = forms.BooleanField(
        label=_("法定期限"), required=False, help_text=_("由法律、法规规定的才选。平台自己的服务目标不选。")
    )
    instrument = forms.CharField(
        label=_("依据的法规"),
        max_length=120,
        help_text=_("写全称，不用写书名号。"),
        error_messages={"required": _("请写明法规全称。")},
    )
    article = forms.CharField(
        label=_("条款"),
        max_length=60,
        help_text=_("例如 第二十一条第一款。"),
        error_messages={"required": _("请写明条款，例如 第二十一条第一款。")},
    )
    in_force_from = forms.DateField(
        label=_("施行日"),
        widget=DayInput(),
        help_text=_("这一天起开始的期限按新规则计算。"),
        error_messages={"required": _("请选择施行日。"), "invalid": _("请写成 2027-01-01 这样的日期。")},
    )
    reaches_running = forms.BooleanField(
        label=_("新规定明文适用于已经起算的期限"),
        required=False,
        help_text=_("没有明文的不选：已经起算的期限按原规则计算。"),
    )
    transition = forms.CharField(
        label=_("衔接规定的条文"),
        widget=ReasonInput(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text=_("选了上一项的，摘录该条文。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["transition"].depends_on_answer = True  # type: ignore[attr-defined]  # asked for by the tick above
