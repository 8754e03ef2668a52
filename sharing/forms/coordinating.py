"""What the acts of a coordination ask for (第十五条第三款)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from sharing.forms.parts import item_choices, items_field
from sharing.models import Coordination


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

    def __init__(self, *args: Any, case: Coordination, hears: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hears:
            self.fields["hearing"] = forms.CharField(
                label=_("怎样听取了提供机关的意见"),
                widget=ReasonInput(attrs={"rows": 3}),
                max_length=2000,
                required=not case.provider_statement,
                help_text=_("提供机关没有书面陈述的必须写明，例如会议、电话的时间和内容；通知后没有回应的也写明。"),
            )


CUT_NAMES = {
    "rows": _("答复中另加的数据范围"),
    "period": _("答复中缩短的期限"),
    "ways": _("答复中减少的提供方式"),
    "verification": _("答复中缩小的核验范围"),
}


class ProvideOpinionForm(OpinionForm):
    """An opinion that the data shall be provided, which items, and what of the reply's other cuts may stay."""

    def __init__(self, *args: Any, case: Coordination, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        application = case.application
        known = dict(item_choices(application.entry.in_force))
        asked = [(code, known.get(code, code)) for code in application.items]
        self.fields["items"] = items_field(asked, _("应当提供的信息项"))
        if application.cuts:
            self.fields["keeps"] = forms.MultipleChoiceField(
                label=_("可以保留的限定"),
                choices=[(cut, CUT_NAMES[cut]) for cut in application.cuts],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text=_("不选的，按申请的范围、期限和方式提供。"),
            )
        self.order_fields(["submission", "items", "keeps", "text"])
