"""What agencies fill in for like requests: one text for many, and which request is linked with which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.statute.selectors import ClockFace
from requests_app.forms.staff import DraftReplyForm
from requests_app.models import OpenRequest, Reply
from requests_app.selectors import directly_linked
from requests_app.services.batches import LONGEST_ADDITION
from requests_app.services.links import LONGEST_LINK_REASONS

ADDITION = "addition_"
REPLY_FIELDS: tuple[str, ...] = ("outcome", "agreed_to", "agreed_part", "entry", "ground", "ground_basis")
REPLY_FIELDS += ("why_still_closed", "searched_where", "searched_on", "holder", "dataset", "reasons", "file")


class DraftTogetherForm(DraftReplyForm):
    """One reply for all that are ticked; words of its own for each."""

    def __init__(
        self, *args: Any, offered: Sequence[OpenRequest], faces: Mapping[int, ClockFace], **kwargs: Any
    ) -> None:
        super().__init__(*args, request_case=offered[0], **kwargs)
        self.offered, self.faces = list(offered), faces
        self.fields["requests"] = forms.MultipleChoiceField(
            label=_("一并答复的申请"),
            choices=[(str(request.pk), request.number) for request in self.offered],
            required=False,
            error_messages={"invalid_choice": _("有一件申请不能一并答复，可能由其他机关答复。请返回列表重新选择。")},
        )
        for request in self.offered:
            self.fields[f"{ADDITION}{request.pk}"] = forms.CharField(
                label=_("%(number)s 单独补充的话") % {"number": request.number},
                required=False,
                max_length=LONGEST_ADDITION,
            )
        outcome: Any = self.fields["outcome"]
        outcome.choices = Reply.Outcome.choices  # a reply that refers to another is drafted on its own
        reasons: Any = self.fields["reasons"]
        reasons.help_text = _(
            "不同意和部分同意的必须写明，申请人和公众都能看到。写【编号】和【数据】的地方，送达时换成每件申请自己的编号和名称。"
        )

    @property
    def reply_fields(self) -> list[BoundField]:
        """The fields of the common text, in their order."""
        return [self[name] for name in REPLY_FIELDS]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every request that is offered: itself, its clock, whether it is chosen, the field of its own words."""
        ticked = {str(value) for value in self["requests"].value() or []}
        return [
            {
                "request": one,
                "face": self.faces.get(one.pk),
                "ticked": str(one.pk) in ticked,
                "words": self[f"{ADDITION}{one.pk}"],
            }
            for one in self.offered
        ]

    def request_ids(self) -> list[int]:
        """What was chosen."""
        return [int(value) for value in self.cleaned_data["requests"]]

    def additions(self) -> dict[int, str]:
        """The words of each chosen request, by its id."""
        return {pk: self.cleaned_data[f"{ADDITION}{pk}"] for pk in self.request_ids()}


class DeliverTogetherForm(ActForm):
    """Approving: nothing to fill in, the texts stand above."""


class LinkForm(ActForm):
    """The other request, by its number."""

    other = forms.CharField(
        label=_("与哪一件申请相同"),
        max_length=20,
        help_text=_("填写编号，例如 GY-2026-00001。只能关联您能查看的申请。"),
        error_messages={"required": _("请填写另一件申请的编号。")},
    )
    reasons = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=LONGEST_LINK_REASONS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("为什么是同样的申请。只有办理机关能看到。"),
    )


class UnlinkForm(ActForm):
    """One of those it is linked with."""

    other = forms.ChoiceField(
        label=_("解除与哪一件的关联"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一件申请。"), "invalid_choice": _("这一件已经不再关联。")},
    )
    reasons = forms.CharField(
        label=_("说明"), required=False, max_length=LONGEST_LINK_REASONS, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, request_case: OpenRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.choices = [(like.number, f"{like.number} {like.title}") for like in directly_linked(request_case)]
