"""What the public fills in: the four steps of a request, tracking, answers and objections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments.kinds import KINDS_IN_WORDS
from guiyang_data.attachments.models import Attachment
from guiyang_data.faces.agencies import LONGEST_LOOKED_FOR, by_place, is_named, words_of
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ManyFilesField, ReasonInput
from requests_app.models import ApplicantKind, Case
from requests_app.selectors import agencies_asked
from requests_app.services import Party
from requests_app.services.filing import MOST_AGENCIES
from requests_app.services.parties import LONGEST_TITLE, MOST_PAPERS
from requests_app.suggesting import Suggested

PAPERS_HINT = _("最多 %(most)d 份，每份不超过 20 MB：%(kinds)s。只有申请人和办理机关能看到。") % {
    "most": MOST_PAPERS,
    "kinds": KINDS_IN_WORDS,
}


class PapersField(ManyFilesField):
    """At most five files; each is checked when it is taken in."""

    def __init__(self, **given: Any) -> None:
        super().__init__(most=MOST_PAPERS, **given)


class WhatForm(ActForm):
    """Step 1: what is needed."""

    title = forms.CharField(
        label=_("需要什么数据"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"data-lookup": True}),
        help_text=_("用一句话说，例如「公交车辆实时位置」。"),
        error_messages={"required": _("请写明需要什么数据，例如「公交车辆实时位置」。")},
    )
    description = forms.CharField(
        label=_("具体说明"),
        required=False,
        max_length=3000,
        widget=ReasonInput(attrs={"rows": 4, "data-lookup": True}),
        help_text=_("需要哪些内容、什么时间和范围的。这里写的内容会公开，请不要写个人信息。"),
    )
    case = forms.ChoiceField(
        label=_("您认为"),
        choices=Case.choices,
        initial=Case.OPEN,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("不确定时选第一项，答复机关会一并处理。"),
    )
    purpose = forms.CharField(
        label=_("用途"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("不公开，也不是申请的条件。写明有助于答复机关判断先开放哪一部分。"),
    )
    file = PapersField(label=_("附件"), required=False, help_text=PAPERS_HINT)
    drop = forms.MultipleChoiceField(
        label=_("去掉已上传的附件"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, papers: list[Attachment] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = papers or []
        if self.papers:
            self.fields["drop"].choices = [(str(paper.pk), paper.name) for paper in self.papers]  # type: ignore[attr-defined]
        else:
            del self.fields["drop"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["case"] = cleaned.get("case") or Case.OPEN
        kept = len(self.papers) - len(cleaned.get("drop") or [])
        if kept + len(cleaned.get("file") or []) > MOST_PAPERS:
            self.add_error("file", _("附件一共最多 %(most)d 份，请去掉一些。") % {"most": MOST_PAPERS})
        return cleaned


class AgencyForm(ActForm):
    """Step 2: whose data it is; the likely agencies first, then all, narrowed by what is looked for."""

    agencies = forms.MultipleChoiceField(
        label=_("向哪个机关申请"),
        error_messages={
            "required": _("请选择一个机关。选错也没有关系，收到的机关会转给主管机关，期限不重新计算。"),
            "invalid_choice": _("所选的机关不在平台上答复申请，请另选。"),
        },
    )
    find = forms.CharField(label=_("按名称查找"), required=False, max_length=LONGEST_LOOKED_FOR)

    def __init__(self, *args: Any, suggested: list[Suggested], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggested = suggested
        self.able = list(agencies_asked().select_related("region__parent"))
        self.fields["agencies"].choices = [(str(agency.pk), agency.name) for agency in self.able]  # type: ignore[attr-defined]

    def clean_agencies(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["agencies"]
        if len(chosen) > MOST_AGENCIES:
            raise forms.ValidationError(
                _("一次最多向 %(most)d 个机关申请，请去掉一些；其余的可以另行申请。") % {"most": MOST_AGENCIES}
            )
        return chosen

    def chosen(self) -> list[int]:
        """The ids of the chosen agencies."""
        return [int(pk) for pk in self.cleaned_data["agencies"]]

    @property
    def ticked(self) -> set[str]:
        """What is ticked now."""
        return {str(pk) for pk in self["agencies"].value() or []}

    @property
    def first(self) -> list[dict[str, Any]]:
        """The likely agencies with why, then what else is ticked already."""
        shown = [{"agency": one.agency, "reasons": one.reasons} for one in self.suggested]
        known = {one.agency.pk for one in self.suggested}
        ticked = self.ticked
        return shown + [
            {"agency": agency, "reasons": ()}
            for agency in self.able
            if str(agency.pk) in ticked and agency.pk not in known
        ]

    @property
    def narrowed(self) -> dict[str, Any]:
        """All the others by level and region, or only those whose name holds what is looked for."""
        shown = {one["agency"].pk for one in self.first}
        wanted = str(self["find"].value() or "").strip()
        found = [one for one in self.able if one.pk not in shown and is_named(words_of(one), wanted)]
        return {
            "name": "agencies",
            "type": "checkbox",
            "id": "id_agencies",
            "groups": [
                (place, [{"value": one.pk, "label": one.name, "words": words_of(one)} for one in agencies])
                for place, agencies in by_place(found)
            ],
            "find_name": "find",
            "find": wanted,
            "find_label": _("不是上面的？按名称查找") if shown else "",
            "has_more_above": bool(shown),
        }


class PartyFields(forms.Form):
    """Who somebody is, as little as possible. Nothing of it is a condition."""

    kind = forms.ChoiceField(
        label=_("您是"),
        choices=ApplicantKind.choices,
        initial=ApplicantKind.NATURAL,
        required=False,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("姓名或者名称"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("可以不填。填写后只有办理机关能看到。"),
    )
    show_name = forms.BooleanField(label=_("愿意在公开页面上显示姓名或者名称"), required=False)
    mail = forms.EmailField(
        label=_("邮箱"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("有进展时通知您。不填也可以凭查询号和查询码随时查看。"),
        error_messages={"invalid": _("邮箱地址不完整，例如 name@example.cn。不想留邮箱可以不填。")},
    )
    phone = forms.CharField(
        label=_("手机"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        help_text=_("填写后用短信通知。"),
    )

    def party(self) -> Party:
        """What was filled in."""
        return Party(**{name: self.cleaned_data[name] for name in ("kind", "name", "show_name", "mail", "phone")})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["kind"] = cleaned.get("kind") or ApplicantKind.NATURAL
        if not self.errors:
            for name, message in self.party().check().items():
                self.add_error(name, message)
        return cleaned


class YouForm(PartyFields, ActForm):
    """Step 3: who you are."""


class CheckForm(ActForm):
    """Step 4: nothing to fill in; the token files once."""


class TrackForm(ActForm):
    """A number and its code."""

    number = forms.CharField(
        label=_("查询号"),
        max_length=20,
        help_text=_("例如 GY-2026-00001；复核申请以 FH 开头。"),
        error_messages={"required": _("请填写查询号，它在回执上。")},
    )
    code = forms.CharField(
        label=_("查询码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": "yes", "autocapitalize": "characters"}),
        help_text=_("提交申请时给您的 12 位代码，大小写和横线都可以不管。"),
        error_messages={"required": _("请填写查询码，它在回执上。")},
    )


class AnswerForm(ActForm):
    """An answer to a question of the agency."""

    text = forms.CharField(
        label=_("您的回答"),
        max_length=3000,
        widget=ReasonInput(),
        help_text=_("只有答复机关能看到。不想回答可以直接离开，不影响答复。"),
        error_messages={"required": _("请写下回答；不想回答可以直接离开，不影响答复。")},
    )


class WithdrawForm(ActForm):
    """Withdrawing; reasons are welcome and not needed."""

    reasons = forms.CharField(
        label=_("撤回的原因"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class FollowForm(ActForm):
    """Following: with an account nothing is asked; without one an address that then confirms."""

    mail = forms.EmailField(
        label=_("邮箱"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("先发一封确认邮件，您点确认后才开始关注。邮箱加密保存，只用来告诉您进展，每封邮件都可以取消。"),
        error_messages={
            "required": _("请填写邮箱，或者登录后关注。"),
            "invalid": _("邮箱地址不完整，例如 name@example.cn。"),
        },
    )
    back = forms.ChoiceField(choices=[("", ""), ("new", "new")], required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asks_mail: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_mail:
            del self.fields["mail"]
