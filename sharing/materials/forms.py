"""What the acts about matters and materials ask for. Rules of law are the services' business; forms know shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import EntryRevision
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.imports import ColumnsForm
from guiyang_data.faces.rendering import ReasonInput
from sharing.forms import item_choices
from sharing.materials.checking import MOST_NAMES
from sharing.models import DocumentTemplate, MaterialForm, MatterKind, MatterMaterial, SupplyWay
from sharing.services.materials import Wanted
from sharing.services.materials.demanding import LEAST_REASONS
from sharing.services.materials.import_words import TARGETS

MISSING_REASONS = {"required": _("请写明理由。没有理由不能办理这一事项。")}
FILE_ERRORS = {"required": _("请选择文件。"), "empty": _("这是空文件，没有接收。请重新选择。")}


class MatterForm(ActForm):
    """A service matter."""

    name = forms.CharField(label=_("事项名称"), max_length=200, error_messages={"required": _("请填写事项名称。")})
    code = forms.CharField(
        label=_("事项编码"), max_length=60, required=False, help_text=_("政务服务事项目录中的编码，没有的可以不填。")
    )
    kind = forms.ChoiceField(label=_("事项类型"), choices=MatterKind.choices, initial=MatterKind.LICENCE)
    basis = forms.CharField(
        label=_("设定依据"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ChangeMatterForm(MatterForm):
    """The same, and whether it is handled still."""

    is_active = forms.BooleanField(
        label=_("正在办理"), required=False, help_text=_("不再办理的请取消勾选：不再对外公布，也不再列入清理。")
    )


class NewMatterForm(MatterForm):
    """A new matter with its materials, one a line."""

    labels = forms.CharField(
        label=_("申请材料"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("一行一份，先写名称；形式、出具机关可以在保存后逐份补充。"),
    )

    def given(self) -> dict[str, Any]:
        """The materials by their names."""
        values = super().given()
        lines = [line.strip() for line in values.pop("labels").splitlines()]
        return values | {"materials": [Wanted(label=line) for line in dict.fromkeys(filter(None, lines))]}


class MaterialEditForm(ActForm):
    """A material of a matter."""

    label = forms.CharField(label=_("材料名称"), max_length=200, error_messages={"required": _("请填写材料名称。")})
    form = forms.ChoiceField(label=_("材料形式"), choices=MaterialForm.choices, initial=MaterialForm.ORIGINAL)
    source = forms.CharField(
        label=_("出具机关"), max_length=120, required=False, help_text=_("由哪个机关出具；申请人自己准备的写申请人。")
    )
    document = forms.CharField(
        label=_("电子证照、文书"),
        max_length=120,
        required=False,
        help_text=_("这份材料已经有电子证照、文书的，写明名称，例如道路运输证；没有的不填。"),
    )
    required = forms.BooleanField(label=_("必要材料"), required=False, initial=True)

    def given(self) -> dict[str, Any]:
        """What is wanted."""
        return {"wanted": Wanted(**super().given())}

    @staticmethod
    def values_of(material: MatterMaterial) -> dict[str, Any]:
        """The first values of the form for a material that is there."""
        return {name: getattr(material, name) for name in ("label", "form", "source", "document", "required")}


class ReasonsForm(ActForm):
    """Reasons that the agency concerned reads."""

    reasons = forms.CharField(label=_("理由"), widget=ReasonInput, max_length=2000, error_messages=MISSING_REASONS)


class StateReasonsForm(ReasonsForm):
    """Why the platform's data does not do."""

    least = {"reasons": LEAST_REASONS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hint("reasons", _("写明平台的数据缺什么、为什么不能代替这份材料。由市大数据主管部门核对。"))


class AcceptForm(ActForm):
    """An opinion beside the finding; not needed."""

    reasons = forms.CharField(label=_("核对意见"), widget=ReasonInput, max_length=1000, required=False)


class ExceptionForm(ActForm):
    """The law that does not admit electronic documents."""

    instrument = forms.CharField(
        label=_("法律、法规名称"),
        max_length=120,
        help_text=_("全称。规章和规范性文件不能作为依据。"),
        error_messages={"required": _("请写明法律或者法规的名称。")},
    )
    article = forms.CharField(
        label=_("条款"),
        max_length=60,
        help_text=_("例如第十二条第一款。"),
        error_messages={"required": _("请写明是第几条。")},
    )


class SupplyForm(ActForm):
    """How an entry supplies a material."""

    way = forms.ChoiceField(
        label=_("提供的方式"), choices=SupplyWay.choices, widget=forms.RadioSelect, initial=SupplyWay.VERIFY
    )
    document = forms.CharField(
        label=_("其他电子证照、文书"),
        max_length=120,
        required=False,
        help_text=_("以电子证照、文书提供，但不由本平台签发的，写明名称。"),
    )
    note = forms.CharField(label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, revision: EntryRevision | None, templates: Iterable[DocumentTemplate], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        items = forms.MultipleChoiceField(
            label=_("代替这份材料的信息项"),
            choices=item_choices(revision),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_("核验、查询、接口提供的，至少选一项。"),
        )
        items.depends_on_answer = True  # type: ignore[attr-defined]  # needed for some ways
        self.fields["items"] = items
        kinds = [(kind.pk, f"{kind.title}（{kind.get_kind_display()}）") for kind in templates]
        template = forms.TypedChoiceField(
            label=_("本平台签发的电子文书"),
            choices=[("", _("不由本平台签发") if kinds else _("这项数据没有签发电子文书")), *kinds],
            coerce=int,
            empty_value=None,
            required=False,
            help_text=_("以电子证照、文书提供的，从中选择；各机关凭授权查找并取用。"),
        )
        template.depends_on_answer = True  # type: ignore[attr-defined]  # needed for one way
        self.fields["template"] = template
        self.order_fields(["submission", "way", "items", "template", "document", "note"])

    def given(self) -> dict[str, Any]:
        """What is said, the kind of document by its number."""
        values = super().given()
        return values | {"template_id": values.pop("template")}


class CheckForm(forms.Form):
    """A list of materials' names, one a line."""

    names = forms.CharField(
        label=_("材料清单"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("一行一份材料，最多 %(most)d 份。可以直接从办事指南复制。") % {"most": MOST_NAMES},
        error_messages={"required": _("请至少写一份材料的名称。")},
    )

    def lines(self) -> list[str]:
        """The names, each once."""
        stripped = (line.strip() for line in self.cleaned_data["names"].splitlines())
        return list(dict.fromkeys(line[:200] for line in stripped if line))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "names" in cleaned and len(self.lines()) > MOST_NAMES:
            self.add_error("names", _("一次最多核对 %(most)d 份，请分几次。") % {"most": MOST_NAMES})
        return cleaned


class MatterFileForm(ActForm):
    """A list of matters to be imported."""

    file = forms.FileField(
        label=_("事项材料清单"),
        error_messages=FILE_ERRORS,
        help_text=_(
            "XLSX、XLS、CSV 或者 JSON。一行一份材料，事项只写在第一行也可以；列名不必与本平台一致，下一步核对。"
        ),
    )


class MatterMappingForm(ColumnsForm):
    """Which column of the file is which element."""

    targets = TARGETS
    take_good_rows = forms.BooleanField(label=_("有问题的不导入，其余照常导入"), required=False)
