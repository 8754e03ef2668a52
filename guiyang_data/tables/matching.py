"""Find the cell of each column by the header of a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from guiyang_data.tables.columns import Column, header_key
from guiyang_data.tables.refusals import LoadRefused

MOST_SHOWN, LONGEST_SHOWN = 10, 40
LINE_BEFORE, REASON_BEFORE = "退回的行号", "退回的原因"
"""What stands beside refused rows that are to be mended: passed over where they come back."""
BESIDE = frozenset({LINE_BEFORE, REASON_BEFORE})


def match_header(header: Sequence[str], columns: Sequence[Column]) -> list[int | None]:
    """For each column the index of its cell, None when an optional column is not in the file.

    A header is a column's name or code; width, case and blanks do not count. What the portal itself wrote beside rows
    that it refused is passed over. Raises LoadRefused for a header that is unknown, stands twice or is empty, for a
    column that others bring, and when a required column is missing.
    """
    known = {header_key(column.code): column.code for column in columns}
    known |= {header_key(column.name): column.code for column in columns}
    found: dict[str, int] = {}
    unknown = []
    for index, name in enumerate(header):
        code = known.get(header_key(name))
        if code is None and name.strip() in BESIDE:
            continue
        if code is None:
            unknown.append(name or f"（第{index + 1}列没有名称）")
        elif code in found:
            raise LoadRefused(f"表头中“{_some([name])}”出现了两次。请删去多余的一列后重新上传，")
        else:
            found[code] = index
    refuse_closed(columns, found)
    missing = [column.name for column in columns if column.must_be_filled and column.code not in found]
    _refuse_differences(unknown, missing)
    return [found.get(column.code) for column in columns]


def refuse_closed(columns: Sequence[Column], brought: Collection[str]) -> None:
    """Raise LoadRefused where a load brings (codes) what is for others to bring."""
    closed = [f"{column.name}（{column.closed}）" for column in columns if column.closed and column.code in brought]
    if closed:
        raise LoadRefused(f"这些列不由本机关报送：{_some(closed)}。请去掉后重新报送，")


def _refuse_differences(unknown: Sequence[str], missing: Sequence[str]) -> None:
    told = []
    if missing:
        told.append(f"缺少必填的列：{_some(missing)}")
    if unknown:
        told.append(f"目录中没有这些列：{_some(unknown)}")
    if told:
        raise LoadRefused(f"表头与目录的信息项不一致。{'；'.join(told)}。请改正表头，或者先变更目录，再重新上传，")


def _some(names: Sequence[str]) -> str:
    shown = "、".join(name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…" for name in names[:MOST_SHOWN])
    return shown if len(names) <= MOST_SHOWN else f"{shown}等{len(names)}列"


def match_positions(width: int, columns: Sequence[Column]) -> list[int | None]:
    """For a file without a header: columns stand in the order of the catalogue, all of them."""
    if width != len(columns):
        raise LoadRefused(
            f"文件有{width}列，目录有{len(columns)}个信息项。文件没有表头，两者必须一致。请改正后重新上传，"
        )
    return list(range(width))
