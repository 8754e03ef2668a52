"""What an inspection finds in real files, and what a cleaned copy still holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from guiyang_data.attachments.inspection import apart
from guiyang_data.attachments.inspection.cleaning import CLEANERS, clean_file
from guiyang_data.attachments.inspection.findings import CLEANABLE, Finding, Findings, Unreadable
from guiyang_data.attachments.inspection.inspecting import inspect_file
from guiyang_data.personal import masked, numbers_in, text_masked
from tests.factories import papers
from tests.factories.papers import CARD, MOBILE, RESIDENT


def found_in(folder: Path, name: str, content: bytes) -> list[Finding]:
    path = folder / "content"
    path.write_bytes(content)
    return inspect_file(path, name)


def codes(findings: list[Finding]) -> dict[str, int]:
    """How many of each, seen and unseen together."""
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding.code] = counted.get(finding.code, 0) + finding.count
    return counted


NOTHING_HIDDEN = {
    "a.csv": "名称,数量\n公交,3\n".encode(),
    "a.docx": papers.plain_word(),
    "a.json": b'{"a": 1}',
    "a.pdf": papers.plain_pdf(),
    "a.txt": "没有这项数据".encode("gb18030"),
    "a.xlsx": papers.plain_sheet(),
}


@pytest.mark.parametrize("name", sorted(NOTHING_HIDDEN))
def test_a_file_that_hides_nothing_has_no_findings(name: str, tmp_path: Path) -> None:
    assert found_in(tmp_path, name, NOTHING_HIDDEN[name]) == []


HIDING = {
    "a.xlsx": (
        papers.hiding_sheet(),
        {
            "author": 2,
            "bank-card": 1,
            "comments": 1,
            "external-links": 1,
            "filtered-rows": 1,
            "hidden-columns": 1,
            "hidden-names": 1,
            "hidden-rows": 1,
            "hidden-sheet": 1,
            "mobile": 2,
            "resident-id": 3,
        },
    ),
    "a.xls": (
        papers.hiding_old_sheet(),
        {"hidden-sheet": 1, "hidden-rows": 1, "hidden-columns": 1, "mobile": 6, "resident-id": 1},
    ),
    "a.docx": (
        papers.hiding_word(),
        {
            "author": 1,
            "bank-card": 1,
            "comments": 1,
            "hidden-text": 1,
            "mobile": 1,
            "resident-id": 1,
            "tracked-changes": 2,
        },
    ),
    "b.docx": (papers.word_with_template(), {"external-links": 1}),
    "a.pdf": (
        papers.hiding_pdf(),
        {"annotations": 1, "author": 2, "embedded-files": 1, "mobile": 1, "resident-id": 1, "scripts": 1},
    ),
    "b.pdf": (papers.pdf_with_layer_off(), {"hidden-layers": 1}),
    "c.pdf": (papers.pdf_saved_twice(), {"earlier-versions": 1}),
    "a.jpg": (papers.photo(), {"location": 1, "mobile": 1, "photo-data": 2, "unread-picture": 1}),
    "a.png": (papers.drawing(), {"photo-data": 1, "unread-picture": 1}),
    "a.et": (papers.hiding_old_sheet(), {"hidden-sheet": 1, "hidden-rows": 1, "hidden-columns": 1, "mobile": 6}),
    "a.wps": (papers.word_with_template(), {"external-links": 1}),
}


@pytest.mark.parametrize("name", sorted(HIDING))
def test_what_a_reader_does_not_see_is_found(name: str, tmp_path: Path) -> None:
    content, expected = HIDING[name]
    found = codes(found_in(tmp_path, name, content))
    assert {code: count for code, count in found.items() if code in expected} == expected
    assert set(found) - set(expected) <= {"resident-id"}


def test_a_number_in_a_hidden_row_must_go_and_one_in_plain_sight_need_not(tmp_path: Path) -> None:
    found = found_in(tmp_path, "a.xlsx", papers.hiding_sheet())
    assert {(one.code, one.place) for one in found if one.must_go} == {
        ("bank-card", "批注"),
        ("resident-id", "工作表「名单」D 列"),
        ("resident-id", "工作表「底表」B 列"),
    }
    assert [(one.code, one.count) for one in found if one.code == "mobile"] == [("mobile", 2)]
    assert found[0].must_go


def test_a_number_below_a_black_box_is_found(tmp_path: Path) -> None:
    found = found_in(tmp_path, "a.pdf", papers.hiding_pdf())
    assert [one.place for one in found if one.code == "mobile"] == ["第 1 页"]


def test_no_number_is_shown_whole(tmp_path: Path) -> None:
    for name, (content, _expected) in HIDING.items():
        for one in found_in(tmp_path, name, content):
            assert not any(number in one.sample + one.place for number in (RESIDENT, MOBILE, CARD))


def test_rows_of_a_csv_are_counted_by_column(tmp_path: Path) -> None:
    rows = "".join(f"甲{number};{MOBILE} {MOBILE};{RESIDENT if number % 2 else ''}\n" for number in range(10))
    found = found_in(tmp_path, "a.csv", f"姓名;电话;身份证\n{rows}".encode("gb18030"))
    assert {(one.code, one.place, one.count) for one in found} == {("mobile", "B 列", 10), ("resident-id", "C 列", 5)}


def test_members_of_an_archive_are_looked_into_and_named(tmp_path: Path) -> None:
    inner = papers.archive(deep_txt=MOBILE.encode())
    content = papers.archive(a_xlsx=papers.hiding_sheet(), inner_zip=papers.archive(x_zip=inner), b_exe=b"MZ")
    found = found_in(tmp_path, "a.zip", content)
    places = {one.place for one in found}
    assert "压缩包内「a.xlsx」工作表「底表」" in places
    assert {one.sample for one in found if one.code == "not-checked"} == {
        "压缩包套了太多层",
        "这种文件的内容读不出来",
    }


NOT_READ = {
    "a.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧的二进制格式读不出内容"),
    "a.docx": (papers.plain_sheet(), "不是 DOCX 格式"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + b"0" * 20, "图片打不开"),
    "a.ofd": (papers.archive(OFD_xml=b"<x/>"), "读不出来"),
    "a.pdf": (papers.locked_pdf(), "加了密码"),
    "a.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "打不开"),
    "a.xlsx": (papers.archive(a_txt=b"x"), "不是 XLSX 格式"),
    "a.zip": (b"PK\x03\x04broken", "已损坏"),
    "b.pdf": (b"%PDF-1.7\n%%EOF\n", "打不开"),
    "b.xlsx": (papers.plain_sheet()[:-200], "已损坏"),
}


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_what_cannot_be_read_says_so(name: str, tmp_path: Path) -> None:
    content, words = NOT_READ[name]
    found = found_in(tmp_path, name, content)
    assert [one.code for one in found] == ["not-checked"]
    assert words in found[0].sample


@pytest.mark.parametrize("name", sorted({"a.docx", "a.jpg", "a.pdf", "a.png", "a.xlsx", "b.docx", "c.pdf"}))
def test_a_cleaned_copy_holds_nothing_unseen(name: str, tmp_path: Path) -> None:
    # given
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(HIDING[name][0])

    # when
    clean_file(source, name, target)

    # then
    assert {one.code for one in inspect_file(target, name)} <= {"mobile", "unread-picture"}
    assert [one for one in inspect_file(target, name) if one.is_hidden] == []


def test_a_cleaned_sheet_keeps_what_is_seen(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target.xlsx"
    source.write_bytes(papers.hiding_sheet())
    clean_file(source, "a.xlsx", target)
    assert papers.cells_of(target) == {
        "名单": [
            ["停车场", "联系电话", "备注"],
            ["停车场2", MOBILE, ""],
            ["停车场3", MOBILE, ""],
            ["停车场4", "", ""],
            ["停车场5", "", ""],
            ["停车场7", "", ""],
        ],
        "筛选": [["区", "1"], ["区", "2"], ["区", "4"], ["区", "5"]],
    }


def test_a_cleaned_document_keeps_what_was_inserted_and_drops_what_was_removed(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target.docx"
    source.write_bytes(papers.hiding_word())
    clean_file(source, "a.docx", target)
    assert papers.words_of(target) == f"联系人电话 {MOBILE}。新增的话"


def test_what_is_offered_for_cleaning_is_what_can_be_cleaned() -> None:
    assert set(CLEANERS) == CLEANABLE


UNCLEANABLE = {
    "a.csv": (b"a,b\n", "不能自动清理"),
    "a.pdf": (papers.pdf_with_layer_off(), "关闭的图层"),
    "a.xlsx": (papers.uncomputed_sheet(), "没有保存计算结果"),
    "b.pdf": (papers.locked_pdf(), "加了密码"),
}


@pytest.mark.parametrize("name", sorted(UNCLEANABLE))
def test_what_cannot_be_cleaned_says_why(name: str, tmp_path: Path) -> None:
    content, words = UNCLEANABLE[name]
    path = tmp_path / "content"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        clean_file(path, name, tmp_path / "target")


def test_a_process_of_its_own_finds_the_same_and_survives_what_breaks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    path = tmp_path / "content"
    path.write_bytes(papers.hiding_sheet())

    # then
    assert apart.inspect_apart(path, "a.xlsx") == inspect_file(path, "a.xlsx")
    apart.clean_apart(path, "a.xlsx", tmp_path / "target")
    assert [one.code for one in inspect_file(tmp_path / "target", "a.xlsx")] == ["mobile"]
    with pytest.raises(Unreadable, match="不能自动清理"):
        apart.clean_apart(path, "a.csv", tmp_path / "target")
    assert [one.sample for one in apart.inspect_apart(tmp_path / "nowhere", "a.csv")] == [apart.BROKE]

    # when
    monkeypatch.setattr(apart, "SECONDS", 0.001)

    # then
    assert [(one.code, one.sample) for one in apart.inspect_apart(path, "a.xlsx")] == [("not-checked", apart.SLOW)]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("520102199001011234", []),
        ("2026110300000000018", []),
        ("统一社会信用代码 91520100MA6DLLXX1B", []),
        ("经费 13985012345.67 元", []),
        ("第13985012345678号", []),
        (f"身份证{RESIDENT}，电话{MOBILE}", ["resident-id", "mobile"]),
        (RESIDENT.lower(), ["resident-id"]),
        # the district is younger than whoever moved there
        ("520115198001011237", ["resident-id"]),
        ("".join(chr(ord(digit) + 0xFEE0) for digit in MOBILE), ["mobile"]),
        ("+86 139-8501-2345", ["mobile"]),
        ("6222 0212 3456 7890 128", ["bank-card"]),
        ("6222 0212 3456 7890 127", []),
    ],
)
def test_numbers_of_persons_are_told_from_others(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _number in numbers_in(text)] == kinds


def test_numbers_are_masked_wherever_they_stand() -> None:
    assert masked(MOBILE) == "139******45"
    assert text_masked(f"电话{MOBILE}、卡{CARD}") == "电话139******45、卡622**************28"


def test_more_places_than_can_be_shown_are_counted_together() -> None:
    findings = Findings()
    for number in range(250):
        findings.add("comments", f"工作表「{number}」")
    assert len(findings.all()) == 201
    assert sum(one.count for one in findings.all()) == 250
