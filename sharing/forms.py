"""What the acts of sharing ask for. Rules of law are the services' business; forms know shapes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.accounts.models import Agency, ServiceAccount
from guiyang_data.accounts.selectors import in_order
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput
from sharing.models import ApplicationOutcome, Frequency, SharingApplication
from sharing.services import Limits
from sharing.services.granting import CALLS_PER_MINUTE

CONDITIONS = (1, 2)
COMPARED = (
    ("eq", _("等于")),
    ("ne", _("不等于")),
    ("ge", _("大于或等于")),
    ("le", _("小于或等于")),
    ("contains", _("包含文字")),
    ("starts", _("以此开头")),
)
TERMS = _("我机关承诺：数据仅用于本机关履行上述职责，不超出所述用途，不转供他人，不另作他用。")
MISSING_REASONS = {"required": _("请写明理由。没有理由不能办理这一事项。")}


def item_choices(revision: EntryRevision | None) -> list[tuple[str, str]]:
    """The information items of a revision, by code."""
    return [(item.code, item.name) for item in revision.items.all()] if revision else []


def _items_field(choices: list[tuple[str, str]], label: Any, hint: Any = "", *, required: bool = True) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=hint,
        required=required,
        error_messages={"required": _("请至少选择一个信息项。")},
    )


class ConditionInput(forms.MultiWidget):
    """An item, how it is compared, and the value, in one row."""

    template_name = "sharing/condition_input.html"
    use_fieldset = True

    def __init__(self, choices: list[tuple[str, Any]] | None = None) -> None:
        self.choices = choices or []
        widgets = [
            forms.Select(attrs={"aria-label": _("信息项")}, choices=self.choices),
            forms.Select(attrs={"aria-label": _("比较方式")}, choices=COMPARED),
            forms.TextInput(attrs={"aria-label": _("值"), "maxlength": 200}),
        ]
        super().__init__(widgets)

    def decompress(self, value: Any) -> list[Any]:
        if not value:
            return ["", "eq", ""]
        return [value["code"], value["operator"], value["value"]]


class ConditionField(forms.MultiValueField):
    """A condition ``{code, operator, value}``, or None where the rows are not limited."""

    def __init__(self, *, items: list[tuple[str, str]], **kwargs: Any) -> None:
        choices = [("", _("不限")), *items]
        fields = (
            forms.ChoiceField(choices=choices, required=False),
            forms.ChoiceField(choices=COMPARED, required=False),
            forms.CharField(max_length=200, required=False),
        )
        super().__init__(fields, widget=ConditionInput(choices), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> dict[str, Any] | None:
        if not data_list or not data_list[0]:
            return None
        code, operator, value = data_list
        if not value:
            raise forms.ValidationError(_("请填写比较的值；不限定范围的，信息项请选「不限」。"))
        return {"code": code, "operator": operator or "eq", "value": value}


class ConditionsForm(ActForm):
    """Base of forms that may limit the rows: up to two conditions, each on one item."""

    def add_conditions(self, items: list[tuple[str, str]], hint: Any) -> None:
        """Add the fields of the conditions."""
        for number in CONDITIONS:
            label = _("数据范围") if number == CONDITIONS[0] else _("并且")
            shown = hint if number == CONDITIONS[0] else ""
            self.fields[f"condition_{number}"] = ConditionField(items=items, label=label, help_text=shown)

    def conditions(self) -> list[dict[str, Any]]:
        """The conditions as services take them."""
        found = [self.cleaned_data.get(f"condition_{number}") for number in CONDITIONS]
        return [condition for condition in found if condition]

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """A refused condition is shown at the first of them."""
        first = f"condition_{CONDITIONS[0]}"
        named = {first if name == "row_condition" else name: text for name, text in messages.items()}
        super().blame(named, otherwise)


class DeclareTakingForm(ActForm):
    """The duty that unconditionally shared data serves."""

    duty = forms.CharField(
        label=_("所履行的职责"), max_length=300, help_text=_("例如：公共卫生应急处置。数据只能用于本机关履行职责。")
    )
    duty_basis = forms.CharField(
        label=_("职责依据"), max_length=300, required=False, help_text=_("法律、法规或者职能配置规定的名称和条款。")
    )
    purpose = forms.CharField(label=_("用途"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    case_number = forms.CharField(
        label=_("办件编号"), max_length=120, required=False, help_text=_("为办理具体事项获取的，请填写其编号。")
    )
    terms_accepted = forms.BooleanField(label=TERMS, error_messages={"required": _("请确认以上承诺。")})


class ApplicationForm(ConditionsForm):
    """An application for conditionally shared data."""

    duty = forms.CharField(label=_("所履行的法定职责"), max_length=300)
    duty_basis = forms.CharField(
        label=_("职责依据"), max_length=300, help_text=_("法律、法规或者职能配置规定的名称和条款。")
    )
    purpose = forms.CharField(
        label=_("用途"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明用这些数据做什么，提供机关据此判断所需的信息项和范围。"),
    )
    use_case = forms.CharField(
        label=_("应用场景"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    period_from = forms.DateField(label=_("使用期限自"), widget=DayInput)
    period_until = forms.DateField(label=_("使用期限至"), widget=DayInput)
    frequency = forms.ChoiceField(label=_("使用频次"), choices=Frequency.choices, initial=Frequency.ON_DEMAND)
    system = forms.ModelChoiceField(
        label=_("由哪个信息系统调用"),
        queryset=ServiceAccount.objects.none(),
        required=False,
        empty_label=_("不限定"),
        help_text=_("限定后，本机关其他信息系统不能使用这一授权；工作人员仍可在页面上查询。"),
    )
    terms_accepted = forms.BooleanField(label=TERMS, error_messages={"required": _("请确认以上承诺。")})

    field_order = ["submission", "items", "duty", "duty_basis", "purpose", "use_case"]

    def __init__(self, *args: Any, revision: EntryRevision | None, requester: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(revision)
        self.fields["items"] = _items_field(choices, _("需要的信息项"), _("只选履行职责所必需的。"))
        self.add_conditions(choices, _("只需要部分数据的，请限定范围，更容易获得同意。"))
        systems = self.fields["system"]
        assert isinstance(systems, forms.ModelChoiceField)  # noqa: S101 - tells the type checker which field it is
        systems.queryset = ServiceAccount.objects.filter(agency=requester).order_by("name")
        conditions = [name for name in self.fields if name.startswith("condition_")]
        period = ["period_from", "period_until", "frequency", "system", "terms_accepted"]
        self.order_fields([*(self.field_order or []), *conditions, *period])


class LimitsForm(ConditionsForm):
    """Base of forms that set how much a grant lets through."""

    rows_per_day = forms.IntegerField(
        label=_("每日行数上限"), min_value=1, max_value=10**12, required=False, help_text=_("不限的请留空。")
    )
    calls_per_minute = forms.IntegerField(
        label=_("每分钟次数上限"), min_value=1, max_value=100_000, initial=CALLS_PER_MINUTE, required=False
    )

    def limits(self) -> Limits:
        """The limits as services take them."""
        data = self.cleaned_data
        calls = data.get("calls_per_minute") or CALLS_PER_MINUTE
        return Limits(rows_per_day=data.get("rows_per_day"), calls_per_minute=calls)

    def given(self) -> dict[str, Any]:
        """The limits, which are all that a form of nothing else asks for."""
        return {"limits": self.limits()}


class AgreeInPartForm(LimitsForm):
    """What is agreed to, and why the rest is not."""

    reasons = forms.CharField(
        label=_("没有同意的部分，理由"), widget=ReasonInput, max_length=5000, error_messages=MISSING_REASONS
    )
    valid_until = forms.DateField(
        label=_("同意的使用期限至"), widget=DayInput, required=False, help_text=_("缩短申请的期限时填写。")
    )

    def __init__(self, *args: Any, application: SharingApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(application.entry.in_force)
        asked = [(code, name) for code, name in choices if code in application.items]
        self.fields["items"] = _items_field(asked, _("同意提供的信息项"))
        self.add_conditions(choices, _("在申请的范围之外另加的限定；可以用没有提供的信息项来限定。"))
        self.order_fields(["submission", "items", "condition_1", "condition_2", "valid_until", "reasons"])

    def given(self) -> dict[str, Any]:
        """With the part, its rows and its end, and the reasons for the rest."""
        part = {name: self.cleaned_data[name] for name in ("items", "reasons", "valid_until")}
        return super().given() | part | {"row_condition": self.conditions()}


class DraftReplyForm(ActForm):
    """A reply prepared for the approver."""

    outcome = forms.ChoiceField(label=_("拟答复"), choices=ApplicationOutcome.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("不同意或者部分不同意的理由"), widget=ReasonInput, max_length=5000, required=False
    )

    def __init__(self, *args: Any, application: SharingApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [(code, name) for code, name in item_choices(application.entry.in_force) if code in application.items]
        hint = _("部分同意的请选择；全部同意或者不同意的不用选。")
        self.fields["items"] = _items_field(asked, _("拟同意的信息项"), hint, required=False)
        self.order_fields(["submission", "outcome", "items", "reasons"])


class ReasonsForm(ActForm):
    """Reasons that are told to the other side."""

    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=5000,
        help_text=_("会告知对方机关，并写入办理记录。"),
        error_messages=MISSING_REASONS,
    )


class StandingGrantForm(LimitsForm):
    """A standing authorisation for one or several agencies."""

    grantees = forms.ModelMultipleChoiceField(
        label=_("被授权机关"),
        queryset=Agency.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("可以选择多个：按住 Ctrl 键再点选。"),
        error_messages={"required": _("请选择被授权机关。")},
    )
    duty = forms.CharField(label=_("被授权机关所履行的职责"), max_length=300)
    purpose = forms.CharField(label=_("用途"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    valid_from = forms.DateField(label=_("有效期自"), widget=DayInput)
    valid_until = forms.DateField(
        label=_("有效期至"), widget=DayInput, required=False, help_text=_("长期有效的请留空。")
    )

    def __init__(self, *args: Any, entry: CatalogEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(entry.in_force)
        self.fields["items"] = _items_field(choices, _("授权的信息项"))
        self.add_conditions(choices, _("只授权部分数据的，请限定范围；可以用没有授权的信息项来限定。"))
        grantees = self.fields["grantees"]
        assert isinstance(grantees, forms.ModelMultipleChoiceField)  # noqa: S101 - tells the type checker
        others = Agency.objects.filter(is_active=True).exclude(level=Agency.Level.OUTSIDE)
        grantees.queryset = in_order(others.exclude(pk=entry.provider_id))
        rows = ["condition_1", "condition_2"]
        self.order_fields(["submission", "grantees", "items", *rows, "duty", "purpose", "valid_from", "valid_until"])


class StatementForm(ActForm):
    """A side's view in a coordination."""

    text = forms.CharField(
        label=_("本机关的意见和依据"),
        widget=ReasonInput,
        max_length=5000,
        help_text=_("再次提交的，以最后一次为准；以前的陈述保留在记录里。"),
        error_messages={"required": _("请写明本机关的意见和依据。")},
    )


class OpinionForm(ActForm):
    """What the coordination opinion or the government's decision says."""

    text = forms.CharField(
        label=_("意见内容和理由"),
        widget=ReasonInput,
        max_length=5000,
        help_text=_("送达双方，并写入办理记录。"),
        error_messages={"required": _("请写明意见内容和理由。")},
    )


class ProvideOpinionForm(OpinionForm):
    """An opinion that the data shall be provided, and which items."""

    def __init__(self, *args: Any, application: SharingApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(item_choices(application.entry.in_force))
        asked = [(code, known.get(code, code)) for code in application.items]
        self.fields["items"] = _items_field(asked, _("应当提供的信息项"))
        self.order_fields(["submission", "items", "text"])
