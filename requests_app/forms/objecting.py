"""What somebody of the public fills in who objects to a reply (第二十一条第二款)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from guiyang_data.faces.text import zh_date
from requests_app.forms.public import PAPERS_HINT, PapersField, PartyFields
from requests_app.models import Reply
from requests_app.services.parties import LEAST_REASONS


class Part(models.TextChoices):
    """What of a reply can be objected to, in its own words."""

    WHOLE = "whole", _("全部")
    REFUSED = "refused", _("不同意的部分")
    AGREED = "agreed", _("同意的部分和方式")
    GROUND = "ground", _("不同意的情形和依据")
    REASONS = "reasons", _("答复写的理由")


def parts_of(replies: Iterable[Reply]) -> list[tuple[str, str]]:
    """The parts that these replies have."""
    rows = list(replies)
    has = {
        Part.REFUSED: any(reply.outcome != Reply.Outcome.AGREE for reply in rows),
        Part.AGREED: any(reply.outcome != Reply.Outcome.REFUSE for reply in rows),
        Part.GROUND: any(reply.ground for reply in rows),
        Part.REASONS: any(reply.reasons for reply in rows),
    }
    return [(part.value, str(part.label)) for part in Part if has.get(part, True)]


class ObjectionForm(ActForm):
    """An objection of the applicant: to which reply, to what of it, and why."""

    least = {"reasons": LEAST_REASONS}
    reply_round = forms.TypedChoiceField(label=_("对哪一次答复"), coerce=int, widget=forms.RadioSelect)
    named = forms.MultipleChoiceField(
        label=_("对答复的哪一部分有异议"), required=False, widget=forms.CheckboxSelectMultiple
    )
    parts = forms.CharField(
        label=_("具体是哪一部分"),
        required=False,
        max_length=900,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如「实时余位不开放」。上面已经选了的，可以不填。"),
    )
    reasons = forms.CharField(
        label=_("异议的理由"),
        max_length=5000,
        widget=ReasonInput(),
        error_messages={"required": _("请写明异议的理由。")},
    )
    file = PapersField(label=_("材料"), required=False, help_text=PAPERS_HINT)

    def __init__(self, *args: Any, replies: Sequence[Reply], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which = self.fields["reply_round"]
        which.choices = [(reply.round, _in_words(reply)) for reply in replies]  # type: ignore[attr-defined]
        which.initial = replies[0].round if replies else None
        if len(replies) < 2:
            # the only one there is need not be chosen
            which.widget, which.required = forms.HiddenInput(), False
        named: Any = self.fields["named"]
        named.choices = parts_of(replies)
        named.depends_on_answer = True  # one of the two is needed, so neither is to be called optional

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("named") or str(cleaned.get("parts") or "").strip()):
            self.add_error("named", _("请选择或者写明对答复的哪一部分有异议；对全部有异议，选「全部」。"))
        return cleaned

    def objected_parts(self) -> str:
        """The parts in words."""
        labels = dict(self.fields["named"].choices)  # type: ignore[attr-defined]
        named = "、".join(str(labels[value]) for value in self.cleaned_data["named"])
        text = str(self.cleaned_data["parts"]).strip()
        return f"{named}：{text}" if named and text else named or text

    def chosen_round(self) -> int | None:
        """Which reply; None is the newest."""
        return self.cleaned_data["reply_round"] or None


def _in_words(reply: Reply) -> str:
    day = zh_date(reply.delivered_on, with_year=True) if reply.delivered_on else ""
    return gettext("第 %(round)d 次答复（%(day)s）：%(outcome)s") % {
        "round": reply.round,
        "day": day,
        "outcome": reply.get_outcome_display(),
    }


class StrangerObjectionForm(PartyFields, ObjectionForm):
    """An objection of anyone else of the public."""

    field_order = ["reply_round", "named", "parts", "reasons", "file", "kind", "name", "show_name", "mail", "phone"]
