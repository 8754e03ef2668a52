"""The form in which the publication of a catalogue is proposed, and those of the acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import PublicationDecision
from catalog.publishing import CHOOSABLE, CHOOSABLE_OF_ITEMS, USUAL, USUAL_OF_ITEMS
from catalog.services import Publication
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class PublicationForm(ActForm):
    """Which catalogue, of whom, with which elements, by which document."""

    catalogue = forms.ChoiceField(
        label=_("公布哪一种目录"),
        choices=PublicationDecision.Catalogue.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择公布哪一种目录。")},
    )
    region = forms.ModelChoiceField(
        label=_("哪个辖区的"),
        queryset=Region.objects.none(),
        required=False,
        empty_label=_("不按辖区，公布一个机关的"),
        help_text=_("公布整个辖区的目录，选择辖区；只公布一个机关的，在下面选择机关。"),
    )
    agency = AgencyField(label=_("哪个机关的"), required=False)
    elements = forms.MultipleChoiceField(
        label=_("公布条目的哪些要素"),
        choices=list(CHOOSABLE.items()),
        initial=USUAL,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("资源代码、名称、提供机关和公布日期总是公布。没有选的，页面和下载的文件里都没有。"),
    )
    item_elements = forms.MultipleChoiceField(
        label=_("公布信息项的哪些要素"),
        choices=list(CHOOSABLE_OF_ITEMS.items()),
        initial=USUAL_OF_ITEMS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("都不选的，不公布信息项。"),
    )
    includes_withheld = forms.BooleanField(label=_("不予共享的条目也公布（只对政府数据资源目录有效）"), required=False)
    document = forms.CharField(
        label=_("决定的文件名称、文号"),
        max_length=200,
        error_messages={"required": _("请写明决定的文件名称、文号。")},
    )
    decided_on = forms.DateField(
        label=_("决定日期"),
        widget=DayInput,
        error_messages={"required": _("请填写决定日期。"), "invalid": _("这不是日期，请按 2026-09-01 的样子填写。")},
    )
    grounds = forms.CharField(
        label=_("公布的理由"),
        widget=ReasonInput,
        max_length=2000,
        error_messages={"required": _("请写明公布的理由。")},
    )

    def __init__(self, *args: Any, regions: QuerySet[Region], agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("region", regions), ("agency", agencies)):
            field: Any = self.fields[name]
            # one of both is asked for
            field.queryset, field.depends_on_answer = choices, True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (values.get("region") is None) == (values.get("agency") is None):
            self.add_error("region", _("请选择一个辖区，或者一个机关。"))
        return values

    def given(self) -> dict[str, Any]:
        return {"facts": Publication(**super().given())}


class SecrecyReviewForm(ActForm):
    """What the confidentiality review found."""

    opinion = forms.CharField(
        label=_("保密审查意见"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("审查了哪些内容、依据什么、结论如何。"),
        error_messages={"required": _("请写明保密审查的意见：审查了什么、依据什么、结论如何。")},
    )


def words_of(names: Sequence[str], known: dict[str, str]) -> str:
    """Chosen elements as people read them."""
    return "、".join(known[name] for name in names if name in known)
