"""Rows of a list of service matters: what each states of a matter and its materials, with what is wrong in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.services.import_entries import SHOWN, Grouping, Problem
from catalog.services.import_files import SourceRow, SourceTable
from guiyang_data.accounts.models import Agency
from guiyang_data.texts import one_line
from sharing.services.materials.import_words import INNER, as_document, as_exception, as_form, as_kind, as_yes
from sharing.services.materials.matters import MOST_MATERIALS

LONGEST = {"name": 200, "code": 60, "basis": 1000, "material": 200, "material_source": 120, "material_document": 120}
Cells = Mapping[str, str]


@dataclass
class MatterRow:
    """A matter as a file states it. ``materials``: None where it says nothing of them. ``key``: recognises it."""

    line: int
    said: dict[str, str] = dataclasses.field(default_factory=dict)
    materials: list[dict[str, Any]] | None = None
    problems: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def name(self) -> str:
        """What the matter is called; empty where the row does not say."""
        return self.said.get("name", "")

    @property
    def key(self) -> str:
        """What it is recognised by in the file: its code, else its name."""
        return self.said.get("code") or self.name

    @property
    def is_refused(self) -> bool:
        """Whether something stands against importing it."""
        return any(problem.fatal for problem in self.problems)

    def blame(self, line: int, column: str, value: str, message: str, *, fatal: bool = False) -> None:
        """Tell what is wrong in a cell."""
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "……"
        self.problems.append(Problem(line=line, column=column, value=shown, message=message, fatal=fatal))


class MatterReader:
    """Reads rows under a mapping (column -> target). ``may_except``: whether exceptions may be stated by the file."""

    def __init__(self, mapping: Mapping[str, str], *, agency: Agency, may_except: bool) -> None:
        self._columns = {target: column for column, target in mapping.items() if target}
        self._agency = agency
        self._may_except = may_except
        self._seen: dict[str, int] = {}

    def rows(self, table: SourceTable) -> Iterator[MatterRow]:
        """Every matter of the table, in its order."""
        for group in Grouping(self._columns, part="material", inner=INNER).groups(table.rows):
            yield self.read(group)

    def read(self, group: Sequence[SourceRow]) -> MatterRow:
        """The rows of one matter. Calls follow the order of the file: a repeated key refuses the later."""
        row = MatterRow(line=group[0].line)
        self._matter(row, group[0])
        if "material" in self._columns:
            row.materials = []
            for source in group:
                self._material(row, source)
            if len(row.materials) > MOST_MATERIALS:
                row.blame(row.line, self._columns["material"], "", f"超过 {MOST_MATERIALS} 份材料", fatal=True)
        first = self._seen.setdefault(row.key, row.line) if row.key else row.line
        if first != row.line:
            column = self._columns.get("code" if row.said.get("code") else "name", "")
            row.blame(row.line, column, row.key, f"与第 {first} 行是同一事项", fatal=True)
        return row

    def _text(self, source: SourceRow, target: str) -> str:
        return one_line(source.cells.get(self._columns.get(target, ""), ""))

    def _matter(self, row: MatterRow, source: SourceRow) -> None:
        agency = self._text(source, "agency")
        if agency and agency not in {self._agency.name, self._agency.short_name, self._agency.code}:
            message = f"不是「{self._agency.name}」的事项，应当由办理机关导入"
            row.blame(source.line, self._columns["agency"], agency, message, fatal=True)
        for target in ("name", "code", "basis"):
            text = self._text(source, target)
            if len(text) > LONGEST[target]:
                row.blame(source.line, self._columns[target], text, f"超过 {LONGEST[target]} 个字", fatal=True)
            elif text:
                row.said[target] = text
        if not row.name:
            row.blame(source.line, self._columns.get("name", ""), "", "没有事项名称", fatal=True)
        kind = self._text(source, "kind")
        if kind:
            found = as_kind(kind)
            row.said |= {"kind": found} if found else {}
            if found is None:
                row.blame(source.line, self._columns["kind"], kind, "不认识的事项类型，按其他行政权力")

    def _material(self, row: MatterRow, source: SourceRow) -> None:
        label = self._text(source, "material")
        if not label or row.materials is None:
            return
        column = self._columns["material"]
        if len(label) > LONGEST["material"]:
            row.blame(source.line, column, label, f"超过 {LONGEST['material']} 个字", fatal=True)
            return
        if any(one["label"] == label for one in row.materials):
            row.blame(source.line, column, label, "同一事项里重名的材料，只导入一次")
            return
        said: dict[str, Any] = {"label": label}
        self._form(row, source, said)
        self._required(row, source, said)
        for target in ("material_source", "material_document"):
            text = self._text(source, target)
            text = as_document(text) if target == "material_document" else text
            if text:
                said[target.removeprefix("material_")] = text[: LONGEST[target]]
        self._exception(row, source, said)
        row.materials.append(said)

    def _form(self, row: MatterRow, source: SourceRow, said: dict[str, Any]) -> None:
        text = self._text(source, "material_form")
        found = as_form(text) if text else None
        if found:
            said["form"] = str(found)
        elif text:
            row.blame(source.line, self._columns["material_form"], text, "不认识的材料形式，按原件")

    def _required(self, row: MatterRow, source: SourceRow, said: dict[str, Any]) -> None:
        text = self._text(source, "material_required")
        found = as_yes(text) if text else None
        if found is not None:
            said["required"] = found
        elif text:
            row.blame(source.line, self._columns["material_required"], text, "应为是或者否，按必要")

    def _exception(self, row: MatterRow, source: SourceRow, said: dict[str, Any]) -> None:
        text = self._text(source, "material_exception")
        if not text:
            return
        column, found = self._columns["material_exception"], as_exception(text)
        if found is None:
            message = "应写成「《法律、法规名称》第几条」，这一处没有导入"
            row.blame(source.line, column, text, message)
        elif not self._may_except:
            row.blame(source.line, column, text, "不适用电子文书须由本机关审批人登记，这一处没有导入")
        else:
            said["exception"] = found
