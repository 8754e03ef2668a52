"""Forms for files: data for an entry, and catalogues of other portals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms.compiling import GROUNDS, category_choices
from catalog.models import CatalogImport, EntryRevision, Field, InformationItem, Load, SharingType, UpdateCycle
from catalog.services import TARGETS, usual_defaults
from catalog.services.import_entries import DEFAULTED, PROPOSED, SENSITIVITY
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.imports import ColumnsForm
from guiyang_data.faces.rendering import ReasonInput
from guiyang_data.faces.text import thousands

MODES = (
    (Load.Mode.REPLACE, _("整表替换：这份文件就是全部数据")),
    (Load.Mode.APPEND, _("追加：接在现有数据后面")),
    (Load.Mode.UPSERT, _("按主键更新：主键相同的更新，没有的新增")),
)
TOGETHER_MODES = (
    (Load.Mode.UPSERT, _("按主键更新：主键相同的更新，没有的新增")),
    (
        Load.Mode.REPLACE,
        _("替换本机关报送的部分：文件里没有的行，本机关的列清空；各机关的列都空了的，这一行删去"),
    ),
)
TO_MARK = _("%(number)s 个条目有像是个人信息、文件没有写明敏感性的信息项。")
NOTHING_TO_MARK = _("文件都已写明，或者没有像是个人信息的信息项，用不到这一项。")
FILE_ERRORS = {"required": _("请选择文件。"), "empty": _("这是空文件，没有接收。请重新选择。")}


class GatherForm(ActForm):
    """A file of data for an entry."""

    revision = forms.TypedChoiceField(
        label=_("按哪一版目录检查"), coerce=int, error_messages={"required": _("请选择按哪一版目录检查。")}
    )
    file = forms.FileField(
        label=_("数据文件"),
        error_messages=FILE_ERRORS,
        help_text=_("CSV、XLS、XLSX、JSON 或者 Parquet，编码自动识别。表头用信息项的名称或者字段名。"),
    )
    mode = forms.ChoiceField(label=_("方式"), choices=MODES, widget=forms.RadioSelect, initial=Load.Mode.REPLACE)
    header_row = forms.IntegerField(
        label=_("表头在第几行"), min_value=1, max_value=1000, required=False, help_text=_("表头上方有标题的才需要填。")
    )

    collector = forms.TypedChoiceField(
        label=_("代表哪个机关报送"), coerce=int, error_messages={"required": _("请选择代表哪个机关报送。")}
    )

    def __init__(
        self,
        *args: Any,
        revisions: Sequence[EntryRevision],
        modes: Sequence[str],
        why: str = "",
        senders: Sequence[Agency] = (),
        **kwargs: Any,
    ) -> None:
        """``modes``: those that can be; ``why`` not the others. ``senders``: where several agencies collect, those for
        which the person sends; each brings its own items.
        """
        super().__init__(*args, **kwargs)
        self._only_own(senders)
        mode: Any = self.fields["mode"]
        mode.choices = [(value, label) for value, label in mode.choices if value in modes]
        mode.help_text = why
        mode.error_messages["invalid_choice"] = why or _("请选择列出的方式。")
        choices = [(revision.pk, f"第{revision.number}版（{revision.get_status_display()}）") for revision in revisions]
        self.fields["revision"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["revision"].widget = forms.HiddenInput()
            self.fields["revision"].initial = choices[0][0]

    def _only_own(self, senders: Sequence[Agency]) -> None:
        mode, collector = self.fields["mode"], self.fields["collector"]
        if senders:
            mode.choices = TOGETHER_MODES  # type: ignore[attr-defined]
            self.initial["mode"] = Load.Mode.UPSERT
            self.fields["file"].help_text = _(
                "CSV、XLS、XLSX、JSON 或者 Parquet。只放主键和本机关采集的信息项，其他机关的列保持不变。"
            )
            collector.choices = [(agency.pk, agency.name) for agency in senders]  # type: ignore[attr-defined]
        if len(senders) < 2:
            del self.fields["collector"]


class RestoreDataForm(ActForm):
    """An earlier version of the data is made current again."""

    reasons = forms.CharField(
        label=_("恢复的理由"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("现行数据有什么问题，为什么用这一版。获取数据的机关会看到。"),
        error_messages={"required": _("请写明恢复旧版数据的理由，获取数据的机关会看到它。")},
    )


class ImportFileForm(ActForm):
    """A catalogue to be imported."""

    file = forms.FileField(
        label=_("目录文件"),
        error_messages=FILE_ERRORS,
        help_text=_(
            "XLSX、XLS、CSV 或者 JSON。一行一个条目，或者一行一个信息项、条目只写在第一行；"
            "列名不必与本平台一致，表头上方可以有标题，下一步核对。"
        ),
    )


class MappingForm(ColumnsForm):
    """Which column of the file is which element, and what holds where the file says nothing."""

    category = forms.ChoiceField(label=_("资源分类"), error_messages={"required": _("请选择资源分类。")})
    sharing_type = forms.ChoiceField(
        label=_("共享类型"), choices=[("", _("请选择")), *SharingType.choices], required=False
    )
    update_cycle = forms.ChoiceField(label=_("更新周期"), choices=UpdateCycle.choices)
    field = forms.ChoiceField(label=_("领域"), choices=Field.choices)
    is_open = forms.TypedChoiceField(
        label=_("是否向社会开放"),
        choices=(("", _("请选择")), (1, _("开放")), (0, _("不开放"))),
        coerce=lambda value: str(value) == "1",
        empty_value=None,
        required=False,
    )
    closed_ground = forms.TypedChoiceField(
        label=_("不开放的情形"), choices=GROUNDS, coerce=int, empty_value=None, required=False
    )
    item_sensitivity = forms.ChoiceField(
        label=_("信息项的敏感性"),
        choices=((PROPOSED, _("按平台的建议")), (InformationItem.Sensitivity.NONE.value, _("都按非敏感"))),
        required=False,
    )
    take_good_rows = forms.BooleanField(label=_("有问题的行不导入，其余照常导入"), required=False)

    targets = TARGETS
    DEFAULTS = ("category", "sharing_type", "update_cycle", "field", "is_open", "closed_ground", SENSITIVITY)

    def __init__(self, *args: Any, job: CatalogImport, **kwargs: Any) -> None:
        super().__init__(*args, job=job, **kwargs)
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]
        for name, value in self._usual().items():
            self.fields[name].initial = int(value) if isinstance(value, bool) else value

    def _usual(self) -> dict[str, Any]:
        """As it was chosen when the file was looked at before, else as the agency usually has it."""
        return {**usual_defaults(self.job.provider), **self.job.defaults}

    def default_fields(self) -> list[forms.BoundField]:
        """What holds where the file says nothing."""
        return [self[name] for name in self.DEFAULTS]

    def defaults(self) -> dict[str, Any]:
        """Elements by default, those that were chosen."""
        if not self.is_bound:
            return self._usual()
        chosen = {name: self.cleaned_data.get(name) for name in self.DEFAULTS}
        return {name: value for name, value in chosen.items() if value not in (None, "")}

    def tell(self, silent: Mapping[str, int]) -> None:
        """Say beside each default how many new entries have it, ``silent``."""
        for name in (*DEFAULTED, SENSITIVITY):
            number = silent.get(name, 0)
            told: Any = _("文件都已写明，用不到这一项。") if name != SENSITIVITY else NOTHING_TO_MARK
            if number:
                words = _("文件没有写明的 %(number)s 个条目按这一种。") if name != SENSITIVITY else TO_MARK
                told = words % {"number": thousands(number)}
            self.fields[name].help_text = told
            self.fields[name].required = bool(number)
            self._bound_fields_cache.pop(name, None)  # type: ignore[attr-defined]
