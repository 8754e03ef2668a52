"""Exports: the values themselves, streamed in the order of the file, ended when a grant ends."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from guiyang_data.tables import exporting
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import load
from guiyang_data.tables.query import (
    BadFilter,
    Filter,
    RowCount,
    TooLargeForSpreadsheet,
    query,
    stream_csv,
    stream_json,
    write_xlsx,
)
from tests.tables.conftest import MANY, PERSONS


def test_csv_carries_the_values_themselves_in_the_order_of_the_file(persons):
    text = b"".join(stream_csv(persons, 0, columns=PERSONS)).decode()

    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [column.name for column in PERSONS]
    assert rows[1] == ["000001", "许霞", "1986-05-29", "2023-05-12 10:00:00", "1200.50", "88.5", "3", "true"]
    assert rows[3] == ["000003", "赵凤兰", "1980-03-25", "2023-05-12 10:30:00", "", "", "", ""]


def test_a_csv_export_loads_again_to_the_same_rows(persons, tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"".join(stream_csv(persons, 0, columns=PERSONS, bom=True)))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")

    result = load(path, file_name="out.csv", columns=PERSONS, table=tmp_path / "copy" / "rows", load_id="copy")

    assert result.rows_refused == 0
    assert query(tmp_path / "copy" / "rows", 0, columns=PERSONS).rows == query(persons, 0, columns=PERSONS).rows


def test_json_has_numbers_as_numbers_and_dates_as_iso(persons):
    text = b"".join(stream_json(persons, 0, columns=PERSONS, selected=["id", "born", "seen", "money", "listed"]))

    assert json.loads(text, parse_float=Decimal)[0] == {
        "id": "000001",
        "born": "1986-05-29",
        "seen": "2023-05-12T10:00:00",
        "money": Decimal("1200.50"),
        "listed": True,
    }
    named = json.loads(b"".join(stream_json(persons, 0, columns=PERSONS, selected=["money", "name"], keys="name")))
    assert named[2] == {"补助金额": None, "姓名": "赵凤兰"}
    nobody = stream_json(persons, 0, columns=PERSONS, filters=[Filter("id", "eq", "x")])
    assert json.loads(b"".join(nobody)) == []


@pytest.mark.parametrize("stream", [stream_csv, stream_json])
def test_exports_keep_file_order_count_rows_and_obey_sorting(many, stream):
    counter = RowCount()

    whole = b"".join(stream(many, 0, columns=MANY, selected=["n"], counter=counter)).decode()
    lines = whole.splitlines()[1:] if stream is stream_csv else [str(row["n"]) for row in json.loads(whole)]

    assert lines == [str(n) for n in range(50_000, 0, -1)]
    assert counter.rows == 50_000
    first = b"".join(stream(many, 0, columns=MANY, sort=["n"], filters=[Filter("n", "le", 2)])).decode()
    assert first.index("1") < first.index("2")


@pytest.mark.parametrize("stream", [stream_csv, stream_json])
def test_an_export_ends_when_its_grant_does(many, stream, monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 20_000)

    class GrantEnded(Exception):
        pass

    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise GrantEnded

    counter = RowCount()
    rows = stream(many, 0, columns=MANY, check=check, counter=counter)

    with pytest.raises(GrantEnded):
        list(rows)
    assert 0 < counter.rows < 50_000


@pytest.mark.parametrize("stream", [stream_csv, stream_json])
def test_a_grant_that_ended_before_gives_not_one_byte(many, stream):
    def check() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        next(stream(many, 0, columns=MANY, check=check))


def test_a_reader_who_goes_away_leaves_the_version_free_for_others(many):
    rows = stream_csv(many, 0, columns=MANY)
    next(rows)
    next(rows)

    rows.close()

    assert query(many, 0, columns=MANY, limit=1).total == 50_000


def test_a_wrong_filter_refuses_an_export_before_it_starts(persons):
    with pytest.raises(BadFilter):
        stream_csv(persons, 0, columns=PERSONS, filters=[Filter("born", "eq", "x")])


FORMULAS = ("=1+1", "+86", "-5", "@x", "＝1", "＋1", "－1", "＠1", "平常")  # noqa: RUF001


def formulas(load_lines) -> tuple[Column, ...]:
    columns = (
        Column(name="文字", code="t", data_type=DataType.TEXT),
        Column(name="数", code="n", data_type=DataType.INTEGER),
    )
    load_lines([f"{text},-5" for text in FORMULAS], header="文字,数", columns=columns)
    return columns


def test_only_files_for_a_spreadsheet_guard_formulas_and_a_load_takes_the_guard_off(load_lines, table, tmp_path):
    columns = formulas(load_lines)

    plain = list(csv.reader(io.StringIO(b"".join(stream_csv(table, 0, columns=columns)).decode())))
    path = tmp_path / "excel.csv"
    path.write_bytes(b"".join(stream_csv(table, 0, columns=columns, for_excel=True)))

    assert [row[0] for row in plain[1:]] == list(FORMULAS)
    guarded = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert [row[0] for row in guarded[1:]] == [*("'" + text for text in FORMULAS[:-1]), "平常"]
    assert {row[1] for row in guarded[1:]} == {"-5"}
    back = load(path, file_name="excel.csv", columns=columns, table=tmp_path / "back" / "rows", load_id="back")
    assert [r[0] for r in query(tmp_path / "back" / "rows", back.version, columns=columns).rows] == list(FORMULAS)


def test_xlsx_has_typed_cells_and_no_formula(load_lines, table, tmp_path):
    columns = formulas(load_lines)
    counter = RowCount()

    write_xlsx(tmp_path / "out.xlsx", table, 0, columns=columns, counter=counter)

    cells = list(load_workbook(tmp_path / "out.xlsx")["数据"].iter_rows())
    assert [cell.value for cell in cells[0]] == ["文字", "数"]
    assert [row[0].value for row in cells[1:]] == [*("'" + text for text in FORMULAS[:-1]), "平常"]
    assert {(row[0].data_type, row[1].value) for row in cells[1:]} == {("s", -5)}
    assert counter.rows == len(FORMULAS)


def test_a_cell_too_long_for_a_spreadsheet_is_refused_instead_of_cut(load_lines, table, tmp_path):
    columns = (Column(name="文字", code="t", data_type=DataType.MEMO),)
    load_lines(["长" * 32_768], header="文字", columns=columns)

    with pytest.raises(TooLargeForSpreadsheet):
        write_xlsx(tmp_path / "out.xlsx", table, 0, columns=columns)

    assert not (tmp_path / "out.xlsx").exists()
