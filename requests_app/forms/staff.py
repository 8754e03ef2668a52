"""What agencies and reviewers fill in. What is really required is the services' question; forms only help."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.attachments.services.inspecting import LEAST_REASON
from guiyang_data.faces.agencies import AgencyField
from guiyang_data.faces.forms import ActForm, ReasonForm
from guiyang_data.faces.rendering import DayInput, ReasonInput
from opendata.models import OpenDataset
from opendata.selectors import dataset_by_slug
from requests_app.checks import PaperCheck
from requests_app.forms.public import PAPERS_HINT, PapersField
from requests_app.models import OpenRequest, Reply, ReviewApplication
from requests_app.selectors import agencies_asked, decided_on_same_reply
from requests_app.services import Decision, ReplyText
from requests_app.services.parties import LEAST_REASONS
from requests_app.services.reply_text import REFER

CONDITIONAL: tuple[str, ...] = (
    "answered_by",
    "agreed_to",
    "agreed_part",
    "ground",
    "ground_basis",
    "why_still_closed",
    "searched_where",
    "searched_on",
)
CONDITIONAL += ("holder", "dataset", "reasons")
"""Fields that another answer asks for."""
REPLY_PAPERS_HINT = _("%(hint)s也可以是 ZIP。送达前查一遍看不到的内容和个人号码。") % {"hint": PAPERS_HINT}
AGREEING, REFUSING = "outcome=agree,agree-in-part", "outcome=agree-in-part,refuse"
SHOWN_WHEN = {
    "answered_by": f"outcome={REFER}",
    "agreed_to": AGREEING,
    "agreed_part": "outcome=agree-in-part",
    "entry": AGREEING,
    "ground": REFUSING,
    "ground_basis": REFUSING,
    "why_still_closed": "ground=1,2,3",
    "searched_where": "ground=not-held",
    "searched_on": "ground=not-held",
    "holder": "ground=elsewhere",
    "dataset": "ground=already-open",
}
"""Which answer asks for which field."""


class DraftReplyForm(ActForm):
    """The reply: outcome first, then what belongs to it."""

    outcome = forms.ChoiceField(
        label=_("结论"),
        choices=[*Reply.Outcome.choices, (REFER, _("以已作出的答复答复"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择同意、部分同意或者不同意。")},
    )
    answered_by = forms.CharField(
        label=_("引用哪一件申请的答复"),
        required=False,
        max_length=20,
        help_text=_(
            "选「以已作出的答复答复」时填写编号，例如 GY-2026-00001。结论和依据与那一份相同，"
            "原文一并送达；理由里写明为什么也适用于这件申请。"
        ),
    )
    agreed_to = forms.ChoiceField(
        label=_("同意的方式"),
        choices=Reply.AgreedTo.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("同意或者部分同意时选择。送达后开始计算落实的服务目标。"),
    )
    agreed_part = forms.CharField(
        label=_("同意的是哪一部分"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    entry = forms.ModelChoiceField(
        label=_("对应的目录条目"),
        queryset=CatalogEntry.objects.none(),
        required=False,
        empty_label=_("还没有编入目录"),
        help_text=_("选择后，条目列入目录或者开放时自动登记为已落实。"),
    )
    ground = forms.ChoiceField(
        label=_("不同意的情形"),
        choices=[("", _("（同意的不选）")), *Reply.Ground.choices],
        required=False,
        help_text=_("持有而不开放的，应当属于第十八条第一款的四项之一。"),
    )
    ground_basis = forms.CharField(
        label=_("依据或者证明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("第（四）项只能写法律、法规的名称和条款。没有数据、属于其他机关或者已经开放的，填下面对应的一项。"),
    )
    why_still_closed = forms.CharField(
        label=_("第（一）至（三）项的：为什么脱敏、脱密后仍不能开放"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "处理后符合开放条件的，应当开放（第十八条第二款）。写明处理后为什么仍不符合，例如仍能识别到个人；"
            "国家秘密写明是否解密，不要写秘密的内容。"
        ),
    )
    searched_where = forms.CharField(
        label=_("没有数据的：检索了哪里"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写明检索了哪些系统、档案或者处室。"),
    )
    searched_on = forms.DateField(
        label=_("没有数据的：检索日期"),
        required=False,
        widget=DayInput(),
        error_messages={"invalid": _("日期不完整，例如 2026-12-01。")},
    )
    holder = AgencyField(
        label=_("属于其他机关的：哪个机关"),
        required=False,
        help_text=_("能转办的，可以直接转办，期限不重新计算。"),
    )
    dataset = forms.CharField(
        label=_("已经开放的：数据集的网址"),
        required=False,
        max_length=300,
        help_text=_("本平台数据集页面的网址，例如 /data/bus-stops/。"),
    )
    reasons = forms.CharField(
        label=_("理由"),
        required=False,
        max_length=5000,
        widget=ReasonInput(),
        help_text=_("不同意和部分同意的必须写明，申请人和公众都能看到。"),
    )
    file = PapersField(label=_("附件"), required=False, help_text=REPLY_PAPERS_HINT)

    def __init__(self, *args: Any, request_case: OpenRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(
            entry=CatalogEntry.objects.filter(provider=request_case.agency_id).select_related("in_force"),
            holder=agencies_asked().exclude(pk=request_case.agency_id),
        )
        for name in CONDITIONAL:
            conditional: Any = self.fields[name]
            conditional.depends_on_answer = True  # asked for by the outcome, so not to be called optional
        for name, answers in SHOWN_WHEN.items():
            asked: Any = self.fields[name]
            asked.shown_when = answers
        field: Any = self.fields["entry"]
        field.label_from_instance = lambda entry: (
            f"{entry.in_force.title if entry.in_force else _('（未公布）')} {entry.resource_code}"
        )

    def reply_text(self) -> ReplyText:
        """What was filled in."""
        return ReplyText(**{name: self.cleaned_data[name] for name in ("outcome", *CONDITIONAL)})

    def clean_dataset(self) -> OpenDataset | None:
        """The data set behind the address; what is not open is refused with the rest."""
        address = self.cleaned_data["dataset"].strip()
        if not address:
            return None
        found = dataset_at(address)
        if found is None:
            raise forms.ValidationError(_("没有找到这个数据集，或者它没有开放。请从数据集页面复制网址。"))
        return found


def dataset_at(address: str) -> OpenDataset | None:
    """The open data set whose page has this address, whole or from the path on, or whose name it is."""
    named = re.search(r"(?:^|/data/)([-\w]+)/?(?:[?#].*)?$", address)
    return dataset_by_slug(named[1]) if named else None


def drafted_values(draft: Reply) -> dict[str, Any]:
    """A draft as first values of the form."""
    values = {name: getattr(draft, name) for name in ("outcome", *CONDITIONAL) if name != "answered_by"}
    values |= {"dataset": draft.dataset.get_absolute_url() if draft.dataset else "", "holder": draft.holder_id}
    if draft.refers_to is not None:
        values |= {"outcome": REFER, "answered_by": draft.refers_to.request.number}
    return values


class DeliverForm(ActForm):
    """Approving: nothing to fill in, the draft stands above."""


class ConfirmFindingsForm(ActForm):
    """Which findings somebody answers for, and why they may leave as they are."""

    least = {"reasons": LEAST_REASON}
    findings = forms.MultipleChoiceField(
        label=_("确认哪些"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择要确认的内容。")},
    )
    reasons = forms.CharField(
        label=_("为什么可以原样送出"),
        max_length=500,
        widget=ReasonInput(attrs={"rows": 3}),
        help_text=_("例如：这是值班电话，已在门户公开。请不要在这里写个人信息。"),
        error_messages={"required": _("请写明理由。没有理由不能确认。")},
    )

    def __init__(self, *args: Any, check: PaperCheck, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["findings"]
        field.choices = [(str(one.pk), f"{one.words}：{one.place}") for one in check.confirmable]
        if len(field.choices) == 1:
            field.initial = [field.choices[0][0]]

    @property
    def chosen(self) -> list[int]:
        """The findings by their keys."""
        return [int(key) for key in self.cleaned_data["findings"]]


class SendBackForm(ReasonForm):
    """Why a draft goes back; its own reasons stand above on the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].label = _("为什么退回")
        self.fields["reasons"].help_text = _("写明要改什么。起草人能看到，不公开。")


class QuestionForm(ActForm):
    """A question to the applicant."""

    text = forms.CharField(
        label=_("要问申请人的内容"),
        max_length=2000,
        widget=ReasonInput(),
        help_text=_("询问不停止计算期限，申请人可以不回答。"),
        error_messages={"required": _("请写下要问申请人的内容。")},
    )


class TransferForm(ReasonForm):
    """Who should reply instead, and why."""

    least = {"reasons": LEAST_REASONS}
    to = AgencyField(
        label=_("转给"),
        error_messages={"required": _("请选择转给哪个机关。")},
    )
    field_order = ["to", "reasons"]

    def __init__(self, *args: Any, request_case: OpenRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(to=agencies_asked().exclude(pk=request_case.agency_id))
        self.fields["reasons"].label = _("为什么由对方答复")
        self.hint("reasons", _("申请人和对方都能看到。"))


class AnewForm(ReasonForm):
    """Why what was agreed cannot be carried out."""

    least = {"reasons": LEAST_REASONS}


class HandlerForm(ActForm):
    """Whoever works on the case."""

    handler = forms.ModelChoiceField(
        label=_("经办人"),
        queryset=User.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择经办人。")},
    )

    def __init__(self, *args: Any, request_case: OpenRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = User.objects.filter(roles__agency=request_case.agency_id, roles__ended_on=None, is_active=True)
        self.choose_from(handler=members.distinct().order_by("display_name", "pk"))


class FulfilForm(ActForm):
    """Where it can be seen that the promise is kept."""

    link = forms.CharField(
        label=_("目录或者数据的网址"),
        required=False,
        max_length=500,
        help_text=_("本平台的页面写以 / 开头的地址即可。"),
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class DeclineForm(ReasonForm):
    """The decided review that answered the same objection."""

    least = {"reasons": LEAST_REASONS}
    same_as = forms.ModelChoiceField(
        label=_("已经作出结果的同一异议"),
        queryset=ReviewApplication.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择对同一答复已经作出结果的那一件复核。没有这样的复核，就应当受理。")},
    )
    field_order = ["same_as", "reasons"]

    def __init__(self, *args: Any, review: ReviewApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_from(same_as=decided_on_same_reply(review))
        field: Any = self.fields["same_as"]
        field.label_from_instance = lambda other: f"{other.number} {other.get_outcome_display()}：{other.parts[:40]}"


class StatementForm(ActForm):
    """What the agency says to the objection."""

    text = forms.CharField(
        label=_("说明"),
        max_length=5000,
        widget=ReasonInput(),
        help_text=_("只有复核人员、本机关和提出异议的人能看到。"),
        error_messages={"required": _("请写明说明的内容。")},
    )
    file = PapersField(label=_("材料"), required=False, help_text=PAPERS_HINT)


class UpholdForm(ReasonForm):
    """The reply stands."""

    least = {"reasons": LEAST_REASONS}
    outcome = "uphold"

    def decision(self) -> Decision:
        """The result as filled in."""
        return Decision(outcome=self.outcome, reasons=self.cleaned_data["reasons"])


class ChangeForm(UpholdForm):
    """The reply is changed."""

    outcome = "change"
    changed_to = forms.ChoiceField(
        label=_("变更为"),
        choices=ReviewApplication.ChangedTo.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择变更为什么。")},
    )
    field_order = ["changed_to", "reasons"]

    def decision(self) -> Decision:
        """The result as filled in."""
        changed_to = self.cleaned_data["changed_to"]
        return Decision(outcome=self.outcome, reasons=self.cleaned_data["reasons"], changed_to=changed_to)


class NewReplyForm(UpholdForm):
    """A new reply is required."""

    outcome = "require-new-reply"
    new_reply_due_on = forms.DateField(
        label=_("重新答复的期限"),
        widget=DayInput(),
        help_text=_("由复核结果确定，不是法定期限；新的答复可以再申请复核。"),
        error_messages={
            "required": _("请写明重新答复的期限。"),
            "invalid": _("日期不完整，例如 2026-12-01。"),
        },
    )
    field_order = ["new_reply_due_on", "reasons"]

    def decision(self) -> Decision:
        """The result as filled in."""
        due: dt.date = self.cleaned_data["new_reply_due_on"]
        return Decision(outcome=self.outcome, reasons=self.cleaned_data["reasons"], new_reply_due_on=due)
