"""What whoever doubts data fills in, and what its provider answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import DataVersion, EntryRevision
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import ReasonInput
from requests_app.corrections.models import CorrectionReport, Mend, Target
from requests_app.corrections.selectors import ItemChoice, revisions_that_may_mend, versions_that_may_mend
from requests_app.forms.public import PapersField, PartyFields
from requests_app.forms.public import TrackForm as RequestTrackForm
from requests_app.services import Doubt, Party
from requests_app.services.corrections.locking import LEAST_WORDS
from requests_app.services.corrections.reporting import LONGEST_MATTER, LONGEST_VALUE


class ReportForm(ActForm):
    """What is doubted. One row is asked for; more are told in the description, by an attachment, or over REST."""

    least = {"description": LEAST_WORDS}

    target = forms.ChoiceField(
        label=_("哪里有疑义"),
        choices=Target.choices,
        initial=Target.ROWS,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择哪里有疑义。")},
    )
    item = forms.ChoiceField(label=_("信息项"), required=False, help_text=_("涉及某些行或者某一列的，选择是哪一项。"))
    key = forms.CharField(
        label=_("哪一行"),
        required=False,
        max_length=LONGEST_VALUE,
        help_text=_("写这一行的编号（主键），没有的写行号。多行的，写其中一行，其余写在说明里或者附上清单。"),
    )
    is_missing = forms.BooleanField(
        label=_("数据里漏了这一行"), required=False, help_text=_("应当有、但是现在的数据里没有的，选上这一项。")
    )
    value = forms.CharField(label=_("现在的值"), required=False, max_length=LONGEST_VALUE)
    should_be = forms.CharField(label=_("应当是"), required=False, max_length=LONGEST_VALUE)
    description = forms.CharField(
        label=_("说明"),
        max_length=LONGEST_MATTER,
        widget=ReasonInput(attrs={"rows": 5}),
        help_text=_("哪里不对，您是怎么知道的。只有提供机关能看到，不公开。"),
        error_messages={"required": _("请写明哪里不对、您是怎么知道的。")},
    )
    file = PapersField(
        label=_("证明材料"), required=False, help_text=_("可以不附。最多 5 份，只有您和提供机关能看到。")
    )

    def __init__(self, *args: Any, items: Sequence[ItemChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("不针对某一项，或者不清楚")), *((item.code, item.name) for item in items)]
        asked: Any = self.fields
        asked["item"].choices = choices
        asked["item"].shown_when = "target=rows,item"
        asked["key"].depends_on_answer = True
        for name in ("key", "is_missing", "value", "should_be"):
            asked[name].shown_when = "target=rows"

    def doubt(self) -> Doubt:
        """What was filled in, as the service takes it."""
        data = self.cleaned_data
        row = {name: data[name] for name in ("key", "value", "should_be")}
        return Doubt(
            target=data["target"],
            item=data["item"],
            rows=[row] if any(row.values()) else [],
            description=data["description"],
            is_missing=data["is_missing"],
        )

    def party(self) -> Party:
        """Whoever works for an agency is known by the account."""
        return Party()


class PublicReportForm(PartyFields, ReportForm):
    """The same, and who somebody is, as little as possible."""

    show_name = None  # type: ignore[assignment]  # a report is never public
    kind = None  # type: ignore[assignment]
    field_order = ["target", "item", "key", "is_missing", "value", "should_be", "description", "file"]
    field_order += ["name", "mail", "phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("可以不填。只有提供机关能看到。")

    def party(self) -> Party:
        """What was filled in."""
        return Party(**{name: self.cleaned_data.get(name, "") for name in ("name", "mail", "phone")})


class TrackForm(RequestTrackForm):
    """A number and its code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].help_text = _("例如 JC-2026-00001。")
        self.fields["code"].help_text = _("反馈时给您的 12 位代码，大小写和横线都可以不管。")


class RightForm(ActForm):
    """An error was found."""

    least = {"answer": LEAST_WORDS}

    mend_by = forms.ChoiceField(
        label=_("怎样更正"),
        choices=Mend.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择更正数据，还是修订目录。")},
    )
    answer = forms.CharField(
        label=_("答复"),
        max_length=3000,
        widget=ReasonInput(),
        help_text=_("查明了什么、怎样更正。开放数据的答复会公开，请不要写个人信息。"),
        error_messages={"required": _("请写明查明了什么、怎样更正。")},
    )


class NotRightForm(ActForm):
    """No error was found."""

    least = {"answer": LEAST_WORDS}

    answer = forms.CharField(
        label=_("理由"),
        max_length=3000,
        widget=ReasonInput(),
        help_text=_("怎样校核的、为什么无误。开放数据的答复会公开，请不要写个人信息。"),
        error_messages={"required": _("请写明理由。没有理由不能办理这一事项。")},
    )


class MendForm(ActForm):
    """What mends it: a version of the data, or a revision of the catalogue, made since."""

    version: Any = forms.ModelChoiceField(
        queryset=DataVersion.objects.none(),
        label=_("更正后的数据"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择反馈之后入库的那一版数据。还没有更正的，请先汇聚更正后的数据。")},
    )
    revision: Any = forms.ModelChoiceField(
        queryset=EntryRevision.objects.none(),
        label=_("更正后的目录"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择反馈之后公布的那一版目录。还没有更正的，请先修订目录并公布。")},
    )

    def __init__(self, *args: Any, report: CorrectionReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if report.mend_by == Mend.DATA:
            del self.fields["revision"]
            versions: Any = self.fields["version"]
            versions.queryset = versions_that_may_mend(report)
            versions.label_from_instance = _version_words
        else:
            del self.fields["version"]
            revisions: Any = self.fields["revision"]
            revisions.queryset = revisions_that_may_mend(report)
            revisions.label_from_instance = _revision_words


def _version_words(version: Any) -> str:
    return str(_("第 %(number)d 版，%(rows)s 行") % {"number": version.number, "rows": f"{version.rows:,}"})


def _revision_words(revision: Any) -> str:
    return str(_("目录第 %(number)d 版，%(day)s公布") % {"number": revision.number, "day": revision.in_force_on})


class WithdrawForm(ActForm):
    """Nothing to fill in."""
