"""The words by which lists of service matters call what they state, and how their cells are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from catalog.services.import_files import RecordKind
from catalog.services.import_words import by_key, named_among
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MaterialForm, MatterKind

TARGETS: dict[str, str] = {
    "name": "事项名称",
    "code": "事项编码",
    "agency": "办理机关",
    "kind": "事项类型",
    "basis": "设定依据",
    "material": "材料名称",
    "material_form": "材料形式",
    "material_source": "出具机关",
    "material_document": "电子证照、文书",
    "material_required": "是否必要",
    "material_exception": "不适用电子文书的依据",
}
"""What a column can be taken as."""
INNER = frozenset(target for target in TARGETS if target.startswith("material"))
"""What is said of each material; all others are said once for a matter."""
SYNONYMS: Mapping[str, Sequence[str]] = {
    "name": ("事项名称", "服务事项名称", "政务服务事项", "政务服务事项名称", "主项名称", "事项", "matter", "name"),
    "code": ("事项编码", "事项代码", "实施编码", "基本编码", "业务办理项编码", "事项编号", "code"),
    "agency": ("办理机关", "实施主体", "实施机关", "办理部门", "责任部门", "部门名称", "实施部门", "agency"),
    "kind": ("事项类型", "事项类别", "权力类型", "权力类别", "kind"),
    "basis": ("设定依据", "法律依据", "实施依据", "依据", "basis"),
    "material": ("材料名称", "申请材料", "申请材料名称", "提交材料", "所需材料", "申报材料", "materials", "material"),
    "material_form": ("材料形式", "材料类型", "材料形态", "提交形式", "原件/复印件", "form"),
    "material_source": ("出具机关", "来源渠道", "材料来源", "出具单位", "材料出具机关", "source"),
    "material_document": (
        "电子证照、文书",
        "电子证照名称",
        "电子证照",
        "电子文书",
        "对应电子证照",
        "关联电子证照",
        "电子证照目录名称",
        "document",
    ),
    "material_required": ("是否必要", "必要性", "材料必要性", "是否必须", "是否必需", "required"),
    "material_exception": ("不适用电子文书的依据", "不适用电子文书", "例外依据", "例外情形依据", "exception"),
}
_KNOWN = by_key(SYNONYMS)


def matter_named(header: str) -> tuple[str, int] | None:
    """What a header names, and how usual the name is; None where it names nothing."""
    return named_among(header, _KNOWN)


MATTERS = RecordKind(called="政务服务事项", named=matter_named, basis=NO_REPEAT)

_KINDS = {str(label): value for value, label in MatterKind.choices} | {value: value for value in MatterKind.values}
_FORMS: tuple[tuple[str, str], ...] = (
    (r"原件.*复印件|复印件.*原件", MaterialForm.BOTH),
    (r"复印", MaterialForm.COPY),
    (r"电子|扫描|照片", MaterialForm.ELECTRONIC),
    (r"填写|自制|申请表|表格|承诺", MaterialForm.FILLED),
    (r"原件|正本|纸质", MaterialForm.ORIGINAL),
)
LONGEST_FORM = 60
_YES = frozenset({"是", "必要", "必须", "必需", "1", "y", "yes", "true", "有"})
_NO = frozenset({"否", "非必要", "不必要", "非必须", "非必需", "可选", "选交", "容缺", "0", "n", "no", "false", "无"})
_CITED = re.compile(r"《([^《》]{2,120})》\s*(第.{1,58})")


def as_kind(text: str) -> str | None:
    """The kind of matter that a cell means; None where it means none."""
    for label, value in _KINDS.items():
        if label in text:
            return value
    return None


def as_form(text: str) -> str | None:
    """The form of a material that a cell means; None where it means none. A long cell means none: it is prose."""
    if len(text) > LONGEST_FORM:
        return None
    labels = {str(label): value for value, label in MaterialForm.choices} | {one: one for one in MaterialForm.values}
    return labels.get(text) or next((form for words, form in _FORMS if re.search(words, text)), None)


def as_yes(text: str) -> bool | None:
    """Yes or no; None where a cell says neither."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


def as_document(text: str) -> str:
    """The electronic document that a cell names; empty where it only says whether there is one, or says nothing."""
    words = text.strip()
    return "" if as_yes(words) is not None or not any(sign.isalnum() for sign in words) else words


def as_exception(text: str) -> tuple[str, str] | None:
    """Law and article as they are cited: 《…法》第…条; None where a cell does not say so."""
    found = _CITED.fullmatch(text.strip().rstrip("。；;"))
    return (found[1].strip(), found[2].strip()) if found else None
