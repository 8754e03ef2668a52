"""From a citation as people write it (「第二十一条第一款」) to its place on the law map."""

from __future__ import annotations

import re

REGULATION_NAMES = ("贵阳市政府数据共享开放条例", "本条例", "条例")
LAW_MAP = "/law/"

_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ARTICLE = re.compile(r"第([零一二两三四五六七八九十百千]+|\d+)条")


def chinese_number(text: str) -> int:
    """The integer a Chinese or Arabic numeral below ten thousand stands for: 「二十一」 is 21.

    Raises ValueError for anything else.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        elif character in _DIGITS:
            digit = _DIGITS[character]
        else:
            raise ValueError(f"not a numeral: {text}")
    return total + digit


def short_citation(citation: str) -> str:
    """The citation without the regulation's own name; other instruments keep theirs."""
    for name in REGULATION_NAMES:
        for prefix in (f"《{name}》", name):
            if citation.startswith(prefix):
                return citation.removeprefix(prefix).strip()
    return citation.strip()


def law_map_address(citation: str) -> str:
    """Where the law map shows the cited article (``/law/#a21``); empty for another instrument or no article."""
    match = _ARTICLE.match(short_citation(citation))
    return f"{LAW_MAP}#a{chinese_number(match.group(1))}" if match else ""
