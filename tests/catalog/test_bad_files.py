# ruff: noqa: RUF001 - full-width forms as they are typed
"""Files that are no tables, and tables with traps in them: each is told clearly, and none takes the old rows away."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from catalog import services
from catalog.models import CatalogEntry, Load
from catalog.selectors import columns_of
from guiyang_data.errors import Unavailable
from guiyang_data.tables.query import query
from tests.factories import accounts
from tests.factories import catalog as make
from tests.tables.test_full_disk import room_for

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

HEADER = "线路编号,线路名称,长度,开通日期"
GOOD = "011,白云快线,17,2021-03-04"


def book(change: Callable[[Workbook], None] | None = None, rows: int = 1) -> bytes:
    """A workbook of good rows, with something done to it."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    for number in range(rows):
        sheet.append([f"{number:03d}", "白云快线", 17, "2021-03-04"])
    if change is not None:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def repacked(content: bytes, **changed: tuple[bytes, bytes]) -> bytes:
    """A workbook with one text in one member exchanged for another; ``extra``: a member put in."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml") and "sheet" in changed:
                part = part.replace(*changed["sheet"])
            new.writestr(name, part)
        for name in ("xl/vbaProject.bin",) if "macro" in changed else ():
            new.writestr(name, b"macro")
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def hide_all(made: Workbook) -> None:
    for sheet in made.worksheets:
        sheet.sheet_state = "hidden"
    made.create_sheet("空表")


def repeated_cells(rows: int, columns: int) -> bytes:
    """An ODS of one cell that stands for very many."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cell = (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
        "<text:p>1</text:p></table:table-cell>"
    )
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="a">'
        f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return archive(**{"mimetype": kind, "META-INF/manifest.xml": b"<manifest/>", "content.xml": content.encode()})


FAR = (b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')

REFUSED = {
    "only a mark": (b"\xef\xbb\xbf", "没有内容"),
    "only blanks": (b" \r\n\r\n", "没有内容"),
    "only a header": (f"{HEADER}\n".encode(), "只有表头"),
    "a page": (b"<!DOCTYPE html><html><table></table></html>", "是网页"),
    "a PDF": (b"%PDF-1.7 text", "不是表格"),
    "a program": (b"MZ\x90\x00\x03" + b"\x00" * 60, "不是表格"),
    "a packed CSV": (gzip.compress(f"{HEADER}\n{GOOD}\n".encode()), "是压缩文件，不是表格"),
    "an archive in an archive": (archive(inner=archive(a=b"1")), "打不开"),
    "a climbing archive": (archive(**{"../../etc/passwd": b"1"}), "打不开"),
    "a cell that stands for many": (repeated_cells(2, 4), "是ODS"),
    "a binary workbook": (archive(**{"xl/workbook.bin": b"1", "xl/worksheets/sheet1.bin": b"1"}), "XLSB"),
    "a workbook that is also another": (archive(**{"xl/workbook.xml": b"<a/>", "content.xml": b"<a/>"}), "是ODS"),
    "an encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "加了密码"),
    "a cell far away": (repacked(book(), sheet=FAR), "第1048576行、第16384列"),
    "a far cell with its place in other quotes": (
        repacked(book(), sheet=(b'<c r="B2"', b"<c r='XFD1048576'")),
        "打不开",
    ),
    "a far cell with its place in another line": (
        repacked(book(), sheet=(b'<c r="B2"', b'<c\nr="XFD1048576"')),
        "打不开",
    ),
    "a cell beyond all sheets": (repacked(book(), sheet=(b'r="B2"', b'r="ZZZZZZZZ2"')), "打不开"),
    "a workbook cut off": (book(rows=200)[:-400], "打不开"),
    "everything hidden": (book(hide_all), "隐藏的工作表"),
    "mixed encodings": (f"{HEADER}\n".encode() + "甲,乙,1,\n".encode("gbk") + b"\xff\xff\xfe,\xff\n", "编码无法识别"),
    "a zero in the text": (f"{HEADER}\n".encode() + b"1,a,2,\n" * 1000 + b"2,b\x00c,1,\n", "空字符"),
    "an open quote": (f'{HEADER}\n011,"白云快线,17,\n012,花溪线,5,\n'.encode(), "第2行的引号没有配对"),
    "many columns": (",".join(f"列{n}" for n in range(20_000)).encode() + b"\n1\n", "等20000列"),
    "a long header": (f"{HEADER},{'很' * 5000}\n{GOOD},1\n".encode(), "很…。"),
    "a header twice": (f"{HEADER},长度\n{GOOD},1\n".encode(), "“长度”出现了两次"),
    "a header without a name": (b"route,,name\n1,2,3\n", "第2列没有名称"),
    "names that other systems trip over": (f"{HEADER},__proto__,select\n{GOOD},1,2\n".encode(), "__proto__、select"),
}


@pytest.fixture(autouse=True)
def own_rows(tmp_path: Path, settings: Any) -> None:
    """Tables that no other test has written."""
    settings.ROWS_DIR = tmp_path / "rows"


@pytest.fixture
def entry() -> CatalogEntry:
    return make.entry_in_force(accounts.city().provider, rows=make.ROWS)


def gathered(entry: CatalogEntry, content: bytes, name: str = "数据.csv") -> Load:
    """A file of these bytes landed and run, as the worker does."""
    load = services.land_file(
        entry_id=entry.pk, uploaded=ContentFile(content, name=name), by=make.steward_of(entry.provider), at=make.AT
    )
    return services.run_load(load.pk, at=make.AT)


def rows_of(entry: CatalogEntry) -> list[tuple[Any, ...]]:
    entry.refresh_from_db()
    assert entry.current_data is not None
    columns = columns_of(entry.current_data.revision)
    return query(entry.table, entry.current_data.table_version, columns=columns).rows


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_file_that_cannot_be_taken_in_is_refused_by_what_it_is(entry: CatalogEntry, case: str) -> None:
    # given
    content, told = REFUSED[case]

    # when
    load = gathered(entry, content)

    # then
    assert (load.state, told in load.message) == (Load.State.REFUSED, True), load.message
    assert load.message.endswith("原有数据没有变动。")
    assert len(load.message) < 1000
    assert len(rows_of(entry)) == len(make.ROWS)


@pytest.mark.parametrize("members", [{"xl/media/a": b"\0" * (65 * 1024**2)}, {f"m{n}": b"" for n in range(10_001)}])
def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_not_opened(
    entry: CatalogEntry, members: dict[str, bytes]
) -> None:
    load = gathered(entry, archive(**members))

    assert (load.state, "展开后过大" in load.message) == (Load.State.REFUSED, True)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("011,白云快线,17,2024-02-30", "开通日期：不是日期，或者没有这一天"),
        ("011,白云快线,17,45000", "开通日期：不是日期，或者没有这一天"),
        ("011,白云快线,520102197001010013,", "长度：不是数字，或者位数多到不能准确保存"),
        ("011,白云快线,1e999999,", "长度：不是数字，或者位数多到不能准确保存"),
        ("011,白云快线,0x1F,", "长度：不是数字，或者位数多到不能准确保存"),
        (f"011,{'长' * 41},17,", "线路名称：超过规定长度（40个字）"),
        (f'011,"{"甲" * 3_000_000}",17,', "线路名称：超过规定长度（40个字）"),
        (",白云快线,17,", "线路编号：必填项没有填写"),
        ("011,白云快线", "（整行）：列数与表头不一致"),
        ("011,白云快线,17,,多出来的", "（整行）：列数与表头不一致"),
    ],
)
def test_a_trap_in_a_row_keeps_that_row_out_alone(entry: CatalogEntry, row: str, reason: str) -> None:
    # when
    load = gathered(entry, f"{HEADER}\n001,火车站环线,12.5,\n{row}\n".encode())

    # then
    assert (load.state, load.rows_accepted, load.rows_refused) == (Load.State.DONE, 1, 1)
    assert load.reasons == {reason: 1}


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("{header}\r011,白云快线,１７,\r", ("011", "白云快线", 17.0, None)),
        ("{header}\n007,\"=cmd|' /C calc'!A0\",17,\n", ("007", "=cmd|' /C calc'!A0", 17.0, None)),
        ("{header}\n007,＝1+1,17,\n", ("007", "＝1+1", 17.0, None)),
        (
            "{header}\n007,<script>alert(1)</script>{{{{7*7}}}},17,\n",
            ("007", "<script>alert(1)</script>{{7*7}}", 17.0, None),
        ),
        ("{header}\n007,𠮷田线,17,\n", ("007", "𠮷田线", 17.0, None)),
    ],
)
def test_what_looks_dangerous_in_a_cell_is_kept_as_it_is(
    entry: CatalogEntry, content: str, row: tuple[Any, ...]
) -> None:
    gathered(entry, content.format(header=HEADER).encode())

    assert rows_of(entry) == [row]


@pytest.mark.parametrize(
    "content",
    [
        book(),
        repacked(book(), macro=(b"", b"")),
        repacked(book(), sheet=(b'ref="A1:D2"', b'ref="A1:XFD1048576"')),
        book(
            lambda made: made.create_sheet("更早", 0).append(["机密"]) or setattr(made["更早"], "sheet_state", "hidden")
        ),
    ],
    ids=["as it is", "with a macro", "with a false extent", "behind a hidden sheet"],
)
def test_a_workbook_is_read_for_what_is_seen_in_it(entry: CatalogEntry, content: bytes) -> None:
    load = gathered(entry, content, name="数据.xlsx")

    assert (load.state, load.message) == (Load.State.DONE, "")
    assert [row[:3] for row in rows_of(entry)] == [("000", "白云快线", 17.0)]


def test_a_workbook_that_names_other_files_brings_nothing_of_them(entry: CatalogEntry, tmp_path: Path) -> None:
    # given
    secret = tmp_path / "secret"
    secret.write_text("机密", encoding="utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><worksheet'.encode()
    content = repacked(book(), sheet=(b"<worksheet", entity))
    content = repacked(content, sheet=(b"</sheetData>", b'<row r="3"><c t="str"><v>&e;</v></c></row></sheetData>'))

    # when
    load = gathered(entry, content, name="数据.xlsx")

    # then
    kept = load.bad_rows_file.read_text(encoding="utf-8-sig") if load.bad_rows_file else ""
    assert "机密" not in f"{rows_of(entry)}{load.message}{kept}"


def test_the_page_and_the_interface_say_what_was_wrong(entry: CatalogEntry) -> None:
    # given
    load = gathered(entry, REFUSED["an open quote"][0])
    client = Client()
    client.force_login(make.steward_of(entry.provider), backend="allauth.account.auth_backends.AuthenticationBackend")
    token = accounts.bearer(accounts.system(entry.provider), "catalog:read")

    # when
    page = client.get(load.get_absolute_url()).content.decode()
    answer = Client().get(f"/api/v1/catalog/loads/{load.pk}/", **token).json()

    # then
    assert "第2行的引号没有配对" in page
    assert "改正后重新上传" in page
    assert (answer["state"], answer["message"]) == ("refused", load.message)


def test_a_full_disk_takes_no_file_in_and_says_so_on_the_page(entry: CatalogEntry) -> None:
    # given
    client = Client()
    client.force_login(make.steward_of(entry.provider), backend="allauth.account.auth_backends.AuthenticationBackend")
    landing = make.land_csv(entry, make.ROWS).landed.parent
    before = set(landing.iterdir())
    content = f"{HEADER}\n{GOOD}\n".encode() * 1000

    # when
    with room_for(1000), pytest.raises(Unavailable, match="空间不足"):
        gathered(entry, content)
    form = {"file": SimpleUploadedFile("数据.csv", content), "mode": "replace", "revision": entry.in_force_id}

    # then
    assert set(landing.iterdir()) == before
    assert Load.objects.count() == 2
    assert client.post(f"{entry.get_absolute_url()}gather/", form).status_code == 302
