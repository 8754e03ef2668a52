"""Columns of a table: the information items of a catalogue entry as the compiling guide names them.

Data types carry the guide's letters (政务信息资源目录编制指南（试行）, item 8). What each is kept as:

===== ======== ================= =========================================================================
letter label    kept as           why
===== ======== ================= =========================================================================
C      字符型   string            outer blanks are trimmed, inner ones stay
M      备注型   string            the same, long and over several lines
G      通用型   string            the reference to the object (a file name, an address), never the bytes
N      数值型   double            prints as it was typed; whole numbers beyond 2^53 are refused, not rounded
Y      货币型   decimal(20, 2)    money adds up exactly; more than two decimals are refused, not rounded
D      日期型   date32
T      日期时间型 timestamp[us]    wall time of Asia/Shanghai, no zone; a day alone is its midnight
L      逻辑型   bool
B      双精度型 double
I      整型     int64
F      浮点型   double            a float32 would print other digits than were typed
===== ======== ================= =========================================================================
"""

from __future__ import annotations

import enum
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from guiyang_data.tables.check_digits import CheckDigits
from guiyang_data.tables.patterns import check_pattern

ROW = "_row"
"""The hidden column that keeps the order of the file; unique within a version, never shown."""

CODE_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


class DataType(enum.StrEnum):
    """The guide's data types; the value is the guide's letter (备注型 is M)."""

    TEXT = "C"
    NUMBER = "N"
    MONEY = "Y"
    DATE = "D"
    DATETIME = "T"
    BOOLEAN = "L"
    MEMO = "M"
    GENERAL = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"

    @property
    def label(self) -> str:
        """The guide's Chinese name, such as 字符型."""
        return LABELS[self]

    @property
    def is_text(self) -> bool:
        return self in {DataType.TEXT, DataType.MEMO, DataType.GENERAL}

    @property
    def is_numeric(self) -> bool:
        return self in {DataType.NUMBER, DataType.MONEY, DataType.DOUBLE, DataType.INTEGER, DataType.FLOAT}

    @property
    def arrow(self) -> pa.DataType:
        return ARROW_TYPES.get(self, pa.string())

    @property
    def sql(self) -> str:
        """The DuckDB type that holds the same values as ``arrow``."""
        return SQL_TYPES.get(self, "VARCHAR")


LABELS = {
    DataType.TEXT: "字符型",
    DataType.NUMBER: "数值型",
    DataType.MONEY: "货币型",
    DataType.DATE: "日期型",
    DataType.DATETIME: "日期时间型",
    DataType.BOOLEAN: "逻辑型",
    DataType.MEMO: "备注型",
    DataType.GENERAL: "通用型",
    DataType.DOUBLE: "双精度型",
    DataType.INTEGER: "整型",
    DataType.FLOAT: "浮点型",
}

ARROW_TYPES = {
    DataType.NUMBER: pa.float64(),
    DataType.MONEY: pa.decimal128(20, 2),
    DataType.DATE: pa.date32(),
    DataType.DATETIME: pa.timestamp("us"),
    DataType.BOOLEAN: pa.bool_(),
    DataType.DOUBLE: pa.float64(),
    DataType.INTEGER: pa.int64(),
    DataType.FLOAT: pa.float64(),
}

SQL_TYPES = {
    DataType.NUMBER: "DOUBLE",
    DataType.MONEY: "DECIMAL(20, 2)",
    DataType.DATE: "DATE",
    DataType.DATETIME: "TIMESTAMP",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.DOUBLE: "DOUBLE",
    DataType.INTEGER: "BIGINT",
    DataType.FLOAT: "DOUBLE",
}

Bound = str | int | float | Decimal | date | None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Where every value of a column must be found: a column of one version of another table."""

    table: Path
    version: int
    code: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One information item and the rules its values keep.

    ``name``: the header the file carries. ``code``: the identifier in the table (ASCII).
    ``length``: most characters of a text, most digits of a number; other types ignore it.
    ``pattern``: RE2 expression a whole value matches. ``minimum``/``maximum``: inclusive, for numbers, money,
    dates and times (a date bound may be an ISO string). ``codes``: the values of a code list (keys, if a mapping).
    ``closed``: why a load may not bring it (its values are brought by others), empty where it may.
    ``is_key``: part of the key of a row; a key is required, and unique together with the other key columns.
    ``check_digits``: the kind of number a text must be. Empty cells pass every rule but that of being filled.
    Raises ValueError on a code, pattern or bound that cannot work.
    """

    name: str
    code: str
    data_type: DataType
    length: int | None = None
    required: bool = False
    is_key: bool = False
    unique: bool = False
    pattern: str | None = None
    minimum: Bound = None
    maximum: Bound = None
    codes: Iterable[str] | None = None
    check_digits: CheckDigits | None = None
    reference: Reference | None = None
    closed: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data_type", DataType(self.data_type))
        if not CODE_PATTERN.fullmatch(self.code):
            raise ValueError(f"信息项代码“{self.code}”只能用字母、数字和下划线，并以字母开头。")
        if self.pattern:
            try:
                check_pattern(self.pattern)
            except ValueError as error:
                raise ValueError(f"信息项“{self.name}”的格式规则不能使用：{error}。") from error
        if (self.minimum, self.maximum) != (None, None) and not self.has_range:
            raise ValueError(f"信息项“{self.name}”是{self.data_type.label}，不能限定取值范围。")
        if self.codes is not None:
            object.__setattr__(self, "codes", tuple(str(code) for code in self.codes))

    @property
    def has_range(self) -> bool:
        return self.data_type.is_numeric or self.data_type in {DataType.DATE, DataType.DATETIME}

    @property
    def must_be_filled(self) -> bool:
        return self.required or self.is_key

    @property
    def identifier(self) -> str:
        """The code quoted for SQL; safe because a code holds only letters, digits and underscores."""
        return f'"{self.code}"'


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The physical schema of a table of these columns: the hidden row number, then each column by its code."""
    return pa.schema([(ROW, pa.int64()), *((column.code, column.data_type.arrow) for column in columns)])


class Shaped(Protocol):
    """What has a place in a table: a column, or the information item that it comes from."""

    @property
    def code(self) -> str:
        """The identifier in the table."""

    @property
    def data_type(self) -> str:
        """The guide's letter."""


def layout_of(columns: Iterable[Shaped]) -> str:
    """A digest of what the table of rows looks like: codes and types, in whatever order."""
    shape = sorted((column.code, str(column.data_type)) for column in columns)
    return hashlib.sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()


def check_distinct(columns: Sequence[Column]) -> None:
    """Raise ValueError when two columns share a code (whatever its case) or a name."""
    for what in ("code", "name"):
        seen: set[Any] = set()
        for column in columns:
            key = header_key(getattr(column, what))
            if key in seen:
                raise ValueError(f"信息项“{column.name}”的{'代码' if what == 'code' else '名称'}重复。")
            seen.add(key)


def header_key(text: str) -> str:
    """A header as compared: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
