"""What complainants and receivers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments.kinds import KINDS_IN_WORDS
from guiyang_data.attachments.models import Attachment
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.rendering import DayInput, ManyFilesField, ReasonInput
from oversight.complaints.models import Concern, Outcome
from oversight.complaints.receivers import MOST_RECEIVERS, OTHER, Receiver
from oversight.complaints.selectors import agencies_to_complain_about
from oversight.models import Breach
from oversight.services.complaints.locking import LEAST_WORDS
from requests_app.forms.public import PartyFields
from sharing.materials.checking import Answer

MOST_PAPERS = 5


class PapersField(ManyFilesField):
    """At most five files; each is checked when it is taken in."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = super().clean(data, initial)
        if len(files) > MOST_PAPERS:
            raise forms.ValidationError(_("一次最多上传 %(most)d 份。") % {"most": MOST_PAPERS})
        return files


class MatterForm(ActForm):
    """Step 1: about whom, and what happened."""

    least = {"matter": LEAST_WORDS}
    agency = AgencyField(
        label=_("哪个机关不依法履行职责"),
        error_messages={"required": _("请选择机关。"), "invalid_choice": _("请在列表中选择机关。")},
    )
    official = forms.CharField(
        label=_("涉及的工作人员"),
        required=False,
        max_length=60,
        help_text=_("知道姓名、科室或者职务的可以写。加密保存，只有办理机关能看到，不公开。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": "yes"}),
    )
    concern = forms.ChoiceField(
        label=_("最接近的情形"),
        choices=Concern.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择最接近的情形，不确定时选「其他」。")},
    )
    matter = forms.CharField(
        label=_("事实和经过"),
        max_length=5000,
        widget=ReasonInput(attrs={"rows": 7, "data-private": "yes"}),
        help_text=_("什么时间、什么事、怎样不依法履行职责。加密保存，不公开；不会原样转给被投诉举报的机关。"),
        error_messages={"required": _("请写明什么时间、什么事、怎样不依法履行职责。")},
    )
    case_number = forms.CharField(
        label=_("相关事项的编号"),
        required=False,
        max_length=60,
        help_text=_("例如开放申请 GY-2026-00001、复核 FH-2026-00001。不清楚可以不填。"),
    )
    file = PapersField(
        label=_("证明材料"),
        required=False,
        help_text=_("最多 %(most)d 份，每份不超过 20 MB：%(kinds)s。只有您和办理机关能看到。")
        % {"most": MOST_PAPERS, "kinds": KINDS_IN_WORDS},
    )
    drop = forms.MultipleChoiceField(
        label=_("去掉已上传的材料"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, papers: list[Attachment] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = papers or []
        self.fields["agency"].queryset = agencies_to_complain_about()  # type: ignore[attr-defined]
        if self.papers:
            self.fields["drop"].choices = [(str(paper.pk), paper.name) for paper in self.papers]  # type: ignore[attr-defined]
        else:
            del self.fields["drop"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kept = len(self.papers) - len(cleaned.get("drop") or [])
        if kept + len(cleaned.get("file") or []) > MOST_PAPERS:
            self.add_error("file", _("材料一共最多 %(most)d 份，请去掉一些。") % {"most": MOST_PAPERS})
        return cleaned


class RepeatedDemandForm(ActForm):
    """Which materials of a matter were asked for although the platform supplies them."""

    told = forms.CharField(
        label=_("怎么回事"),
        required=False,
        max_length=3000,
        widget=ReasonInput(attrs={"data-private": "yes"}),
        help_text=_("什么时候、在哪个窗口或者网站。可以不写。加密保存，不公开。"),
    )
    field_order = ["submission", "materials", "told"]

    def __init__(self, *args: Any, answers: list[Answer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        materials = [answer.material for answer in answers if answer.material]
        self.fields["materials"] = forms.MultipleChoiceField(
            label=_("被要求提交的材料"),
            choices=[(str(material.pk), material.label) for material in materials],
            initial=[str(answer.material.pk) for answer in answers if answer.material and answer.is_against],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("平台能够提供的已经选上，请核对。"),
            error_messages={"required": _("请选择被要求提交的材料。")},
        )
        self.order_fields(self.field_order)


class ReceiversForm(ActForm):
    """Step 2: to whom; several may be chosen."""

    to = forms.MultipleChoiceField(
        label=_("向谁投诉举报"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("可以选一个，也可以选几个。每个机关各自调查处理、各自反馈。"),
        error_messages={"invalid_choice": _("所选的机关不能接收，请重新选择。")},
    )
    other_receiver = forms.CharField(
        label=_("其他上级行政机关或者监察机关"),
        required=False,
        max_length=120,
        help_text=_("列表里没有的，写明机关全称，由平台转送。"),
    )

    def __init__(self, *args: Any, receivers: list[Receiver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.choices = [(receiver.key, receiver.label) for receiver in receivers]
        to.depends_on_answer = True  # needed unless one is written out below, so not to be called optional

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = len(cleaned.get("to") or []) + bool(cleaned.get("other_receiver"))
        if not chosen and "to" not in self.errors:
            self.add_error("to", _("请选择至少一个接收投诉举报的机关。"))
        elif chosen > MOST_RECEIVERS:
            self.add_error("to", _("一次最多选择 %(most)d 个接收机关。") % {"most": MOST_RECEIVERS})
        return cleaned


class YouForm(PartyFields, ActForm):
    """Step 3: with a name, or without any."""

    anonymous = forms.BooleanField(
        label=_("匿名提出"),
        required=False,
        help_text=_("不留姓名和联系方式，登录了也不关联账号。凭查询号和查询码查看结果。"),
    )
    show_name = None  # type: ignore[assignment]  # a complaint is never public
    field_order = ["anonymous", "kind", "name", "mail", "phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("可以不填。只有办理机关能看到，不告诉被投诉举报的机关。")

    def party(self) -> Any:
        """What was filled in; nothing of it where it is to be anonymous."""
        self.cleaned_data.setdefault("show_name", False)
        if self.cleaned_data.get("anonymous"):
            for name in ("name", "mail", "phone"):
                self.cleaned_data[name] = ""
        return super().party()


class CheckForm(ActForm):
    """Step 4: nothing to fill in; the token files once."""


class TrackForm(ActForm):
    """A number and its code."""

    number = forms.CharField(
        label=_("查询号"),
        max_length=20,
        help_text=_("例如 TS-2026-00001。"),
        error_messages={"required": _("请填写查询号，它在回执上。")},
    )
    code = forms.CharField(
        label=_("查询码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": "yes", "autocapitalize": "characters"}),
        help_text=_("提交时给您的 12 位代码，大小写和横线都可以不管。"),
        error_messages={"required": _("请填写查询码，它在回执上。")},
    )


class WithdrawForm(ActForm):
    """Withdrawing; reasons are welcome and not needed."""

    reasons = forms.CharField(
        label=_("撤回的原因"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerQuestionForm(ActForm):
    """An answer to a question of a receiver."""

    text = forms.CharField(
        label=_("您的回答"),
        max_length=3000,
        widget=ReasonInput(attrs={"data-private": "yes"}),
        help_text=_("加密保存，只有办理机关能看到。不想回答可以直接离开，不影响办理。"),
        error_messages={"required": _("请写下回答；不想回答可以直接离开，不影响办理。")},
    )


# --- those who handle it ---------------------------------------------------------------------------


class ReceiveForm(ActForm):
    """Registering; nothing to fill in."""


class QuestionForm(ActForm):
    """A question to the complainant."""

    text = forms.CharField(
        label=_("询问的内容"),
        max_length=2000,
        widget=ReasonInput(),
        help_text=_("投诉举报人可以不回答。期限继续计算。"),
        error_messages={"required": _("请写下要询问的内容。")},
    )


class StatementRequestForm(ActForm):
    """What the agency complained about is asked to explain."""

    least = {"matter": LEAST_WORDS}
    matter = forms.CharField(
        label=_("要求说明的事项"),
        max_length=3000,
        widget=ReasonInput(),
        help_text=_("用您自己的话写。有关机关只看到这段文字，不要写出是谁投诉举报的。"),
        error_messages={"required": _("请写明要说明的事项。")},
    )


class StatementForm(ActForm):
    """The statement of the agency."""

    text = forms.CharField(
        label=_("情况说明"),
        max_length=5000,
        widget=ReasonInput(attrs={"rows": 8}),
        error_messages={"required": _("请写明情况。")},
    )


class NoteForm(ActForm):
    """A note of the investigation."""

    text = forms.CharField(
        label=_("调查情况"),
        max_length=5000,
        widget=ReasonInput(attrs={"data-private": "yes"}),
        help_text=_("加密保存，只有办理这件投诉举报的人能看到。"),
        error_messages={"required": _("请写下调查情况。")},
    )


ITEMS = [(str(value), f"第（{'一二三四五六七八九'[value - 1]}）项：{label}") for value, label in Breach.choices]


class ResultForm(ActForm):
    """The result fed back to the complainant."""

    least = {"result": LEAST_WORDS}
    outcome = forms.ChoiceField(
        label=_("调查结论"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择调查结论。")},
    )
    result = forms.CharField(
        label=_("查明的事实、理由和处理"),
        max_length=5000,
        widget=ReasonInput(attrs={"rows": 8}),
        help_text=_("写明查明了什么、为什么这样认定、责成有关机关做了什么。全文反馈给投诉举报人。"),
        error_messages={"required": _("请写明查明的事实、理由和怎样处理。")},
    )


class AnswerForm(ResultForm):
    """The same, with the item of 第三十条 under which a founded complaint falls."""

    item = forms.ChoiceField(
        label=_("属于第三十条的哪一项"),
        choices=[("", _("不草拟认定")), *ITEMS],
        required=False,
        help_text=_("属实或者部分属实的，可以同时草拟违规情形认定，由有权的人认定后责令改正。"),
    )

    def given(self) -> dict[str, Any]:
        """With the item as its number, or None."""
        return super().given() | {"item": int(self.cleaned_data["item"]) if self.cleaned_data["item"] else None}


class FindingForm(ActForm):
    """Under which item of 第三十条 the breach falls."""

    item = forms.ChoiceField(
        label=_("属于第三十条的哪一项"),
        choices=ITEMS,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择第三十条的情形。")},
    )

    def given(self) -> dict[str, Any]:
        """The item as its number."""
        return {"item": int(self.cleaned_data["item"])}


class DeclineForm(ReasonForm):
    """Reasons of a refusal to handle it."""

    least = {"reasons": LEAST_WORDS}


class TransferForm(ActForm):
    """The organ that is competent."""

    least = {"reasons": LEAST_WORDS}
    to = forms.ChoiceField(
        label=_("移送给"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择有权处理的机关。"), "invalid_choice": _("请在列表中选择机关。")},
    )
    other_receiver = forms.CharField(label=_("其他机关的全称"), required=False, max_length=120)
    reasons = forms.CharField(
        label=_("理由"),
        max_length=3000,
        widget=ReasonInput(),
        help_text=_("投诉举报人能看到。期限不重新计算。"),
        error_messages={"required": _("请写明为什么由对方处理。")},
    )

    def __init__(self, *args: Any, receivers: list[Receiver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(receiver.key, receiver.label) for receiver in receivers]
        self.fields["to"].choices = [*choices, (OTHER, _("其他机关，在下面写明"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("to") == OTHER and not cleaned.get("other_receiver"):
            self.add_error("other_receiver", _("请写明机关的全称。"))
        return cleaned

    def given(self) -> dict[str, Any]:
        """Either one of those offered, or the full name of another."""
        values = super().given()
        if values["to"] == OTHER:
            return values | {"to": ""}
        return {name: values[name] for name in ("to", "reasons")}


class HandOffForm(ActForm):
    """To whom the letter went, and when."""

    handed_to = forms.CharField(
        label=_("交给了谁"),
        max_length=120,
        help_text=_("对方的收文科室或者经办岗位，以及送达方式，例如「办公室收文，机要交换」。"),
        error_messages={"required": _("请写明交给了谁。")},
    )
    sent_on = forms.DateField(
        label=_("转送日期"),
        widget=DayInput(),
        error_messages={"required": _("请选择转送日期。"), "invalid": _("请写成 2026-12-10 这样的日期。")},
    )
