"""What the log of readings is narrowed by, in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.rendering import DayInput
from sharing.logbook import Wanted
from sharing.selectors import WAYS

ANY = ("", _("全部"))
NO_DAY = {"invalid": _("请写成 2026-11-02 这样的日期。")}


class LogFilterForm(forms.Form):
    """Filters of the log; what is not understood is said beside its field and looked for nothing."""

    resource = forms.ChoiceField(label=_("数据"), required=False)
    agency = forms.ChoiceField(label=_("读取机关"), required=False)
    actor = forms.ChoiceField(label=_("系统或者人员"), required=False)
    grant = forms.ChoiceField(label=_("授权"), required=False)
    kind = forms.ChoiceField(label=_("方式"), required=False)
    since = forms.DateField(label=_("从哪天起"), required=False, widget=DayInput, error_messages=NO_DAY)
    until = forms.DateField(label=_("到哪天止"), required=False, widget=DayInput, error_messages=NO_DAY)

    def __init__(self, address: QueryDict, *, choices: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        super().__init__(address)
        for name, found in (*choices.items(), ("kind", [(key, str(way)) for key, way in WAYS.items()])):
            self._offer(name, found)

    def _offer(self, name: str, found: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [ANY, *found]
            field.error_messages["invalid_choice"] = _("这里没有这一项，已改为全部。")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if isinstance(since, dt.date) and isinstance(until, dt.date) and until < since:
            self.add_error("until", _("截止日期不能早于起始日期。"))
        return data

    def wanted(self) -> Wanted:
        """What is looked for, of what was understood."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})
