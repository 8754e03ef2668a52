"""Asking for what may be verified: with an application, in its reply, and of a grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sharing.models import WayOfSupply
from sharing.models.verification import MISSES, SUBJECTS
from sharing.services.verification import MOST_MISSES, MOST_SUBJECTS, SAID, Permitted

GRANTED = ("most_misses", "rows_too")
WHERE_VERIFIED = f"ways={WayOfSupply.VERIFY.value}"
"""Shown where the ways that are chosen name verifying."""

_ITEMS = {
    "key_items": (
        _("核验：用以查找的信息项"),
        _("核验时须全部填写，例如姓名和身份证号码。至少有一项能够确定单个对象。"),
    ),
    "compared_items": (
        _("核验：只核对不显示的信息项"),
        _("只答复所填内容是否相符，不显示内容；可以选择没有授权的信息项。"),
    ),
    "answered_items": (
        _("核验：可以答复的信息项"),
        _("查到唯一一条记录时显示其内容。都不选的，只答复有没有记录、是否相符。"),
    ),
}


def add_verification(
    form: forms.Form,
    choices: list[tuple[str, str]],
    *,
    within: Mapping[str, list[tuple[str, str]]] | None = None,
    granted: bool = False,
    hint: Any = "",
    shown_when: str = "",
) -> list[str]:
    """Add the fields of terms; their names. ``within``: choices of a field, where they are fewer than ``choices``.

    ``granted``: with what only the provider sets of a grant. ``hint``: what it means that no key is chosen, where the
    terms may be left open.
    """
    for name, (label, own_hint) in _ITEMS.items():
        form.fields[name] = forms.MultipleChoiceField(
            label=label,
            choices=(within or {}).get(name, choices),
            widget=forms.CheckboxSelectMultiple,
            required=name == "key_items" and not hint,
            help_text=f"{own_hint}{hint}" if name == "key_items" else own_hint,
            error_messages={"required": _("请选择用以查找的信息项。")},
        )
    form.fields["most_subjects"] = forms.IntegerField(
        label=_("核验：每次最多几个对象"),
        min_value=1,
        max_value=MOST_SUBJECTS,
        initial=SUBJECTS,
        required=not hint,
    )
    if granted:
        _add_granted(form, is_open=bool(hint))
    names = [*SAID, *(GRANTED if granted else ())]
    for name in names if shown_when else ():
        form.fields[name].shown_when = shown_when  # type: ignore[attr-defined]
    return names


def _add_granted(form: forms.Form, *, is_open: bool) -> None:
    form.fields["most_misses"] = forms.IntegerField(
        label=_("核验：每小时不相符上限"),
        min_value=1,
        max_value=MOST_MISSES,
        initial=MISSES,
        required=not is_open,
        help_text=_("一小时内「没有记录」和「不相符」超过这个数的，停止答复并提醒双方机关，防止逐个试探。"),
    )
    form.fields["rows_too"] = forms.BooleanField(
        label=_("也可以查询和下载数据"),
        required=False,
        help_text=_("不选的，这一授权只供核验，不能查询、下载或者批量读取。"),
    )


def permitted(data: Mapping[str, Any]) -> Permitted | None:
    """What was filled in, as services take it; None where no key was chosen."""
    if not data.get("key_items"):
        return None
    values = {name: data[name] for name in (*SAID, *GRANTED) if name in data and data[name] is not None}
    return Permitted(**values)
