"""Files of rows written beside the checks: what is repeated is taken out of the one file that it lies in."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from guiyang_data.tables import row_files
from guiyang_data.tables.columns import ROW, Column, DataType
from guiyang_data.tables.loading import load
from guiyang_data.tables.query import query
from guiyang_data.tables.row_files import RowFiles, groups_of, without
from guiyang_data.tables.storing import existing, files_of, last_row

COLUMNS = (
    Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
    Column(name="名称", code="name", data_type=DataType.TEXT),
)


@pytest.fixture(autouse=True)
def _short_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_files, "GROUP_ROWS", 2)
    monkeypatch.setattr(row_files, "FILE_ROWS", 4)


def rows(first: int, last: int) -> pa.Table:
    numbers = list(range(first, last + 1))
    return pa.table({ROW: pa.array(numbers, pa.int64()), "id": [str(number) for number in numbers]})


def test_rows_lie_in_files_of_a_bounded_length_in_their_order(tmp_path: Path) -> None:
    with RowFiles(tmp_path) as written:
        for first in range(1, 11, 2):
            written.add(rows(first, first + 1))
        files = written.finish()
    assert [(file.rows, file.first, file.last) for file in files] == [(4, 1, 4), (4, 5, 8), (2, 9, 10)]
    assert pa.concat_tables(groups_of(files))[ROW].to_pylist() == list(range(1, 11))


def test_only_the_file_that_loses_rows_is_written_again(tmp_path: Path) -> None:
    with RowFiles(tmp_path) as written:
        written.add(rows(1, 4))
        written.add(rows(5, 8))
        before = written.finish()
    after = without(before, pa.chunked_array([[6, 7]], pa.int64()), tmp_path)
    assert after[0] == before[0]
    assert after[1].path != before[1].path
    assert pa.concat_tables(groups_of(after))[ROW].to_pylist() == [1, 2, 3, 4, 5, 8]
    # a file of which nothing is left is none
    assert without(before, pa.chunked_array([[1, 2, 3, 4]], pa.int64()), tmp_path) == before[1:]


def test_a_disk_that_takes_no_more_is_told_to_whoever_adds(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with RowFiles(gone) as written:
        written.add(rows(1, 2))
        with pytest.raises(OSError, match="gone"):
            written.finish()


def test_added_rows_go_on_with_the_numbers_of_the_table(tmp_path: Path) -> None:
    def loaded(load_id: str, keys: list[int], mode: str) -> int:
        path = tmp_path / f"{load_id}.csv"
        path.write_text("编号,名称\n" + "".join(f"{key},第{key}行\n" for key in keys), encoding="utf-8")
        table = tmp_path / "entry" / "rows"
        result = load(path, file_name=path.name, columns=COLUMNS, table=table, load_id=load_id, mode=mode)  # type: ignore[arg-type]
        return result.version

    loaded("1", list(range(10)), "replace")
    version = loaded("2", [20, 21, 21, 3, 22], "append")
    # then what is repeated is missing, and nothing else
    table = tmp_path / "entry" / "rows"
    page = query(table, version, columns=COLUMNS)
    assert [int(row[0]) for row in page.rows] == [*range(10), 20, 21, 22]
    delta = existing(table)
    assert delta is not None
    assert last_row(delta) == 15
    assert len(files_of(delta)) == 2
    # and a table that is replaced begins at one again
    version = loaded("3", [7, 8], "replace")
    assert [row[0] for row in query(table, version, columns=COLUMNS).rows] == ["7", "8"]
    replaced = existing(table)
    assert replaced is not None
    assert last_row(replaced) == 2
