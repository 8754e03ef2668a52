"""What the counter fills in to verify one subject or a list, and what the provider sets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import EntryRevision
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.forms import ActForm
from guiyang_data.tables.columns import Column, header_key
from sharing.forms.parts import item_choices
from sharing.forms.verification import add_verification, permitted
from sharing.verifying.asking import LONGEST_VALUE
from sharing.verifying.permission import Permission
from sharing.verifying.results import Question

KEY, CLAIM = "key_", "claim_"
LARGEST_LIST = 200_000
"""Bytes: a hundred lines need a tenth of it."""


class VerifyForm(forms.Form):
    """Base: which items are to be told, and for what."""

    items = forms.MultipleChoiceField(label=_("需要答复的信息项"), widget=forms.CheckboxSelectMultiple, required=False)
    case_number = forms.CharField(label=_("办件编号"), max_length=120, required=False)
    purpose = forms.CharField(
        label=_("本次核验的用途"),
        max_length=500,
        required=False,
        help_text=_("写入读取记录，提供机关可以查看；不填写的，按授权或者登记的用途记录。"),
    )

    def __init__(self, *args: Any, permission: Permission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permission = permission
        told = self.fields["items"]
        told.choices = [(column.code, column.name) for column in permission.answered]  # type: ignore[attr-defined]
        told.initial = [column.code for column in permission.answered]
        if not permission.answered:
            del self.fields["items"]

    def questions(self) -> list[Question]:
        """Whom it is about, and what is claimed."""
        raise NotImplementedError

    def told(self) -> list[str]:
        """Codes of the items to be told."""
        return list(self.cleaned_data.get("items", []))


class OneForm(VerifyForm):
    """One subject: its keys, and what is claimed of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in self.permission.keys:
            message = _("请填写%(name)s。") % {"name": column.name}
            self.fields[KEY + column.code] = _value(column, required=True, error_messages={"required": message})
        keys = {column.code for column in self.permission.keys}
        for column in self.permission.compared:
            if column.code not in keys:
                self.fields[CLAIM + column.code] = _value(column, required=False)
        hints = [name for name in self.fields if name.startswith(CLAIM)]
        if hints:
            self.fields[hints[0]].help_text = _("填写对方所说的内容，只答复是否相符；不核对的留空。")
        self.order_fields([name for name in self.fields if name.startswith((KEY, CLAIM))])

    def questions(self) -> list[Question]:
        """The one subject."""
        data = self.cleaned_data
        return [Question(keys=_starting(KEY, data), claims=_starting(CLAIM, data))]


def _value(column: Column, **arguments: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=column.name, max_length=LONGEST_VALUE, widget=widget, **arguments)


def _starting(prefix: str, data: Mapping[str, Any]) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix) and value}


class ListForm(VerifyForm):
    """Several subjects, pasted or as a file, one on a line."""

    list_text = forms.CharField(
        label=_("名单"),
        max_length=LARGEST_LIST,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
    )
    list_file = forms.FileField(
        label=_("或者上传名单文件"), required=False, help_text=_("CSV 或者文本文件，格式同上。")
    )
    field_order = ["list_text", "list_file", "items", "case_number", "purpose"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = "、".join(column.name for column in self.columns)
        self.fields["list_text"].help_text = _(
            "每行一个，各栏以逗号或者制表符分开，可以从表格中复制。各栏依次为：%(names)s；第一行写明栏目名称的，按名称识别。"
            "后面不核对的可以不写。每次最多 %(most)s 个。"
        ) % {"names": names, "most": self.permission.most_subjects}

    @property
    def columns(self) -> list[Column]:
        """The columns of a list: the keys, then what can be compared."""
        return list(dict.fromkeys([*self.permission.keys, *self.permission.compared]))

    def clean(self) -> dict[str, Any]:
        """The lines, from the file where there is one."""
        data = super().clean() or {}
        text = _text_of(data["list_file"]) if data.get("list_file") else data.get("list_text", "")
        if text is None:
            self.add_error("list_file", _("文件太大，或者不是文本文件。请另存为 CSV 后重试。"))
            return data
        try:
            self._questions = listed(text, self.columns, {column.code for column in self.permission.keys})
        except RuleBroken as refused:
            self.add_error("list_file" if data.get("list_file") else "list_text", refused.message)
        return data

    def questions(self) -> list[Question]:
        """Whoever is on the list."""
        return self._questions


def _text_of(uploaded: Any) -> str | None:
    if uploaded.size > LARGEST_LIST:
        return None
    raw = uploaded.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return str(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None


def listed(text: str, columns: Sequence[Column], keys: set[str]) -> list[Question]:
    """A pasted list or a file as questions. Raises RuleBroken where there is no line, or one has too many columns."""
    plain = text.replace("，", ",")
    separator = "\t" if "\t" in plain else ","
    # whichever line ends the file has
    cells = csv.reader(io.StringIO(plain, newline=None), delimiter=separator)
    lines = [line for line in cells if any(cell.strip() for cell in line)]
    if not lines:
        raise RuleBroken(str(_("名单中没有核验对象。请每行填写一个。")))
    order = _header(lines[0], columns)
    if order:
        lines = lines[1:]
    if not lines:
        raise RuleBroken(str(_("名单只有栏目名称，没有核验对象。请从第二行起每行填写一个。")))
    codes = order or [column.code for column in columns]
    return [_question(number, line, codes, keys) for number, line in enumerate(lines, start=1)]


def _header(cells: Iterable[str], columns: Sequence[Column]) -> list[str]:
    known = {header_key(name): column.code for column in columns for name in (column.name, column.code)}
    found = [known.get(header_key(cell), "") for cell in cells]
    return found if found and all(found) else []


def _question(number: int, line: Sequence[str], codes: Sequence[str], keys: set[str]) -> Question:
    if len(line) > len(codes):
        raise RuleBroken(_("名单第 %(number)s 行的栏数太多。请对照提示检查。") % {"number": number})
    values = {code: cell.strip() for code, cell in zip(codes, line, strict=False) if cell.strip()}
    return Question(
        keys={code: value for code, value in values.items() if code in keys},
        claims={code: value for code, value in values.items() if code not in keys},
    )


class PermitForm(ActForm):
    """What the provider lets the holder of a grant verify."""

    def __init__(self, *args: Any, revision: EntryRevision | None, granted: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(revision)
        answered = [(code, name) for code, name in choices if code in granted]
        add_verification(self, choices, within={"answered_items": answered}, granted=True)

    def given(self) -> dict[str, Any]:
        """The terms as the service takes them."""
        return {"terms": permitted(self.cleaned_data)}
