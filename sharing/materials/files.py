"""Lists of matters as files: what is exported can be imported again, and the blank form to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Prefetch, QuerySet

from catalog import sheets
from guiyang_data.tables.conversion import add_guard
from guiyang_data.tables.streaming_sheets import stream_workbook
from sharing.materials.workflow import LISTED
from sharing.models import MaterialForm, MatterKind, MatterMaterial, ServiceMatter

CHUNK = 500
BOM = "\ufeff".encode()
YES, NO = "是", "否"
SHEET = "事项材料"
MATTER_COLUMNS = ("事项编码", "事项名称", "办理机关", "事项类型", "设定依据")
MATERIAL_COLUMNS = ("材料名称", "材料形式", "出具机关", "电子证照、文书", "是否必要", "不适用电子文书的依据")
COLUMNS = (*MATTER_COLUMNS, *MATERIAL_COLUMNS)
WIDTHS: Mapping[str, int] = {"事项编码": 24, "事项名称": 36, "办理机关": 26, "设定依据": 40, "材料名称": 32}
HINTS: Mapping[str, tuple[str, str]] = {
    "事项编码": ("选填", "再次导入时据此认出同一事项。没有编码的按事项名称。"),
    "事项名称": ("必填", "一个事项有几份材料就写几行，第二行起事项的各列可以不填。"),
    "办理机关": ("选填", "填写的，应当是本机关的全称、简称或者统一社会信用代码。"),
    "事项类型": ("选填", "从列表选择。不填的为其他行政权力。"),
    "设定依据": ("选填", "法律、法规、规章的名称和条款。"),
    "材料名称": ("选填", "一行一份。再次导入时，清单里没有的材料视为不再要求提交。"),
    "材料形式": ("选填", "从列表选择。不填的为原件。"),
    "出具机关": ("选填", "由哪个机关出具；申请人自己准备的写申请人。"),
    "电子证照、文书": ("选填", "已经有电子证照、文书的，写名称。平台据此查找本平台签发的同类文书。"),
    "是否必要": ("选填", "是或者否。不填的为必要。"),
    "不适用电子文书的依据": ("选填", "写成「《法律、法规名称》第几条」。须由本机关审批人导入。"),
}
LISTS: Mapping[str, Sequence[str]] = {
    "事项类型": [str(label) for label in MatterKind.labels],
    "材料形式": [str(label) for label in MaterialForm.labels],
    "是否必要": [YES, NO],
}


@dataclass(frozen=True, kw_only=True)
class Record:
    """A matter with the materials of its list."""

    matter: ServiceMatter
    materials: Sequence[MatterMaterial]

    def matter_cells(self) -> list[str]:
        """What is said of the matter, in the order of its columns."""
        matter = self.matter
        return [matter.code, matter.name, matter.agency.name, matter.get_kind_display(), matter.basis]

    @staticmethod
    def material_cells(material: MatterMaterial) -> list[str]:
        """What is said of a material, in the order of its columns."""
        required, form = YES if material.required else NO, material.get_form_display()
        return [material.label, form, material.source, material.document, required, material.exception]

    def rows(self) -> Iterator[list[str]]:
        """One row a material, the matter's own cells in each."""
        own = self.matter_cells()
        for material in self.materials:
            yield [*own, *self.material_cells(material)]
        if not self.materials:
            yield [*own, *[""] * len(MATERIAL_COLUMNS)]

    def as_json(self) -> dict[str, Any]:
        """The same as an object."""
        shown = [dict(zip(MATERIAL_COLUMNS, self.material_cells(one), strict=True)) for one in self.materials]
        return {**dict(zip(MATTER_COLUMNS, self.matter_cells(), strict=True)), "申请材料": shown}


def _records(matters: QuerySet[ServiceMatter]) -> Iterator[Record]:
    listed = MatterMaterial.objects.filter(status__in=sorted(LISTED)).order_by("position", "pk")
    found = matters.select_related("agency").prefetch_related(Prefetch("materials", queryset=listed))
    for matter in found.order_by("agency__code", "code", "name", "pk").iterator(chunk_size=CHUNK):
        yield Record(matter=matter, materials=list(matter.materials.all()))


def _rows(matters: QuerySet[ServiceMatter]) -> Iterator[list[str]]:
    for found in _records(matters):
        yield from found.rows()


def as_csv(matters: QuerySet[ServiceMatter]) -> Iterator[bytes]:
    """For a spreadsheet: texts that it would run as a formula are guarded, and import takes the guard off."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    yield BOM
    for number, row in enumerate(_rows(matters), start=1):
        writer.writerow([add_guard(cell) for cell in row])
        if number % CHUNK == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(matters: QuerySet[ServiceMatter]) -> Iterator[bytes]:
    """The same as a workbook."""
    book = sheets.workbook_of(COLUMNS, None, title=SHEET, widths=WIDTHS)
    return stream_workbook(book, _rows(matters))


def as_json(matters: QuerySet[ServiceMatter]) -> Iterator[bytes]:
    """One object a matter, its materials in it."""
    start = b"["
    for found in _records(matters):
        yield start + orjson.dumps(found.as_json())
        start = b",\n"
    yield b"[]" if start == b"[" else b"]"


EXPORTS = {"xlsx": as_xlsx, "csv": as_csv, "json": as_json}
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def blank_csv() -> bytes:
    """The header alone."""
    text = io.StringIO()
    csv.writer(text).writerow(COLUMNS)
    return text.getvalue().encode("utf-8-sig")


def blank_xlsx() -> bytes:
    """The header with lists to choose from, and a sheet that says what each column means."""
    book = sheets.workbook_of(COLUMNS, LISTS, title=SHEET, widths=WIDTHS)
    sheets.explain(book, ((label, *HINTS[label]) for label in COLUMNS))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BLANKS = {"xlsx": blank_xlsx, "csv": blank_csv}
