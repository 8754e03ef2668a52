"""What taking and applying ask for (第十五条)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import EntryRevision
from guiyang_data.accounts.models import Agency, ServiceAccount
from guiyang_data.attachments.kinds import KINDS_IN_WORDS
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ManyFilesField
from sharing.forms.parts import TERMS, ConditionsForm, item_choices, items_field
from sharing.forms.verification import WHERE_VERIFIED, add_verification, permitted
from sharing.models import Frequency, WayOfSupply
from sharing.services import Wish

MOST_PAPERS = 5
LAST = ("file", "is_unlisted", "terms_accepted")


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


class WishForm(ConditionsForm):
    """Base of applications for conditionally shared data: all that does not depend on the entry."""

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
    ways = forms.MultipleChoiceField(
        label=_("提供方式"),
        choices=WayOfSupply.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("能以核验比对或者在线查询满足的，不必批量下载，更容易获得同意。不选的不限方式。"),
    )
    frequency = forms.ChoiceField(label=_("使用频次"), choices=Frequency.choices, initial=Frequency.ON_DEMAND)
    system = forms.ModelChoiceField(
        label=_("由哪个信息系统调用"),
        queryset=ServiceAccount.objects.none(),
        required=False,
        empty_label=_("不限定"),
        help_text=_("限定后，本机关其他信息系统不能使用这一授权；工作人员仍可在页面上查询。"),
    )
    file = ManyFilesField(
        label=_("附件"),
        required=False,
        most=MOST_PAPERS,
        help_text=_("例如职责依据的文件。最多 %(most)d 份：%(kinds)s。只有双方机关能看到，协调时协调机关也能看到。")
        % {"most": MOST_PAPERS, "kinds": KINDS_IN_WORDS},
    )
    is_unlisted = forms.BooleanField(
        label=_("申请本身不宜公开，不列入公开的需求清单"),
        required=False,
        help_text=_("例如涉及正在办理的案件。列入的只有机关、数据名称、信息项和办理进展，不公开职责和用途的文字。"),
    )
    terms_accepted = forms.BooleanField(label=TERMS, error_messages={"required": _("请确认以上承诺。")})

    DUTY: ClassVar = ("duty", "duty_basis", "purpose", "use_case")
    PERIOD: ClassVar = ("period_from", "period_until", "ways", "frequency", "system", *LAST)

    def __init__(self, *args: Any, requester: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(system=ServiceAccount.objects.filter(agency=requester).order_by("name"))

    def wish(self, items: list[str], conditions: list[dict[str, Any]]) -> Wish:
        """What is asked for of one entry, as services take it."""
        data = self.cleaned_data
        names = (*self.DUTY, "period_from", "period_until", "ways", "frequency", "system", "is_unlisted")
        asked = {name: data[name] for name in names} | {"verification": permitted(data)}
        return Wish(items=items, row_condition=conditions, **asked)


class ApplicationForm(WishForm):
    """An application for one entry."""

    def __init__(self, *args: Any, revision: EntryRevision | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(revision)
        self.fields["items"] = items_field(choices, _("需要的信息项"), _("只选履行职责所必需的。"))
        self.add_conditions(choices, _("只需要部分数据的，请限定范围，更容易获得同意。"))
        hint = _("都不选的，以能确定对象的信息项查找，只核对所申请的信息项，不答复内容。")
        terms = add_verification(self, choices, hint=hint, shown_when=WHERE_VERIFIED)
        conditions = [name for name in self.fields if name.startswith("condition_")]
        before = self.PERIOD[: self.PERIOD.index("ways") + 1]
        self.order_fields(["submission", "items", *self.DUTY, *conditions, *before, *terms, *self.PERIOD])
