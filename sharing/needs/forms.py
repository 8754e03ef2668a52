"""What the acts on data needs ask for. Rules of law are the services' business; forms know shapes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, UpdateCycle
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.attachments.kinds import KINDS_IN_WORDS
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ManyFilesField, ReasonInput
from sharing.models import NeedAnswer
from sharing.services import NeedWish
from sharing.services.needs.stepping import MOST_PAPERS

NOT_FOUND = _("没有找到这个资源代码的条目。请核对，或者从提示中选择。")


def papers_field(hint: Any) -> ManyFilesField:
    """Files that go with a need, or with an answer to it. ``hint``: for example what, and who sees them."""
    kinds = _("最多 %(most)d 份：%(kinds)s。") % {"most": MOST_PAPERS, "kinds": KINDS_IN_WORDS}
    return ManyFilesField(label=_("附件"), required=False, most=MOST_PAPERS, help_text=format_lazy("{}{}", hint, kinds))


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
    file = papers_field(_("例如职责依据的文件、在别处见过的表样。双方机关和确认责任机关的主管部门能看到，不公开。"))
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
        del values["file"]
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


class ReassignForm(AssignForm):
    """Which other agency is responsible in place of the silent one, and why."""

    field_order = ("agency", "reasons")

    def __init__(self, *args: Any, silent: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_unlisted"]
        others: Any = self.fields["agency"]
        others.label = _("新的责任机关")
        self.choose_from(agency=others.queryset.exclude(pk=silent.pk))
        reasons = self.fields["reasons"]
        reasons.required, reasons.help_text = True, _("告知原责任机关、新的责任机关和需求机关。")
        reasons.error_messages["required"] = _("请写明理由。没有理由不能收回。")


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
        if not code:
            return None
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
        entry = values.pop("entry")
        return values | {"entry_id": entry.pk if entry else None}


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
        self.fields["file"] = answer_papers()


class LinkForm(EntryForm):
    """In which entry the data is catalogued."""

    is_changed = forms.BooleanField(
        label=_("这一条目已经公布，需要为这项需求调整"),
        required=False,
        help_text=_("勾选后登记为涉及目录调整的情形，自今天起 15 日内更新（第十三条第二款），更新后的目录公布时办结。"),
    )


def answer_papers() -> ManyFilesField:
    """Files that go with an answer."""
    return papers_field(_("例如职责划分的文件。随答复送达需求机关，确认责任机关的主管部门也能看到，不公开。"))


class DenyForm(ActForm):
    """Why the data is not the agency's."""

    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=5000,
        help_text=_("写明职责依据；知道属于哪个机关的，一并写明。"),
        error_messages={"required": _("请写明理由。没有理由不能办理这一事项。")},
    )
    file = answer_papers()


class DraftAnswerForm(EntryForm):
    """An answer prepared for the approver. ``papers``: files that the draft has already, by id and name."""

    answer = forms.ChoiceField(
        label=_("拟答复"),
        choices=NeedAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择编制目录、目录中已有，或者不属于本机关。")},
    )
    reasons = forms.CharField(
        label=_("说明或者理由"),
        widget=ReasonInput(attrs={"rows": 4}),
        max_length=5000,
        required=False,
        help_text=_("不属于本机关的，必须写明理由和依据。"),
    )
    file = answer_papers()

    def __init__(self, *args: Any, may_deny: bool, papers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers: Any = self.fields["answer"]
        if not may_deny:
            answers.choices = [one for one in NeedAnswer.choices if one[0] != NeedAnswer.DENIED]
        entry: Any = self.fields["entry"]
        entry.required, entry.shown_when = False, f"answer={NeedAnswer.COVERED.value}"
        entry.depends_on_answer = True
        if attached := list(papers):
            self.fields["without"] = forms.MultipleChoiceField(
                label=_("已有的附件中要去掉的"),
                choices=attached,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.order_fields(["submission", "answer", "entry", "reasons", "without", "file"])

    def given(self) -> dict[str, Any]:
        """Files that leave the draft by their ids."""
        values = super().given()
        return values | {"without": [uuid.UUID(key) for key in values.get("without", [])]}


class SayForm(ActForm):
    """What is said besides the answer; not needed."""

    reasons = forms.CharField(
        label=_("说明"),
        widget=ReasonInput(attrs={"rows": 3}),
        max_length=5000,
        required=False,
        help_text=_("例如计划何时公布、由哪个系统采集。告知需求机关。"),
    )
    file = answer_papers()
