"""What the acts on data needs ask for. Rules of law are the services' business; forms know shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, UpdateCycle
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from sharing.services import NeedWish

NOT_FOUND = _("没有找到这个资源代码的条目。请核对，或者从提示中选择。")


def _others(than: Agency) -> QuerySet[Agency]:
    return in_order(Agency.objects.filter(is_active=True).exclude(pk=than.pk))


class NeedForm(ActForm):
    """What data is needed, for which duty."""

    title = forms.CharField(
        label=_("需要什么数据"),
        max_length=200,
        help_text=_(
            "例如「残疾人两项补贴发放名单」。确认责任机关后，这个名称会列入公开的需求清单，请不要写入个人、案件的信息。"
        ),
        error_messages={"required": _("请写明需要什么数据。")},
    )
    items = forms.CharField(
        label=_("需要的信息项"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("一行一个，只写履行职责所必需的，例如「姓名」「身份证号码」「发放月份」。"),
        error_messages={"required": _("请至少写明一个信息项。")},
    )
    content = forms.CharField(
        label=_("内容说明"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如涉及的范围、年份，在哪份证照或者报表上见过。"),
    )
    duty = forms.CharField(label=_("所履行的法定职责"), max_length=300)
    duty_basis = forms.CharField(
        label=_("职责依据"), max_length=300, help_text=_("法律、法规或者职能配置规定的名称和条款。")
    )
    purpose = forms.CharField(label=_("用途"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    update_cycle = forms.ChoiceField(
        label=_("需要的更新周期"), choices=UpdateCycle.choices, initial=UpdateCycle.MONTHLY
    )
    suspected = AgencyField(
        label=_("可能由哪个机关提供"), required=False, help_text=_("不清楚的可以不选，由市大数据主管部门确认。")
    )
    is_unlisted = forms.BooleanField(
        label=_("需求本身不宜公开，不列入公开的需求清单"),
        required=False,
        help_text=_("例如涉及正在办理的案件。列入的只有机关、数据名称、更新周期和办理进展。"),
    )

    def __init__(self, *args: Any, requester: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(suspected=_others(requester))

    def given(self) -> dict[str, Any]:
        """What is needed, items by line."""
        values = super().given()
        return {"wish": NeedWish(**values | {"items": values["items"].splitlines()})}


def unlisted_field() -> forms.BooleanField:
    """Whether the officer who confirms keeps the need out of the public list, which tells what it is called."""
    return forms.BooleanField(
        label=_("不列入公开的需求清单"),
        required=False,
        help_text=_("数据名称会随确认列入公开的需求清单。名称本身不宜公开的，请勾选。"),
    )


class AssignForm(ActForm):
    """Which agency is responsible."""

    agency = AgencyField(label=_("责任机关"), error_messages={"required": _("请选择责任机关。")})
    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=5000,
        required=False,
        help_text=_("告知责任机关和需求机关。再次确认由已经答复过的机关负责的，必须写明。"),
    )
    is_unlisted = unlisted_field()

    def __init__(self, *args: Any, requester: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(agency=_others(requester))


class CodeInput(forms.TextInput):
    """A resource code, with entries offered while one types. ``offered``: (code, title)."""

    template_name = "sharing/needs/code_input.html"

    def __init__(self, offered: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__({"autocomplete": "off"})
        self.offered = list(offered)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        listed = f"{context['widget']['attrs'].get('id', name)}_offered"
        context["widget"]["attrs"]["list"] = listed
        return context | {"offered": self.offered, "listed": listed}


class EntryField(forms.CharField):
    """An entry by its resource code, among ``entries``; ``offered``: those that are shown while one types."""

    def __init__(self, *, entries: QuerySet[CatalogEntry], offered: Iterable[CatalogEntry], **given: Any) -> None:
        super().__init__(max_length=60, widget=CodeInput(_named(offered)), **given)
        self.entries = entries

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        found = self.entries.filter(resource_code=code).first()
        if found is None:
            raise forms.ValidationError(NOT_FOUND)
        return found


def _named(entries: Iterable[CatalogEntry]) -> Iterable[tuple[str, str]]:
    for entry in entries:
        yield entry.resource_code, entry.in_force.title if entry.in_force else str(_("尚未公布"))


class EntryForm(ActForm):
    """Base: one entry, and what is said besides. ``entries``: among which; ``offered``: shown while one types."""

    def __init__(
        self, *args: Any, entries: QuerySet[CatalogEntry], offered: Iterable[CatalogEntry], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entry"] = EntryField(
            label=_("目录条目的资源代码"),
            entries=entries,
            offered=offered,
            help_text=_("输入时会提示条目；也可以从「可共享的数据」或者「目录与汇聚」中查到。"),
            error_messages={"required": _("请填写资源代码。")},
        )
        self.order_fields(["submission", "entry"])

    def given(self) -> dict[str, Any]:
        """The entry by its id."""
        values = super().given()
        return values | {"entry_id": values.pop("entry").pk}


class CoverForm(EntryForm):
    """Which entry holds the data already."""

    reasons = forms.CharField(
        label=_("说明"),
        widget=ReasonInput(attrs={"rows": 3}),
        max_length=5000,
        required=False,
        help_text=_("例如哪些信息项对应需求。告知需求机关。"),
    )

    def __init__(self, *args: Any, confirms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if confirms:
            self.fields["is_unlisted"] = unlisted_field()


class LinkForm(EntryForm):
    """In which entry the data is catalogued."""

    is_changed = forms.BooleanField(
        label=_("这一条目已经公布，需要为这项需求调整"),
        required=False,
        help_text=_("勾选后登记为涉及目录调整的情形，自今天起 15 日内更新（第十三条第二款），更新后的目录公布时办结。"),
    )


class SayForm(ActForm):
    """What is said besides the answer; not needed."""

    reasons = forms.CharField(
        label=_("说明"),
        widget=ReasonInput(attrs={"rows": 3}),
        max_length=5000,
        required=False,
        help_text=_("例如计划何时公布、由哪个系统采集。告知需求机关。"),
    )
