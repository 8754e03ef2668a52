"""How Django's forms are drawn: ``{{ form }}`` and ``{{ form.field.as_field_group }}`` give the portal's parts."""

from __future__ import annotations

from html import escape
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


class PortalRenderer(TemplatesSetting):
    """Labels above, hints below, errors tied to their inputs; named in the setting FORM_RENDERER."""

    form_template_name = "parts/form_fields.html"
    field_template_name = "parts/field.html"


class DayInput(forms.DateInput):
    """A day, picked with the browser's own calendar; the value is ISO 8601."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ReasonInput(forms.Textarea):
    """Reasons of a decision: several lines, a counter where there is a limit."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 5, "data-count": True, **(attrs or {})})


class PlainSelect(forms.Select):
    """A list of hundreds to choose one from, written out at once: Django draws a template for each choice."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The same as Django's, for choices without groups."""
        chosen = set(self.format_value(value))
        named = flatatt(self.build_attrs(self.attrs, attrs or {}) | {"name": name})
        words = ((str(key), str(label)) for key, label in self.choices)
        options = "".join(
            f'<option value="{escape(key)}"{" selected" if key in chosen else ""}>{escape(label)}</option>'
            for key, label in words
        )
        return SafeString(f"<select{named}>{options}</select>")


class ManyFilesInput(forms.ClearableFileInput):
    """Several attachments at once, with a progress bar while they are sent."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """The uploaded files as a list, each checked as one file is; at most ``most`` of them, where that is said."""

    widget = ManyFilesInput

    def __init__(self, *, most: int = 0, **given: Any) -> None:
        super().__init__(**given)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file on its own; an empty list where nothing was sent and nothing is required."""
        files = self._each(data, initial)
        if self.most and len(files) > self.most:
            raise forms.ValidationError(_("一次最多上传 %(most)d 份。") % {"most": self.most})
        return files

    def _each(self, data: Any, initial: Any) -> list[Any]:
        single = super().clean
        if isinstance(data, list | tuple):
            return [single(one, initial) for one in data] or self._none(initial)
        cleaned = single(data, initial)
        return [cleaned] if cleaned else []

    def _none(self, initial: Any) -> list[Any]:
        super().clean(None, initial)
        return []
