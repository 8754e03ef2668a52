"""Finding direct identifiers and quasi-identifiers, by a column's name and by what a sample of it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guiyang_data.personal import is_bank_card, is_mobile, is_resident_id

DIRECT, QUASI = "direct", "quasi"
SHARE = 0.5
"""From which share of the filled cells of a sample a column counts as holding an identifier."""


@dataclass(frozen=True, kw_only=True)
class Detected:
    """What a column was found to hold: ``kind`` (direct or quasi), what it is, and how it was found."""

    kind: str
    what: str
    by: str


def _is_mail(text: str) -> bool:
    return re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text) is not None


def _is_plate(text: str) -> bool:
    return re.fullmatch(r"[一-龥][A-Z][A-Z0-9]{5,6}", text) is not None


_BY_CONTENT: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("居民身份证号", is_resident_id),
    ("手机号码", is_mobile),
    ("电子邮箱", _is_mail),
    ("银行卡号", is_bank_card),
    ("车牌号", _is_plate),
)

_DIRECT_NAMES: tuple[tuple[str, str], ...] = (
    ("姓名", r"姓名|联系人|法定代表人|户主|监护人|经办人"),
    ("居民身份证号", r"身份证|公民身份号码"),
    ("手机号码", r"手机|移动电话"),
    ("电子邮箱", r"邮箱|电子邮件|e-?mail"),
    ("银行卡号", r"银行卡|银行账号|银行帐号"),
    ("车牌号", r"车牌|号牌"),
    ("证件号码", r"护照|证件号|社保卡号|军官证"),
    ("住址", r"家庭住址|户籍地址|居住地址|详细住址"),
)
_QUASI_NAMES: tuple[tuple[str, str], ...] = (
    ("性别", r"^性别"),
    ("出生日期", r"出生|生日"),
    ("年龄", r"^年龄"),
    ("民族", r"^民族"),
    ("职业", r"职业|工作单位"),
    ("婚姻状况", r"婚姻状况"),
    ("学历", r"学历|文化程度"),
    ("邮政编码", r"邮编|邮政编码"),
)


def detect(name: str, sample: Sequence[str | None]) -> Detected | None:
    """What the column ``name`` holds, judged by ``sample`` first and by its name else; None where nothing personal."""
    filled = [value.strip() for value in sample if value and value.strip()]
    for what, holds in _BY_CONTENT:
        if filled and sum(holds(value) for value in filled) >= SHARE * len(filled):
            return Detected(kind=DIRECT, what=what, by="内容")
    for kind, names in ((DIRECT, _DIRECT_NAMES), (QUASI, _QUASI_NAMES)):
        for what, pattern in names:
            if re.search(pattern, name, re.IGNORECASE):
                return Detected(kind=kind, what=what, by="名称")
    return None
