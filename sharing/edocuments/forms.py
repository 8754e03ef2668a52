"""What the acts on e-documents ask for. Rules of law are the services' business; forms know shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import EntryRevision
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput
from guiyang_data.tables.columns import Column
from sharing.edocuments.workflow import DocumentKind
from sharing.forms import item_choices
from sharing.services import Facts, Matter, TemplateTerms

KEY = "key_"
"""How the field of a key item is named: items may be called like any other field."""


class TemplateForm(ActForm):
    """What a document of an entry is called and shows."""

    kind = forms.ChoiceField(label=_("类别"), choices=DocumentKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("文书名称"),
        max_length=80,
        help_text=_("印在文书上的名称，例如「营业执照」。同名的模板以最后设置的为准，已签发的文书不变。"),
        error_messages={"required": _("请写明文书的名称。")},
    )
    items = forms.MultipleChoiceField(
        label=_("载明的信息项"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("取用机关的授权须包括全部载明的信息项，才能取用这种文书。"),
        error_messages={"required": _("请至少选择一个信息项。")},
    )
    holder_item = forms.ChoiceField(label=_("哪一项是持有人"), help_text=_("单位名称或者姓名。"))
    holder_id_item = forms.ChoiceField(
        label=_("哪一项是持有人的证件号码"), required=False, help_text=_("统一社会信用代码或者身份证号码；没有的不选。")
    )
    valid_until_item = forms.ChoiceField(
        label=_("哪一项是有效期至"), required=False, help_text=_("长期有效的不选；数据中为空的，按长期有效签发。")
    )

    def __init__(self, *args: Any, revision: EntryRevision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        choices = item_choices(revision)
        fields["items"].choices = choices
        fields["holder_item"].choices = [("", _("请选择")), *choices]
        for name in ("holder_id_item", "valid_until_item"):
            fields[name].choices = [("", _("没有")), *choices]

    def terms(self) -> TemplateTerms:
        """The template as the service takes it."""
        return TemplateTerms(**self.given())


class _KeyForm(ActForm):
    """Base of forms that say which row: one field for each key item."""

    required_key = True

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in columns:
            self.fields[f"{KEY}{column.code}"] = forms.CharField(
                label=column.name,
                max_length=200,
                required=self.required_key,
                error_messages={"required": _("请填写%(name)s。") % {"name": column.name}},
            )

    def key(self) -> dict[str, str]:
        """The key as the service takes it: text by code."""
        return {name.removeprefix(KEY): text for name, text in self.cleaned_data.items() if name.startswith(KEY)}

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """A refusal of a key item is shown at its field."""
        named = {(f"{KEY}{name}" if f"{KEY}{name}" in self.fields else name): text for name, text in messages.items()}
        super().blame(named, otherwise)


CASE_NUMBER = _("事项编号")


class IssueForm(_KeyForm):
    """Which row becomes a document, and for what."""

    case_number = forms.CharField(
        label=CASE_NUMBER,
        max_length=120,
        required=False,
        help_text=_("为办理具体事项签发的，请填写；取用机关可以凭事项编号查找。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name.startswith(KEY)])


class RegisterForm(_KeyForm):
    """An agency's own PDF, and what it is."""

    required_key = False
    file = forms.FileField(
        label=_("PDF 文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("原文件的字节保持不变，其后附上数据和签名。设有密码的不能登记。"),
        error_messages={"required": _("请选择要登记的 PDF 文件。")},
    )
    holder = forms.CharField(
        label=_("持有人"),
        max_length=200,
        help_text=_("单位名称或者姓名，须与文件所载一致；取用机关凭此查找。"),
        error_messages={"required": _("请写明持有人。")},
    )
    holder_id = forms.CharField(
        label=_("持有人证件号码"), max_length=200, required=False, help_text=_("统一社会信用代码或者身份证号码。")
    )
    original_number = forms.CharField(label=_("文件所载的编号"), max_length=80, required=False)
    issued_on = forms.DateField(
        label=_("签发日期"), widget=DayInput, error_messages={"required": _("请填写文件所载的签发日期。")}
    )
    valid_until = forms.DateField(
        label=_("有效期至"), widget=DayInput, required=False, help_text=_("长期有效的请留空。")
    )
    case_number = forms.CharField(label=CASE_NUMBER, max_length=120, required=False)

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, columns=columns, **kwargs)
        for column in columns:
            self.fields[f"{KEY}{column.code}"].help_text = _(
                "文件对应目录中某一行的，请填写；授权限定了数据范围的机关，只能取用写明对应哪一行的文书。"
            )

    def facts(self) -> Facts:
        """What the file is, as the service takes it."""
        names = ("holder", "holder_id", "issued_on", "valid_until", "original_number")
        return Facts(**{name: self.cleaned_data[name] for name in names})


class FindForm(forms.Form):
    """Through which right documents are looked for, and by what."""

    through = forms.ChoiceField(label=_("凭哪一授权"), error_messages={"required": _("请选择授权或者获取登记。")})
    holder = forms.CharField(
        label=_("持有人"),
        max_length=200,
        required=False,
        help_text=_("姓名、单位名称，或者证件号码、统一社会信用代码，须完全一致。"),
    )
    number = forms.CharField(label=_("文书编号"), max_length=80, required=False)
    case_number = forms.CharField(label=CASE_NUMBER, max_length=120, required=False)

    def __init__(self, *args: Any, rights: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["through"].choices = rights


class TakeForm(ActForm):
    """Through which right, for which matter."""

    through = forms.ChoiceField(label=_("凭哪一授权"), error_messages={"required": _("请选择授权或者获取登记。")})
    case_number = forms.CharField(
        label=_("办理事项"),
        max_length=120,
        help_text=_("办件编号或者事项名称，写入取用记录和取用证明；请不要写个人信息。"),
        error_messages={"required": _("请填写办理的事项或者办件编号，写入取用记录。")},
    )
    purpose = forms.CharField(
        label=_("用途"), max_length=500, required=False, help_text=_("不填的，按授权或者获取登记的用途。")
    )

    def __init__(self, *args: Any, rights: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["through"].choices = rights

    def matter(self) -> Matter:
        """For what it is taken, as the service takes it."""
        return Matter(case_number=self.cleaned_data["case_number"], purpose=self.cleaned_data["purpose"])


class VerifyForm(forms.Form):
    """A code, a file, or both."""

    code = forms.CharField(
        label=_("核验码"),
        max_length=60,
        required=False,
        help_text=_("印在文书的二维码旁，20 位字母和数字，大小写和分隔符不限。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("文件"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("可以不传。上传后逐字节核对，只计算校验值，文件不保存。"),
    )

    def clean(self) -> dict[str, Any]:
        """One of both at least."""
        found = super().clean() or {}
        if not self.errors and not found.get("code") and not found.get("file"):
            self.add_error("code", _("请填写核验码，或者选择要核对的文件。"))
        return found
