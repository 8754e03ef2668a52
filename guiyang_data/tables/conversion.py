"""From the text of a cell to a typed value, cleaned by Arrow, converted by SQL: what a cell may look like.

Text: outer blanks (also U+3000 and the no-break space) go, a blank cell is null, ``-`` and ``NaN`` stay text.
Other types: full-width digits and signs become ASCII; NaN, null, none, ``-``, ``--``, ``—``, ``——``, ``/`` are null.
Numbers: thousands commas in their places. Dates: 2023-5-12, 2023/5/12, 2023.5.12, 2023年5月12日, 20230512, also with a
time of midnight. Times: a date, then H:M, H:M:S, H时M分S秒, or 14 digits; a day alone is its midnight; a zone, if
written, is brought to Shanghai's wall time (UTC+8). Logical: 是 否 真 假 true false t f yes no y n 1 0.
A spreadsheet's guard (``'`` before = + - @) is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from guiyang_data.tables.columns import DataType

ASCII_BLANKS = " \t\r\n\v\f"
BLANKS = ASCII_BLANKS + "\u3000\u00a0\u200b\ufeff"
FULL_WIDTH = "０１２３４５６７８９＋－．，／：　−"  # noqa: RUF001 - the forms that keyboards and copies leave behind
HALF_WIDTH = "0123456789+-.,/: -"
NULLS = ("", "nan", "null", "none", "-", "--", "—", "——", "–", "/")  # noqa: RUF001
TRUE = ("是", "真", "true", "t", "yes", "y", "1")
FALSE = ("否", "假", "false", "f", "no", "n", "0")

GUARDED = "=+-@＝＋－＠\t\r"  # noqa: RUF001
_GUARD = re.compile(rf"^'(?='*[{re.escape(GUARDED)}])")
_GUARD_RE2 = rf"^'('*[{re.escape(GUARDED)}])"
_TO_HALF_WIDTH = str.maketrans(FULL_WIDTH, HALF_WIDTH)
_FULL_WIDTH_RE2 = f"[{FULL_WIDTH}]"
_NULLS = pa.array(NULLS, pa.string())

PLAIN = r"[+-]?(\d+(\.\d+)?|\.\d+)"
SCIENTIFIC = PLAIN + r"([eE][+-]?\d{1,3})?"
THOUSANDS = r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"
WHOLE = r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.0+)?"
TOO_FINE = r"\.\d{2}\d*[1-9]"
EXACT = 2**53

_DAY = r"[1-9]\d{3}(-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年 ?\d{1,2}月 ?\d{1,2}日?)"
_MIDNIGHT = r"([ T]+0?0:00(:00(\.0+)?)?)?"
_CLOCK = r"([01]?\d|2[0-3])(:[0-5]?\d(:[0-5]?\d(\.\d{1,6})?)?|[时点]([0-5]?\d分?|[0-5]?\d分[0-5]?\d秒?)?)"
_ZONE = r"( ?(Z|[+-](0\d|1[0-4]):?[0-5]\d))?"
SHANGHAI_MINUTES = 480

PROBLEMS = {
    DataType.NUMBER: "不是数字，或者位数多到不能准确保存",
    DataType.MONEY: "不是金额（只写数字，不带单位，最多两位小数）",
    DataType.DATE: "不是日期，或者没有这一天",
    DataType.DATETIME: "不是日期时间，或者没有这个时间",
    DataType.BOOLEAN: "不是“是”或“否”",
    DataType.DOUBLE: "不是数字",
    DataType.INTEGER: "不是整数",
    DataType.FLOAT: "不是数字",
}


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def strip_guard(text: str) -> str:
    """Take off the mark that keeps a spreadsheet from running a cell as a formula."""
    return _GUARD.sub("", text)


def add_guard(text: str) -> str:
    """Put the mark before what a spreadsheet would run; for files that a person opens in one.

    A text that has the mark itself gets another, so that ``strip_guard`` gives every text back.
    """
    return "'" + text if text.lstrip("'").startswith(tuple(GUARDED)) else text


def guarded(expression: str) -> str:
    """``add_guard`` as SQL."""
    first = f"left(ltrim({expression}, ''''), 1)"
    risky = f"{first} <> '' AND contains({literal(GUARDED)}, {first})"
    return f"CASE WHEN {risky} THEN '''' || {expression} ELSE {expression} END"


def clean(cells: pa.StringArray, data_type: DataType) -> pa.StringArray:
    """Cells as they are judged, null where one holds nothing. Done outside SQL, which would do it once per use."""
    plain = pc.all(pc.string_is_ascii(cells)).as_py()
    text = pc.ascii_trim(cells, ASCII_BLANKS) if plain else pc.utf8_trim(cells, BLANKS)
    if pc.any(pc.starts_with(text, "'")).as_py():
        text = pc.replace_substring_regex(text, pattern=_GUARD_RE2, replacement=r"\1")
    if data_type.is_text:
        return _emptied(text, pc.equal(text, ""))
    if plain:
        return _emptied(text, pc.is_in(pc.ascii_lower(text), value_set=_NULLS))
    wide = pc.match_substring_regex(text, pattern=_FULL_WIDTH_RE2)
    if pc.any(wide).as_py():
        narrow = [cell.translate(_TO_HALF_WIDTH) for cell in text.filter(wide).to_pylist()]
        text = pc.replace_with_mask(text, pc.fill_null(wide, fill_value=False), pa.array(narrow, pa.string()))
    return _emptied(text, pc.is_in(pc.utf8_lower(text), value_set=_NULLS))


def _emptied(text: pa.StringArray, nothing: pa.BooleanArray) -> pa.StringArray:
    return pc.if_else(nothing, None, text) if pc.any(nothing).as_py() else text


def typed(text: str, data_type: DataType) -> str:
    """SQL: the value of a cleaned cell, null where it has none of this type."""
    if data_type.is_text:
        return text
    return f"({CONVERSIONS[data_type](text)})"


def _listed(values: Sequence[str]) -> str:
    return "(" + ", ".join(literal(value) for value in values) + ")"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _double(text: str) -> str:
    value = (
        f"CASE WHEN {_matches(text, SCIENTIFIC)} THEN try_cast({text} AS DOUBLE) "
        f"WHEN {_matches(text, THOUSANDS)} THEN try_cast(replace({text}, ',', '') AS DOUBLE) END"
    )
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _number(text: str) -> str:
    value = _double(text)
    return f"CASE WHEN abs({value}) <= {EXACT} THEN {value} END"


def _money(text: str) -> str:
    shape = f"({_matches(text, PLAIN)} OR {_matches(text, THOUSANDS)})"
    fine = f"regexp_matches({text}, {literal(TOO_FINE)})"
    return f"CASE WHEN {shape} AND NOT {fine} THEN try_cast(replace({text}, ',', '') AS DECIMAL(20, 2)) END"


def _integer(text: str) -> str:
    digits = f"split_part(replace({text}, ',', ''), '.', 1)"
    return f"CASE WHEN {_matches(text, WHOLE)} THEN try_cast({digits} AS BIGINT) END"


def _boolean(text: str) -> str:
    word = f"lower({text})"
    return f"CASE WHEN {word} IN {_listed(TRUE)} THEN true WHEN {word} IN {_listed(FALSE)} THEN false END"


def _iso_day(text: str) -> str:
    part = literal(r"^(\d{4})\D+(\d{1,2})\D+(\d{1,2})")
    return " || '-' || ".join(f"regexp_extract({text}, {part}, {group})" for group in (1, 2, 3))


def _packed_day(text: str) -> str:
    return f"left({text}, 4) || '-' || substr({text}, 5, 2) || '-' || substr({text}, 7, 2)"


def _packed_clock(text: str) -> str:
    return f"substr({text}, 9, 2) || ':' || substr({text}, 11, 2) || ':' || substr({text}, 13, 2)"


def _date(text: str) -> str:
    return (
        f"CASE WHEN {_matches(text, '[1-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}')} THEN try_cast({text} AS DATE) "
        f"WHEN {_matches(text, '[1-9][0-9]{7}')} THEN try_cast({_packed_day(text)} AS DATE) "
        f"WHEN {_matches(text, _DAY + _MIDNIGHT)} THEN try_cast({_iso_day(text)} AS DATE) END"
    )


def _datetime(text: str) -> str:
    packed = f"{_packed_day(text)} || ' ' || {_packed_clock(text)}"
    hands = literal(r"[日 T](\d{1,2}[:时点][^Z+ -]*)")
    clock = f"rtrim(regexp_replace(regexp_extract({text}, {hands}, 1), '[时点分秒]', ':', 'g'), ':')"
    clock = f"CASE WHEN contains({clock}, ':') THEN {clock} ELSE {clock} || ':00' END"
    plain = f"try_cast({_iso_day(text)} || ' ' || ({clock}) AS TIMESTAMP)"
    return (
        f"CASE WHEN {_matches(text, '[1-9][0-9]{7}([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]')} "
        f"THEN try_cast({packed} AS TIMESTAMP) "
        f"WHEN {_matches(text, f'{_DAY}[ T]*{_CLOCK}{_ZONE}')} THEN {plain} + {_to_shanghai(text)} "
        f"ELSE CAST(({_date(text)}) AS TIMESTAMP) END"
    )


def _to_shanghai(text: str) -> str:
    zone = f"regexp_extract({text}, {literal(r'[:0-9] ?(Z|[+-][0-9]{2}:?[0-9]{2})$')}, 1)"
    minutes = f"(CAST(substr({zone}, 2, 2) AS INTEGER) * 60 + CAST(right({zone}, 2) AS INTEGER))"
    return (
        f"to_minutes(CASE WHEN {zone} = '' THEN 0 WHEN {zone} = 'Z' THEN {SHANGHAI_MINUTES} "
        f"WHEN left({zone}, 1) = '-' THEN {SHANGHAI_MINUTES} + {minutes} ELSE {SHANGHAI_MINUTES} - {minutes} END)"
    )


CONVERSIONS = {
    DataType.NUMBER: _number,
    DataType.MONEY: _money,
    DataType.DATE: _date,
    DataType.DATETIME: _datetime,
    DataType.BOOLEAN: _boolean,
    DataType.DOUBLE: _double,
    DataType.INTEGER: _integer,
    DataType.FLOAT: _double,
}

GUESSED = (DataType.DATE, DataType.DATETIME, DataType.INTEGER, DataType.NUMBER, DataType.BOOLEAN)
CODE_DIGITS = 10
"""From this many digits on a whole number is taken for a code, and a code is text: it keeps its leading zeros."""


def guess_type(values: Sequence[str]) -> DataType:
    """The narrowest data type that every value has; 字符型 where there is none, or where values look like codes."""
    if any(re.fullmatch(rf"0\d+|\d{{{CODE_DIGITS},}}", value.strip()) for value in values):
        days = [value for value in values if value.strip()]
        if not all(re.fullmatch(r"\d{14}", value.strip()) for value in days):
            return DataType.TEXT
    cells = pa.array(list(values), pa.string())
    with duckdb.connect(":memory:") as connection:
        for data_type in GUESSED:
            connection.register("cells", pa.table({"t": clean(cells, data_type)}))
            query = f"SELECT count(t), count({typed('t', data_type)}) FROM cells"  # noqa: S608
            filled, fitting = connection.sql(query).fetchall()[0]
            if filled and filled == fitting:
                return data_type
    return DataType.TEXT
