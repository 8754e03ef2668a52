"""Values of other portals' catalogues as values of the guide: spellings of a cycle, dates, kinds of opening."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from catalog.models import Field, SharingType, UpdateCycle
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.refusals import BadFilter
from guiyang_data.tables.selecting import coerce

DAY = Column(name="日期", code="day", data_type=DataType.DATE)
_QUOTES = "‘’“”'\"「」『』 \u3000"  # noqa: RUF001 - the marks that files really carry
_CYCLE_NOISE = re.compile(r"^(?:按|每)+|(?:更新|一次|进行|发布)+$")

CYCLES: dict[str, UpdateCycle] = {
    **dict.fromkeys(("实时", "即时", "动态", "随时"), UpdateCycle.REAL_TIME),
    **dict.fromkeys(("日", "天", "工作日"), UpdateCycle.DAILY),
    **dict.fromkeys(("周", "星期", "週"), UpdateCycle.WEEKLY),
    **dict.fromkeys(("月", "月度"), UpdateCycle.MONTHLY),
    **dict.fromkeys(("季", "季度"), UpdateCycle.QUARTERLY),
    **dict.fromkeys(("半年", "半年度"), UpdateCycle.HALF_YEARLY),
    **dict.fromkeys(("年", "年度"), UpdateCycle.YEARLY),
    **dict.fromkeys(
        ("不定期", "其他", "其它", "一次性", "静态", "不更新", "需", "两年", "二年", "三年", "五年", "十年"),
        UpdateCycle.IRREGULAR,
    ),
}

OPENING: dict[str, bool] = {
    **dict.fromkeys(("无条件开放", "有条件开放", "依申请开放", "完全开放", "开放", "是", "1", "普遍开放"), True),
    **dict.fromkeys(("不予开放", "不开放", "暂不开放", "否", "0", "禁止开放"), False),
}
SHARING: dict[str, SharingType] = {
    **dict.fromkeys(("无条件共享", "无条件", "普遍共享", "1"), SharingType.UNCONDITIONAL),
    **dict.fromkeys(("有条件共享", "有条件", "受限共享", "2"), SharingType.CONDITIONAL),
    **dict.fromkeys(("不予共享", "不共享", "非共享", "3"), SharingType.WITHHELD),
}
DATA_TYPES: dict[str, str] = {
    **dict.fromkeys(("字符", "字符串", "文本", "varchar", "char", "nvarchar", "varchar2", "string", "text", "c"), "C"),
    **dict.fromkeys(("数值", "数字", "number", "decimal", "numeric", "n"), "N"),
    **dict.fromkeys(("货币", "金额", "money", "y"), "Y"),
    **dict.fromkeys(("日期", "date", "d"), "D"),
    **dict.fromkeys(("日期时间", "时间", "时间戳", "datetime", "timestamp", "t"), "T"),
    **dict.fromkeys(("逻辑", "布尔", "bool", "boolean", "bit", "l"), "L"),
    **dict.fromkeys(("备注", "长文本", "clob", "longtext", "m"), "M"),
    **dict.fromkeys(("通用", "二进制", "blob", "binary", "g"), "G"),
    **dict.fromkeys(("双精度", "double", "b"), "B"),
    **dict.fromkeys(("整", "整数", "int", "integer", "bigint", "smallint", "tinyint", "i"), "I"),
    **dict.fromkeys(("浮点", "浮点数", "float", "real", "f"), "F"),
}
FIELDS: dict[str, Field] = {str(field.label): field for field in Field}
NOTHING = ("", "空", "暂无", "无", "none", "null", "-", "--", "其他")

FIELD_WORDS: tuple[tuple[str, Field], ...] = (
    ("安全生产", Field.SAFETY),
    ("社会保障", Field.SOCIAL_SECURITY),
    ("市场监", Field.COMPANIES),
    ("企业登记", Field.COMPANIES),
    ("信用", Field.CREDIT),
    ("交通", Field.TRANSPORT),
    ("医疗", Field.MEDICAL),
    ("医药", Field.MEDICAL),
    ("卫生", Field.HEALTH),
    ("健康", Field.HEALTH),
    ("就业", Field.EMPLOYMENT),
    ("劳动", Field.EMPLOYMENT),
    ("社保", Field.SOCIAL_SECURITY),
    ("地理", Field.GEOGRAPHY),
    ("测绘", Field.GEOGRAPHY),
    ("教育", Field.EDUCATION),
    ("文化", Field.CULTURE),
    ("旅游", Field.CULTURE),
    ("体育", Field.CULTURE),
    ("科技", Field.SCIENCE),
    ("资源", Field.RESOURCES),
    ("能源", Field.RESOURCES),
    ("农业", Field.AGRICULTURE),
    ("农村", Field.AGRICULTURE),
    ("环境", Field.ENVIRONMENT),
    ("生态", Field.ENVIRONMENT),
    ("安监", Field.SAFETY),
    ("应急", Field.SAFETY),
    ("金融", Field.FINANCE),
    ("财税", Field.FINANCE),
    ("财政", Field.FINANCE),
    ("质量", Field.QUALITY),
    ("统计", Field.STATISTICS),
    ("气象", Field.WEATHER),
)


def plain(text: str) -> str:
    """A value as compared: one width, no quotes, no blanks, lower case."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in folded if sign not in _QUOTES and not sign.isspace()).casefold()


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    return plain(text) in NOTHING


def as_cycle(text: str) -> UpdateCycle | None:
    """The update cycle a portal wrote in its own way (年, 每年, 按年更新); None where it is none."""
    core = plain(text)
    if core in CYCLES:
        return CYCLES[core]
    core = _CYCLE_NOISE.sub("", core)
    core = re.sub(r"^(?:1|一)(?:个|次/)?(?=.)", "", core) if core != "一次性" else core
    return CYCLES.get(core) or (UpdateCycle.IRREGULAR if re.fullmatch(r"[2-9]\d*(?:个)?[年月日周天]", core) else None)


def as_opening(text: str) -> bool | None:
    """Whether a portal opens the entry; None where the words are unknown."""
    core = plain(text)
    if core in OPENING:
        return OPENING[core]
    return True if ("公开" in core or "可下载" in core) and "不" not in core else None


def as_sharing_type(text: str) -> SharingType | None:
    """The sharing type; None where the words are unknown."""
    return SHARING.get(plain(text))


def as_data_type(text: str) -> str | None:
    """The guide's letter of a data type (字符串型C, varchar(20), 整型); None where the words are unknown."""
    core = re.sub(r"\(.*", "", plain(text))
    core = re.sub(r"型?[a-z]$|型$", "", core) if len(core) > 1 and not core.isascii() else core
    return DATA_TYPES.get(core)


def as_field(text: str) -> Field | None:
    """The first field of 第二十条 that the words of another portal name; None where they name none."""
    named = FIELDS.get(plain(text))
    if named is not None:
        return named
    places = [(text.find(word), index, field) for index, (word, field) in enumerate(FIELD_WORDS) if word in text]
    return min(places)[2] if places else None


def as_day(text: str) -> dt.date | None:
    """A day in one of the spellings of files (2023-5-12, 2023/05/12, 2023年5月12日), a time after it left out."""
    try:
        day = coerce(DAY, re.split(r"[ T]", text.strip(), maxsplit=1)[0])
    except BadFilter:
        return None
    return day if isinstance(day, dt.date) else None


def as_formats(text: str) -> str:
    """Formats as one short text: ``['xls', 'csv']`` is 「XLS、CSV」."""
    names = re.findall(r"[0-9A-Za-z\u4e00-\u9fff]+", text)
    kept = dict.fromkeys(name.upper() for name in names if name.lower() not in {"file", "link"})
    return "、".join(kept)[:60]
