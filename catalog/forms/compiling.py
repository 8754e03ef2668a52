"""The form in which an entry is compiled: the elements of the guide, and a row for each information item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from catalog.models import (
    CLOSED_GROUNDS,
    Category,
    EntryRevision,
    Field,
    FormatClass,
    InformationItem,
    SharingType,
    UpdateCycle,
)
from catalog.selectors import assignable_categories
from catalog.services import ELEMENTS, ItemSpec, rule_problems
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.faces.agencies import AgenciesField
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.text import whole_number
from guiyang_data.tables.columns import CODE_PATTERN
from guiyang_data.tables.patterns import LONGEST_PATTERN

Words = str | Promise
SPARE_ROWS = 4
MOST_ITEMS = 1000
SEPARATORS = re.compile(r"[\n,，、;；]+")

NOTE = '<strong class="catalog-note">退回理由：{}</strong> {}'

RULES = ("is_unique", "minimum", "maximum", "pattern", "check_digits", "reference_code", "reference_item")
"""Rules for the values of an item that few items have."""
OFFERED = {
    "autocomplete": "off",
    "placeholder": _("输入名称或者代码"),
    "hx-get": "/desk/catalog/references/",
    "hx-trigger": "input changed delay:300ms",
    "hx-target": "#reference-targets",
    "hx-params": "*",
}
"""A reference is chosen from what is in force, which is offered while one types; it can be typed whole too."""
GROUNDS = (("", _("请选择")), *CLOSED_GROUNDS)


def category_choices() -> list[tuple[str, Any]]:
    """目 and 细目 under the 项 they belong to, with their codes."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in assignable_categories():
        above = category.parent.name if category.parent else ""
        groups.setdefault(f"{category.pk[:3]} {above}", []).append((category.pk, f"{category.pk} {category.name}"))
    return [("", _("请选择")), *groups.items()]


def short(label: Words, **options: Any) -> forms.CharField:
    """A line of text; draft entries may leave it empty."""
    options.setdefault("required", False)
    options.setdefault("max_length", 300)
    return forms.CharField(label=label, **options)  # type: ignore[arg-type]


def long(label: Words, *, rows: int = 3, **options: Any) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=widget, required=False, **options)  # type: ignore[arg-type]


class ItemForm(forms.Form):
    """One information item (信息项); a row left empty is no item. ``note``: what a reviewer said beside it."""

    note = ""
    name = forms.CharField(label=_("名称"), max_length=120, required=False)
    code = forms.CharField(label=_("字段名"), max_length=60, required=False)
    data_type = forms.ChoiceField(label=_("类型"), choices=InformationItem.DataType.choices, required=False)
    length = forms.IntegerField(label=_("长度"), min_value=1, max_value=100_000, required=False)
    unit = forms.CharField(label=_("单位"), max_length=20, required=False)
    meaning = forms.CharField(label=_("说明"), max_length=500, required=False)
    code_list = forms.CharField(label=_("值域"), max_length=5000, required=False)
    is_unique = forms.BooleanField(label=_("唯一"), required=False)
    minimum = forms.CharField(label=_("最小值"), max_length=40, required=False)
    maximum = forms.CharField(label=_("最大值"), max_length=40, required=False)
    pattern = forms.CharField(label=_("格式规则"), max_length=LONGEST_PATTERN, required=False)
    check_digits = forms.ChoiceField(
        label=_("校验码"), choices=(("", _("不核对")), *InformationItem.CheckDigits.choices), required=False
    )
    reference_code = forms.CharField(
        label=_("引用的条目（资源代码）"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=OFFERED | {"list": "reference-entries"}),
    )
    reference_item = forms.CharField(
        label=_("引用的字段名"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "reference-items", "autocomplete": "off"}),
    )
    required = forms.BooleanField(label=_("必填"), required=False)
    is_key = forms.BooleanField(label=_("主键"), required=False)
    sensitivity = forms.ChoiceField(label=_("敏感性"), choices=InformationItem.Sensitivity.choices, required=False)
    grade = forms.TypedChoiceField(
        label=_("分级"), choices=InformationItem.Grade.choices, coerce=int, empty_value=None, required=False
    )

    collector = forms.TypedChoiceField(
        label=_("采集机关"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("请先在「共同采集的机关」里选上这个机关。")},
    )

    def __init__(self, *args: Any, collectors: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["collector"].choices = [("", _("提供机关")), *collectors]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if code and not CODE_PATTERN.fullmatch(code):
            raise forms.ValidationError(_("字段名只能用字母、数字和下划线，并以字母开头；留空则自动编号。"))
        return code

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        said = [values.get(name) for name in ("code", "length", "unit", "meaning", "code_list", *RULES)]
        if not values.get("name") and any(said):
            self.add_error("name", _("请填写信息项名称，或者清空这一行。"))
        elif not self.errors and (item := self.spec()) is not None:
            for name, told in rule_problems(item):
                self.add_error(name, told)
        return values

    @property
    def rules(self) -> list[str]:
        """Which rules the row states, for the line that folds them."""
        return [str(self.fields[name].label) for name in RULES if self[name].value()]

    @property
    def has_wrong_rule(self) -> bool:
        """Whether one of them is to be put right."""
        return any(name in self.errors for name in RULES)

    def spec(self) -> ItemSpec | None:
        """The item; None where the row is empty or is to go."""
        values = self.cleaned_data
        if not values.get("name") or values.get("DELETE"):
            return None
        listed = [word.strip() for word in SEPARATORS.split(values["code_list"]) if word.strip()]
        return ItemSpec(
            name=values["name"],
            code=values["code"],
            data_type=values["data_type"] or InformationItem.DataType.TEXT,
            length=values["length"],
            unit=values["unit"],
            meaning=values["meaning"],
            required=values["required"],
            is_key=values["is_key"],
            code_list=tuple(dict.fromkeys(listed)),
            **{name: values[name] for name in RULES},
            sensitivity=values["sensitivity"] or InformationItem.Sensitivity.NONE,
            grade=values["grade"] or InformationItem.Grade.ONE,
            collector_id=values["collector"],
        )


class EntryForm(ActForm):
    """Every element of the guide that a person states. A draft may leave open what submitting asks for."""

    seen_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("资源名称"), max_length=200, error_messages={"required": _("请填写资源名称。")})
    abstract = long(_("资源摘要"), max_length=3000, help_text=_("写明装的是什么数据、主要有哪些信息项、覆盖什么范围。"))
    category = forms.ChoiceField(
        label=_("资源分类"),
        help_text=_("资源代码由分类生成，之后不再改变。"),
        error_messages={"required": _("请选择资源分类。")},
    )
    field = forms.ChoiceField(
        label=_("领域"), choices=Field.choices, help_text=_("第二十条列明的十九个领域，或者其他民生。")
    )
    keywords = short(_("关键字"), help_text=_("用顿号分开，便于他人找到。"))
    update_cycle = forms.ChoiceField(label=_("更新周期"), choices=UpdateCycle.choices)
    format_class = forms.ChoiceField(label=_("格式分类"), choices=FormatClass.choices)
    format_type = short(_("格式类型"), max_length=60, initial="CSV")
    sharing_type = forms.ChoiceField(label=_("共享类型"), choices=SharingType.choices, widget=forms.RadioSelect)
    sharing_condition = long(
        _("共享条件"), max_length=2000, help_text=_("有条件共享的必填：写明可以共享给谁、用于什么、范围多大。")
    )
    sharing_basis = long(
        _("不予共享的依据"), max_length=2000, help_text=_("不予共享的必填：法律、行政法规或者党中央、国务院政策依据。")
    )
    sharing_method = short(_("共享方式"), max_length=60, initial="共享平台")
    is_open = forms.TypedChoiceField(
        label=_("是否向社会开放"),
        choices=((1, _("开放")), (0, _("不开放"))),
        coerce=lambda value: str(value) == "1",
        widget=forms.RadioSelect,
    )
    opening_condition = long(_("开放条件"), rows=2, max_length=2000, help_text=_("没有条件的不填。"))
    closed_ground = forms.TypedChoiceField(
        label=_("不开放的情形"),
        choices=GROUNDS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("不开放的必选，第十八条第一款只有这四项。"),
    )
    closed_basis = long(
        _("不开放的依据"), rows=2, max_length=2000, help_text=_("第四项须写出法律或者法规的名称和条款，用书名号。")
    )
    spatial_scope = short(_("空间范围"), max_length=120)
    time_scope = short(_("时间范围"), max_length=120)
    source_system = short(_("来源系统"), max_length=120)
    contact = short(_("联系科室"), max_length=60)
    contact_phone = short(_("联系电话"), max_length=40)
    related_codes = short(_("关联资源代码"), max_length=500, help_text=_("用顿号分开。"))
    note = long(_("备注"), rows=2, max_length=2000)
    bad_share_limit = forms.DecimalField(
        label=_("允许的问题行比例（%）"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
        initial=100,
        help_text=_(
            "汇聚数据时，没有通过检查的行超过这个比例，整批不入库。"
            "填 100 的不设上限：有一行通过就入库，其余退回；填 0 的，有一行不合格就整批不入库。"
        ),
    )
    collectors = AgenciesField(
        label=_("共同采集的机关"),
        required=False,
        help_text=_("选上以后，在各信息项里选择由哪个机关采集。提交审核之前，由各机关自己确认。"),
        error_messages={"invalid_choice": _("请在列出的机关里选择。"), "invalid_pk_value": _("请在列出的机关里选择。")},
    )

    SECTIONS = (
        (_("基本信息"), ("title", "abstract", "category", "field", "keywords", "update_cycle")),
        (_("格式"), ("format_class", "format_type")),
        (_("共享"), ("sharing_type", "sharing_condition", "sharing_basis", "sharing_method")),
        (_("开放"), ("is_open", "opening_condition", "closed_ground", "closed_basis")),
        (
            _("范围与联系"),
            ("spatial_scope", "time_scope", "source_system", "contact", "contact_phone", "related_codes", "note"),
        ),
        (_("数据检查"), ("bad_share_limit",)),
    )

    def __init__(
        self,
        *args: Any,
        items: Sequence[Mapping[str, Any]] = (),
        more: int = 0,
        fixed_category: bool = False,
        notes: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.notes = dict(notes or {})
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]
        if fixed_category:
            # the code was made from it
            del self.fields["category"]
        spare = SPARE_ROWS if not items else 2
        factory = forms.formset_factory(
            ItemForm, extra=spare, can_delete=True, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS + 1
        )
        data = _with_more(self.data, more) if self.is_bound else None
        chosen = self._chosen_collectors(items)
        self.items = factory(
            data,
            initial=list(items) if not self.is_bound else None,
            prefix="items",
            form_kwargs={"collectors": [(agency.pk, agency.name) for agency in chosen]},
        )
        self._note()

    def _chosen_collectors(self, items: Sequence[Mapping[str, Any]]) -> list[Agency]:
        """The agencies among which an item's is chosen: those that are ticked, or that the items name already."""
        field: Any = self.fields["collectors"]
        named = [item["collector"] for item in items if item.get("collector")]
        field.queryset = in_order(Agency.objects.filter(Q(is_active=True) | Q(pk__in=named)))
        if not self.is_bound:
            self.initial["collectors"] = named
            return list(field.queryset.filter(pk__in=named))
        ticked = field.widget.value_from_datadict(self.data, self.files, "collectors") or []
        numbers = [number for value in ticked[:MOST_ITEMS] if (number := whole_number(str(value))) is not None]
        return list(field.queryset.filter(pk__in=numbers))

    def clean_collectors(self) -> list[Agency]:
        """Whoever is ticked collects something."""
        ticked = list(self.cleaned_data["collectors"])
        idle = [agency.name for agency in ticked if str(agency.pk) not in self._collectors_of_items()]
        if idle:
            told = _("还没有信息项由%(names)s采集。请在信息项里选择，或者去掉这个机关。")
            raise forms.ValidationError(told % {"names": "、".join(idle)})
        return ticked

    def _collectors_of_items(self) -> set[str]:
        return {str(row["collector"].value() or "") for row in self.items}

    def _note(self) -> None:
        """What the reviewer said beside an element or an item stands beside it here."""
        for name in self.fields.keys() & self.notes.keys():
            field = self.fields[name]
            field.help_text = format_html(NOTE, self.notes[name], field.help_text)
        for row in self.items:
            row.note = self.notes.get(f"item:{row['code'].value() or ''}", "")

    def is_valid(self) -> bool:
        """The elements and every row of items."""
        items_valid = self.items.is_valid()
        return super().is_valid() and items_valid

    @property
    def wrong_items(self) -> list[str]:
        """The names of the items that have something to be put right."""
        rows = enumerate(self.items, start=1) if self.is_bound else ()
        return [str(row["name"].value() or _("第%(place)d行") % {"place": place}) for place, row in rows if row.errors]

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page groups them."""
        return [(str(label), [self[name] for name in names if name in self.fields]) for label, names in self.SECTIONS]

    def elements(self) -> dict[str, Any]:
        """The values as the service takes them."""
        values = {name: self.cleaned_data[name] for name in ELEMENTS if name in self.cleaned_data}
        if "category" in values:
            values["category"] = Category.objects.get(pk=values["category"])
        if values.get("bad_share_limit") is None:
            values["bad_share_limit"] = Decimal(100)
        values["related_codes"] = [code for code in SEPARATORS.split(values["related_codes"]) if code.strip()]
        return values

    def specs(self) -> list[ItemSpec]:
        """The items, in their order."""
        return [spec for spec in (row.spec() for row in self.items) if spec is not None]


def _with_more(data: Any, more: int) -> Any:
    if not more:
        return data
    copied = data.copy()
    total = copied.get("items-TOTAL_FORMS", "")
    copied["items-TOTAL_FORMS"] = str(min(MOST_ITEMS, (whole_number(total) or 0) + more))
    return copied


def initial_of(revision: EntryRevision) -> dict[str, Any]:
    """A revision as first values of the form."""
    values = {name: getattr(revision, name) for name in ELEMENTS}
    return values | {
        "category": revision.category_id,
        "is_open": int(revision.is_open),
        "closed_ground": revision.closed_ground or "",
        "related_codes": "、".join(revision.related_codes),
        "bad_share_limit": f"{revision.bad_share_limit.normalize():f}",
    }


def initial_items(items: Sequence[InformationItem]) -> list[dict[str, Any]]:
    """Items as first values of the rows."""
    stated = ("name", "code", "data_type", "length", "unit", "meaning", "required", "is_key", "sensitivity", "grade")
    names = (*stated, *RULES)
    return [
        {name: getattr(item, name) for name in names}
        | {"code_list": "、".join(map(str, item.code_list)), "collector": item.collector_id}
        for item in items
    ]


class SampleForm(ActForm):
    """A file from which information items are proposed."""

    file = forms.FileField(
        label=_("数据文件"),
        help_text=_("CSV、XLS、XLSX、JSON 或者 Parquet。只读取表头和前面的行来推算信息项，数据这时还不入库。"),
        error_messages={"required": _("请选择文件。"), "empty": _("这是空文件，请重新选择。")},
    )
    header_row = forms.IntegerField(
        label=_("表头在第几行"), min_value=1, max_value=1000, required=False, help_text=_("表头上方有标题的才需要填。")
    )
