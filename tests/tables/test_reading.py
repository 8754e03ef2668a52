# ruff: noqa: DTZ001 - cells of a spreadsheet have no zone
"""Files as they arrive: encodings, marks, quotes, spreadsheets."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.loading import load
from guiyang_data.tables.reading import open_source, sample
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import read_refused
from guiyang_data.tables.uncomputed import NO_RESULT, UNCOMPUTED


def read(path: Path, **options) -> tuple[tuple[str, ...], list[tuple[int, list[str]]], str]:
    with open_source(path, file_name=path.name, **options) as source:
        return source.header, list(source), source.encoding


@pytest.mark.parametrize(
    ("codec", "found"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 BOM"), ("gbk", "GBK"), ("utf-16", "UTF-16")],
)
def test_encoding_is_found_and_text_is_read_whole(write_text, codec, found):
    path = write_text(["编号,姓名", "007,许霞"], encoding=codec)

    header, rows, encoding = read(path)

    assert encoding == found
    assert header == ("编号", "姓名")
    assert rows == [(2, ["007", "许霞"])]


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "utf-16"])
def test_a_text_with_a_zero_in_it_is_refused_in_every_encoding(write_text, codec):
    path = write_text(["编号,姓名", "007,许\0霞"], encoding=codec)

    with pytest.raises(LoadRefused, match=r"空字符|不是表格"):
        read(path)


def test_four_byte_characters_of_gb18030_are_read(write_text):
    path = write_text(["编号,姓名", "1,𠮷田㐂"], encoding="gb18030")

    _header, rows, encoding = read(path)

    assert encoding == "GB18030"
    assert rows == [(2, ["1", "𠮷田㐂"])]


def test_an_encoding_that_cannot_be_told_is_refused(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes("编号,姓名\n".encode() + b"\xff\xff\xfe,\xff\n")

    with pytest.raises(LoadRefused, match="编码无法识别"):
        read(path)


@pytest.mark.parametrize(("codec", "said"), [("big5", "Big5"), ("cp950", "Big5"), ("gbk", "GBK")])
def test_big5_is_told_from_gbk_by_how_its_characters_end(write_text, codec, said):
    lines = ["編號,資料名稱,資料來源,更新頻率", "1,公車路線與站牌位置,臺北市政府交通局,不定期"]

    header, rows, encoding = read(write_text(lines, encoding=codec))

    assert (header[1], rows[0][1][2], encoding) == ("資料名稱", "臺北市政府交通局", said)


def test_rare_characters_do_not_make_gbk_look_like_big5(write_text):
    lines = ["姓名,住址", "王喆珺,南明区花果园", "李堃玥,云岩区大十字", "张镕彧,观山湖区会展城"]

    assert read(write_text(lines, encoding="gbk"))[2] == "GBK"


def test_an_encoding_can_be_forced(write_text):
    path = write_text(["編號,名稱", "1,臺北"], encoding="big5")

    header, rows, _encoding = read(path, encoding="big5")

    assert (header, rows) == (("編號", "名稱"), [(2, ["1", "臺北"])])


def test_marks_inside_and_an_end_of_file_sign_leave_no_trace(tmp_path):
    path = tmp_path / "glued.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\n1,2\n\xef\xbb\xbf3,4\n\xef\xbb\xbf"5",6\n\x1a')

    header, rows, _encoding = read(path)

    assert header == ("a", "b")
    assert rows == [(2, ["1", "2"]), (3, ["3", "4"]), (4, ["5", "6"])]


def test_a_cell_over_several_lines_keeps_them_and_the_line_count_stays_true(write_text):
    path = write_text(["a,b", '1,"x', "y", 'z"', "2,w"])

    _header, rows, _encoding = read(path)

    assert rows == [(2, ["1", "x\ny\nz"]), (5, ["2", "w"])]


def test_a_quote_that_never_closes_is_refused_with_its_line(write_text):
    path = write_text(["a,b", "1,x", '2,"y', "3,z", "4,w"])

    with pytest.raises(LoadRefused, match="第3行的引号没有配对"):
        read(path)


def test_blank_lines_before_the_header_and_between_rows_are_passed_over(write_text):
    path = write_text(["", " ,", "a,b", "", "1,2", ",", "3,4"])

    header, rows, _encoding = read(path)

    assert header == ("a", "b")
    assert rows == [(5, ["1", "2"]), (7, ["3", "4"])]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_told_from_the_header(write_text, separator):
    path = write_text([separator.join(["a", "b"]), separator.join(["1,5", "2"])])

    header, rows, _encoding = read(path)

    assert (header, rows) == (("a", "b"), [(2, ["1,5", "2"])])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "是网页"),
        (b"%PDF-1.7 rest", "不是表格"),
        (b"a\x00b\x00\x00\x01", "不是表格"),
        (b"  \n ", "没有内容"),
        (b"PK\x03\x04 not a workbook", "文件打不开"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_what_it_is(tmp_path, content, told):
    path = tmp_path / "in.xls"
    path.write_bytes(content)

    with pytest.raises(LoadRefused, match=told):
        read(path)


def make_workbook(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append([])
    page.append(["附件1"])
    page.append(["代码", "名称", "数量", "比率", "日期", "时间", "在册"])
    page.append(["007", "甲", 123.0, 0.1 + 0.2, date(2023, 5, 12), datetime(2023, 5, 12, 9, 5), True])
    page.append(["008", None, 402557500508, 1.5, None, None, False])
    book.save(path)
    return path


def test_cells_of_a_spreadsheet_arrive_as_text_without_invented_digits(tmp_path):
    path = make_workbook(tmp_path / "in.xlsx")

    header, rows, encoding = read(path, header_row=3)

    assert encoding == ""
    assert header == ("代码", "名称", "数量", "比率", "日期", "时间", "在册")
    assert rows == [
        (4, ["007", "甲", "123", "0.3", "2023-05-12", "2023-05-12 09:05:00", "true"]),
        (5, ["008", "", "402557500508", "1.5", "", "", "false"]),
    ]


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    path = make_workbook(tmp_path / "in.xlsx")

    with pytest.raises(LoadRefused, match="没有名为“二月”的工作表"):
        read(path, sheet="二月")


def test_a_sample_proposes_types_and_keeps_codes_as_text(write_text):
    path = write_text(
        [
            "区划,代码,日期,时间,人数,金额,在册,说明",
            "520102,007,2023/5/12,2023-05-12 10:00,3,1.5,是,短",
            "520103,012,2023/5/13,2023-05-12,12,NaN,否,较长的说明",
        ]
    )

    found = sample(path, "in.csv", rows=1)

    assert [(guess.name, guess.data_type) for guess in found.guesses] == [
        ("区划", DataType.INTEGER),
        ("代码", DataType.TEXT),
        ("日期", DataType.DATE),
        ("时间", DataType.DATETIME),
        ("人数", DataType.INTEGER),
        ("金额", DataType.NUMBER),
        ("在册", DataType.BOOLEAN),
        ("说明", DataType.TEXT),
    ]
    assert [guess.length for guess in found.guesses if guess.data_type is DataType.TEXT] == [3, 10]
    assert len(found.rows) == 1


class TestFormulas:
    """A program wrote them and nobody has computed them yet."""

    def test_one_without_a_result_is_told_by_its_place_and_keeps_its_row_out(self, tmp_path, table):
        book = Workbook()
        page = book.active
        for row in (["编号", "数量", "名称"], ["1", 2, "甲"], ["2", "=B2*2", "乙"], ["3", 4, '="丙"&"丁"'], ["=A4+1"]):
            page.append(row)
        book.save(tmp_path / "in.xlsx")
        columns = [
            Column(name="编号", code="id", data_type=DataType.TEXT),
            Column(name="数量", code="amount", data_type=DataType.INTEGER),
            Column(name="名称", code="name", data_type=DataType.TEXT),
        ]

        done = load(tmp_path / "in.xlsx", file_name="in.xlsx", columns=columns, table=table, load_id="one")

        assert (done.rows_read, done.rows_accepted) == (4, 1)
        _rows, cells = read_refused(done.bad_rows_path, offset=0, limit=10)
        assert [(cell.line, cell.column, cell.value) for cell in cells] == [
            (3, "数量", UNCOMPUTED),
            (4, "名称", UNCOMPUTED),
            (5, "编号", UNCOMPUTED),
        ]
        assert {cell.reason for cell in cells} == {NO_RESULT}

    def test_the_list_to_mend_is_refused_again_where_nobody_has_mended_it(self, load_lines):
        columns = [Column(name="名称", code="name", data_type=DataType.TEXT)]

        done = load_lines([UNCOMPUTED, "甲"], header="名称", columns=columns)

        assert done.reasons == {f"名称：{NO_RESULT}": 1}

    def test_an_empty_text_is_a_result_and_other_sheets_do_not_count(self, tmp_path):
        book = Workbook()
        book.active.append(["编号", "名称"])
        book.active.append(["1", "甲"])
        book.active["C2"] = '=IF(A2="","甲","")'
        book.create_sheet("汇总").append(["=1+1"])
        book.save(tmp_path / "in.xlsx")
        with_results = tmp_path / "out.xlsx"
        with zipfile.ZipFile(tmp_path / "in.xlsx") as old, zipfile.ZipFile(with_results, "w") as new:
            for part in old.namelist():
                new.writestr(part, old.read(part).replace(b'<c r="C2"><f>', b'<c r="C2" t="str"><f>'))

        _header, rows, _encoding = read(with_results)

        assert rows == [(2, ["1", "甲", ""])]

    def test_as_many_as_there_are_in_a_long_sheet_are_found_across_pieces(self, tmp_path):
        book = Workbook(write_only=True)
        page = book.create_sheet()
        page.append(["编号", "数量"])
        for number in range(40_000):
            page.append([f"{number:06}", "=1+1" if number % 100 == 0 else number])
        book.save(tmp_path / "in.xlsx")

        _header, rows, _encoding = read(tmp_path / "in.xlsx")

        assert [line for line, cells in rows if cells[1] == UNCOMPUTED] == list(range(2, 40_002, 100))
