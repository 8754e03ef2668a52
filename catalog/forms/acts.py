"""Forms of single acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.comparing import shown
from catalog.models import CatalogAdjustment, CatalogEntry, EntryRevision
from catalog.services import ELEMENTS
from guiyang_data.accounts.models import Agency, User
from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.rendering import DayInput, ReasonInput


class OpinionForm(ActForm):
    """An act with an opinion that may be left out."""

    opinion = forms.CharField(label=_("意见"), widget=ReasonInput, max_length=2000, required=False)


class ReviewOpinionForm(ActForm):
    """A refusal of a confidentiality review."""

    opinion = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=2000,
        error_messages={"required": _("审查不通过的，请写明理由，编制人才能据此修改。")},
    )


class SendBackForm(ActForm):
    """Reasons for the whole, and beside each element and item."""

    reasons = forms.CharField(
        label=_("总的理由"),
        widget=ReasonInput,
        max_length=5000,
        required=False,
        help_text=_("逐项写明了的，这里可以不写。"),
    )

    def __init__(self, *args: Any, revision: EntryRevision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(_asked(revision))
        for key, label, value in self.asked:
            self.fields[f"at:{key}"] = forms.CharField(
                label=label, help_text=value, required=False, max_length=1000, widget=forms.TextInput
            )

    def given(self) -> dict[str, Any]:
        said = {key: self.cleaned_data.get(f"at:{key}", "") for key, _label, _value in self.asked}
        return {"reasons": self.cleaned_data["reasons"], "fields": said}

    @property
    def beside(self) -> list[forms.BoundField]:
        """The questions beside elements and items."""
        return [self[f"at:{key}"] for key, _label, _value in self.asked]


def _asked(revision: EntryRevision) -> Iterator[tuple[str, str, str]]:
    """Element or item, its label, and what it says."""
    for name in ELEMENTS:
        yield name, str(EntryRevision._meta.get_field(name).verbose_name), shown(revision, name)  # type: ignore[union-attr]
    for item in revision.items.all():
        said = "，".join(filter(None, [str(item.get_data_type_display()), item.meaning, *item.rules_in_words]))
        yield f"item:{item.code}", str(_("信息项：%(name)s") % {"name": item.name}), said


class TogetherForm(ActForm):
    """Many rows of a list in one act."""

    chosen = forms.ModelMultipleChoiceField(
        queryset=EntryRevision.objects.none(),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": _("请先在列表里选择要办理的目录。")},
    )

    def __init__(self, *args: Any, rows: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = rows  # type: ignore[attr-defined]


class OpinionTogetherForm(OpinionForm, TogetherForm):
    """The same with an opinion, which stands in the record of each."""


class AdjustmentForm(ActForm):
    """An event that makes the catalogue change (第十三条第二款)."""

    kind = forms.ChoiceField(
        label=_("情形"),
        choices=CatalogAdjustment.EventKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择属于哪一种情形。")},
    )
    event_on = forms.DateField(
        label=_("情形发生之日"),
        widget=DayInput,
        help_text=_("法律法规修改的，为其施行之日。期限自这一天起算，可能已经逾期，如实填写即可。"),
        error_messages={"required": _("请填写发生之日。"), "invalid": _("这不是日期，请按 2026-09-01 的样子填写。")},
    )
    promulgated_on = forms.DateField(
        label=_("公布之日"),
        widget=DayInput,
        required=False,
        help_text=_("法律法规修改的填写。公布之日与施行之日不同的，期限自施行之日起算，两个日期都显示。"),
        error_messages={"invalid": _("这不是日期，请按 2026-09-01 的样子填写。")},
    )
    document = forms.CharField(label=_("文件名称、文号"), max_length=300, required=False)
    description = forms.CharField(
        label=_("说明"),
        widget=ReasonInput,
        max_length=3000,
        help_text=_("发生了什么，目录哪里要调整。"),
        error_messages={"required": _("请说明发生了什么、目录哪里要调整。")},
    )
    other_on = forms.DateField(
        label=_("上位法另行规定的日期"),
        widget=DayInput,
        required=False,
        help_text=_("上位法另有期限的，填写它规定的日期。它与条例的期限一并显示。"),
        error_messages={"invalid": _("这不是日期，请按 2026-09-01 的样子填写。")},
    )
    other_basis = forms.CharField(label=_("另行规定的依据"), max_length=300, required=False)
    collector = forms.TypedChoiceField(
        label=_("涉及哪个机关采集的信息项"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("数据发生变化的，由该机关更新；涉及目录调整的，由牵头机关修订目录。"),
    )

    def __init__(self, *args: Any, collectors: Sequence[Agency] = (), **kwargs: Any) -> None:
        """``collectors``: the other agencies that collect, of which one may be named."""
        super().__init__(*args, **kwargs)
        if not collectors:
            del self.fields["collector"]
            return
        choices = [("", _("提供机关")), *((agency.pk, agency.name) for agency in collectors)]
        self.fields["collector"].choices = choices  # type: ignore[attr-defined]


class AdjustManyForm(AdjustmentForm):
    """The same event, for many entries at once."""

    entries = forms.ModelMultipleChoiceField(
        label=_("涉及哪些条目"),
        queryset=CatalogEntry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择这一情形涉及的目录条目。")},
    )
    field_order = ["entries"]

    def __init__(self, *args: Any, entries: QuerySet[CatalogEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["entries"]
        field.queryset = entries
        field.label_from_instance = _entry_words


def _entry_words(entry: Any) -> str:
    return f"{entry.in_force.title}（{entry.resource_code}）"


class EventDayForm(ReasonForm):
    """The day of an event, corrected."""

    event_on = forms.DateField(
        label=_("情形发生之日"),
        widget=DayInput,
        help_text=_("期限改自这一天起算，可能因此已经逾期。"),
        error_messages={
            "required": _("请填写更正后的日期。"),
            "invalid": _("这不是日期，请按 2026-09-01 的样子填写。"),
        },
    )
    field_order = ["event_on", "reasons"]


class DelegateForm(ActForm):
    """Letting somebody else compile and gather for one entry."""

    to = forms.CharField(
        label=_("受托人账号"),
        max_length=150,
        help_text=_("填写对方登录平台用的账号名，对方须是机关工作人员。"),
        error_messages={"required": _("请填写受托人的账号。")},
    )

    def __init__(self, *args: Any, entry: CatalogEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry

    def clean_to(self) -> User:
        found = User.objects.filter(username=self.cleaned_data["to"].strip(), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("没有找到这个账号。请核对后再填，您填写的内容还在。"))
        return found
