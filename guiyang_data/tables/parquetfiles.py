"""A Parquet file as rows of text, some thousands of rows in memory at a time; types stay what the checks know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.spreadsheets import UNPACKED_LIMIT, as_text

PARQUET = b"PAR1"
AT_ONCE = 10_000
MOST_CELLS = 400_000_000
"""Equal values take no room in the file, however many they are."""
UNREADABLE = "Parquet 文件打不开，可能已损坏、没有传完，或者加了密码。请重新导出后上传，"
HERE = ZoneInfo("Asia/Shanghai")


class ParquetReader:
    """Rows of a Parquet file. A row's line is its number among the rows."""

    encoding = ""

    def __init__(self, path: Path, *, size: int) -> None:
        with _readable():
            self._file = pq.ParquetFile(path)
        self._size, self._done = size, 0
        about = self._file.metadata
        groups = [about.row_group(index).total_byte_size for index in range(about.num_row_groups)]
        if about.num_rows * about.num_columns > MOST_CELLS or max(groups, default=0) > UNPACKED_LIMIT:
            self.close()
            raise LoadRefused("文件展开后过大。请分成几个文件，逐个上传，")
        self._refuse_nested()

    def _refuse_nested(self) -> None:
        wrong = [field.name for field in self._file.schema_arrow if not _is_flat(field.type)]
        if wrong:
            self.close()
            raise LoadRefused(
                f"这些列的值是列表、结构或者二进制，不能作为信息项：{'、'.join(wrong[:10])}。请改成文字或者数字后重新上传，"
            )

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        yield 0, list(self._file.schema_arrow.names)
        line = 0
        with _readable():
            for batch in self._file.iter_batches(batch_size=AT_ONCE):
                for row in zip(*map(_texts, batch.columns), strict=True):
                    line += 1
                    yield line, list(row)
                self._done = line

    def done_bytes(self) -> int:
        return self._size * self._done // max(self._file.metadata.num_rows, 1)

    def close(self) -> None:
        self._file.close()


@contextmanager
def _readable() -> Iterator[None]:
    """What is broken in the file says so; its words are the library's and stay in the log."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise LoadRefused(UNREADABLE) from error


def _is_flat(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    binary = pa.types.is_binary(inner) or pa.types.is_large_binary(inner) or pa.types.is_fixed_size_binary(inner)
    return not (pa.types.is_nested(inner) or binary)


def _texts(values: pa.Array) -> list[str]:
    kind = values.type
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        # as many digits as it has, not as many as the wider type shows
        return [_float(text) for text in pc.cast(values, pa.string()).to_pylist()]
    if pa.types.is_timestamp(kind):
        values = pc.cast(values, pa.timestamp("us", tz=kind.tz), safe=False)
    return [_text(value) for value in values.to_pylist()]


def _float(text: str | None) -> str:
    return "" if text is None else text.removesuffix(".0")


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return as_text(value.astimezone(HERE).replace(tzinfo=None))
    return as_text(value)
