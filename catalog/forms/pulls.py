"""The form of a pull: from which interface, how its answer is read, how rows are taken in, and when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.deadlines import PULL_INTERVALS
from catalog.forms.gathering import MODES
from catalog.models import CatalogEntry, Interface, Pull
from catalog.services import PullFacts
from catalog.workflow import InterfaceStatus, SystemStatus
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput


def pairs_of(text: str, *, wrong: str) -> dict[str, str]:
    """Lines ``name = value`` as a mapping."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        if not (sign and name) or name in found:
            raise ValidationError(wrong, code="invalid")
        found[name] = value
    return found


def lines_of(pairs: dict[str, str]) -> str:
    """A mapping as lines."""
    return "\n".join(f"{name} = {value}" for name, value in pairs.items())


class PullForm(ActForm):
    """What is pulled and when."""

    interface = forms.TypedChoiceField(
        label=_("接口"), coerce=int, error_messages={"required": _("请选择接口。还没有的，先在信息系统里登记。")}
    )
    path = forms.CharField(
        label=_("路径"), max_length=300, required=False, help_text=_("接在接口地址之后，例如 /stops。")
    )
    query = forms.CharField(
        label=_("固定参数"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("每行一个，写成 名称 = 值。"),
    )
    rows_at = forms.CharField(
        label=_("数据行在答复里的位置"),
        max_length=200,
        required=False,
        help_text=_("例如 /data/items；答复本身就是数组的不填。"),
    )
    mapping = forms.CharField(
        label=_("字段与信息项"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text=_("每行一个，写成 字段 = 信息项；字段在下一层的写成 /address/city = 所在市。名称都相同的不填。"),
    )
    paging = forms.ChoiceField(label=_("分页"), choices=Pull.Paging.choices, initial=Pull.Paging.NONE)
    page_name = forms.CharField(
        label=_("页码、起始行或者游标的参数"), max_length=60, required=False, help_text=_("例如 page、offset、cursor。")
    )
    size_name = forms.CharField(
        label=_("每页行数的参数"), max_length=60, required=False, help_text=_("例如 page_size、limit。")
    )
    page_size = forms.IntegerField(label=_("每页行数"), min_value=1, max_value=10_000, initial=500)
    first_page = forms.IntegerField(label=_("首页的页码"), min_value=0, max_value=1, initial=1)
    next_at = forms.CharField(
        label=_("下一个游标或者地址的位置"), max_length=200, required=False, help_text=_("例如 /links/next。")
    )
    mode = forms.ChoiceField(label=_("方式"), choices=MODES, widget=forms.RadioSelect, initial=MODES[0][0])
    every = forms.TypedChoiceField(label=_("间隔"), coerce=int, choices=PULL_INTERVALS, initial=1440)
    at_time = forms.TimeField(
        label=_("每天几点"),
        required=False,
        help_text=_("间隔在一天以上的可以填，例如 02:30。"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    header_name = forms.CharField(
        label=_("凭据的请求头"), max_length=60, required=False, help_text=_("不填的，用接口登记的凭据。")
    )
    header_value = forms.CharField(
        label=_("凭据"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("加密保存，不再显示；不改的不填。"),
    )

    def __init__(self, *args: Any, entry: CatalogEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interface"].choices = interface_choices(entry)  # type: ignore[attr-defined]

    def clean_query(self) -> dict[str, str]:
        return pairs_of(self.cleaned_data["query"], wrong=str(_("每行写成 名称 = 值，名称不重复。")))

    def clean_mapping(self) -> dict[str, str]:
        return pairs_of(self.cleaned_data["mapping"], wrong=str(_("每行写成 字段 = 信息项，字段不重复。")))

    def given(self) -> dict[str, Any]:
        return {"facts": PullFacts(**super().given())}


class PullReasonsForm(ActForm):
    """Why rows are pulled no more."""

    reasons = forms.CharField(
        label=_("理由"), widget=ReasonInput, max_length=500, error_messages={"required": _("请写明理由。")}
    )


def interface_choices(entry: CatalogEntry) -> list[tuple[Any, Any]]:
    """The interfaces of systems in use of the entry's provider."""
    offered = Interface.objects.exclude(status=InterfaceStatus.ENDED).select_related("system")
    own = offered.filter(system__agency=entry.provider_id, system__status=SystemStatus.IN_USE)
    return [("", _("请选择")), *((one.pk, f"{one.system.name} · {one.name}") for one in own.order_by("system", "pk"))]


def initial_of_pull(pull: Pull) -> dict[str, Any]:
    """A pull as first values of the form; never its credentials."""
    names = [one for one in PullForm.base_fields if one not in {"interface", "query", "mapping", "header_value"}]
    known = {name: getattr(pull, name) for name in names if hasattr(pull, name)}
    texts = {"query": lines_of(pull.query), "mapping": lines_of(pull.mapping)}
    return known | texts | {"interface": pull.interface_id}
