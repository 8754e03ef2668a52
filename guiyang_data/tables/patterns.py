"""Patterns that an entry sets for its values: RE2 expressions, which take time in proportion to the text and no more.

Both Arrow and DuckDB hold values against them. What RE2 does not have (looking ahead or back, references to a group) is
refused, and so are more than a thousand repetitions, nested ones multiplied: ``(a{100}){100}``.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

LONGEST_PATTERN = 300
_WHY = (
    ("perl operator", "用了不支持的写法。不能向前、向后查看，不能引用前面的分组"),
    ("missing ]", "方括号没有成对"),
    ("missing )", "圆括号没有成对"),
    ("unexpected )", "圆括号没有成对"),
    ("no argument for repetition", "重复次数的前面没有内容"),
    ("bad repetition operator", "重复次数写了两次"),
    ("repetition size", "重复次数太大，连同嵌套最多 1000 次"),
    ("escape", "反斜杠后面的字符不能这样用"),
    ("character class range", "方括号里的起止写反了"),
    ("too large", "展开以后太大"),
)


def check_pattern(pattern: str) -> None:
    """Raise ValueError, saying in Chinese what is wrong, where a pattern cannot be used."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"超过 {LONGEST_PATTERN} 个字符")
    try:
        pc.match_substring_regex(pa.array([""]), pattern=pattern)
    except pa.ArrowInvalid as error:
        raise ValueError(next((words for sign, words in _WHY if sign in str(error)), "不是正则表达式")) from error
