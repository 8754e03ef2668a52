"""Forms of acts: each carries a token, so that sending it twice files once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise
TOO_LONG = "写得太长了：最多 %(limit_value)d 个字，现在是 %(show_value)d 个。请删减一些。"


class ActForm(forms.Form):
    """The base of every form that carries out an act.

    ``least``: how many characters its service asks for at least, by field; said beside it before anything is sent.
    """

    least: ClassVar[Mapping[str, int]] = {}
    submission = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["submission"].initial = uuid.uuid4().hex
        for field in self.fields.values():
            for validator in field.validators:
                if isinstance(validator, MaxLengthValidator):
                    validator.message = TOO_LONG
        for name, number in self.least.items():
            field = self.fields[name]
            field.widget.attrs["minlength"] = number
            self.hint(name, field.help_text)

    def hint(self, name: str, words: Words) -> None:
        """Say under a field what to write, after how many characters it has to be at least."""
        told = _("至少 %(least)d 个字。") % {"least": self.least[name]} if name in self.least else ""
        self.fields[name].help_text = format_lazy("{}{}", told, words)

    def given(self) -> dict[str, Any]:
        """What was filled in, as the service takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission"}

    def choose_from(self, **rows: QuerySet[Any]) -> None:
        """Let fields offer these rows."""
        for name, offered in rows.items():
            field: Any = self.fields[name]
            field.queryset = offered

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """Put a refusal's messages at their fields, and what has no field above the form."""
        known = {name: text for name, text in messages.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, otherwise)


class ReasonForm(ActForm):
    """An act that needs its reasons."""

    reasons = forms.CharField(
        label="理由",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
        error_messages={"required": "请写明理由。没有理由不能办理这一事项。"},
    )
