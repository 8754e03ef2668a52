"""Finding what is personal in a column, by its name and by what a sample of it holds: one rule for whoever asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guiyang_data.personal import BANK_CARD, RESIDENT_ID, is_bank_card, is_mobile, is_resident_id

DIRECT, QUASI, SENSITIVE = "direct", "quasi", "sensitive"
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
    ("居民身份证号", r"身份证|公民身份号码"),
    ("手机号码", r"手机|移动电话|(?:家庭|住宅|本人)电话"),
    ("电子邮箱", r"邮箱|电子邮件|e-?mail"),
    ("银行卡号", r"银行卡|银行[账帐][号户]"),
    ("车牌号", r"车牌|号牌"),
    ("证件号码", r"护照|证件号|证件编号|社保卡号|社会保障(?:卡)?号|军官证|通行证号|居住证号|病历号|病案号|住院号"),
    ("住址", r"住址|家庭地址|户籍地址|居住地址"),
    ("姓名", r"姓名|联系人|法定代表人|户主|监护人|经办人"),
)
"""The number before the name: 监护人身份证号 holds numbers."""
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
_SENSITIVE_NAMES: tuple[tuple[str, str], ...] = (
    ("医疗健康", r"病历|病案|病史|病情|诊断|疾病|患病|症状|用药|处方|手术|体检|血型|残疾"),
    ("生物识别", r"指纹|人脸|虹膜|声纹|基因"),
    ("宗教信仰", r"宗教信仰|信仰"),
    ("金融账户", r"存款|账户余额|(?:家庭|个人|月|年)收入$|工资|薪酬"),
    ("行踪轨迹", r"行踪|轨迹"),
    ("犯罪记录", r"犯罪|前科|吸毒|刑罚"),
)
"""Sensitive personal information (《个人信息保护法》第二十八条第一款): it names nobody, and harms whoever is known."""
_OF_NOBODY = re.compile(r"^是否|(?:数|数量|总额|均值|率|比例|占比|比重|人次|例次|机关|机构|部门|医院|科室)$")
"""What only looks like it: 残疾人数 is counted, 身份证签发机关 is an office."""


def detect(name: str, sample: Sequence[str | None]) -> Detected | None:
    """What the column ``name`` holds, judged by ``sample`` first and by its name else; None where nothing personal."""
    filled = [value.strip() for value in sample if value and value.strip()]
    for what, holds in _BY_CONTENT:
        if filled and sum(holds(value) for value in filled) >= SHARE * len(filled):
            return Detected(kind=DIRECT, what=what, by="内容")
    return _named(name, ((DIRECT, _DIRECT_NAMES), (QUASI, _QUASI_NAMES)))


def proposed_sensitivity(
    name: str, *, check_digits: str = "", is_logical: bool = False, sample: Sequence[str | None] = ()
) -> str:
    """How an information item is to be marked of which nobody said it: ``direct``, ``quasi``, ``sensitive``, or empty.

    ``check_digits``: the number that its values are checked as; ``is_logical``: they are yes or no alone.
    """
    if check_digits or is_logical:
        return DIRECT if check_digits in {RESIDENT_ID, BANK_CARD} else ""
    found = detect(name, sample) or _named(name, ((SENSITIVE, _SENSITIVE_NAMES),))
    return found.kind if found else ""


def _named(name: str, kinds: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Detected | None:
    if _OF_NOBODY.search(name):
        return None
    for kind, names in kinds:
        for what, pattern in names:
            if re.search(pattern, name, re.IGNORECASE):
                return Detected(kind=kind, what=what, by="名称")
    return None
