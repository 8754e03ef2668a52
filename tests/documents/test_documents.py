"""Papers, codes and calendar files."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pypdfium2 as pdfium
import pytest
import typst
import zxingcpp
from django.core.exceptions import ImproperlyConfigured
from icalendar import Calendar
from pytest_django.fixtures import Settings

from guiyang_data.documents import pdf, qr
from guiyang_data.documents.calendar_file import ics

ADDRESS = "https://data.guiyang.example/verify/7QKM-29DX-4HTV"
SYSTEM_FAMILIES = set(typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).families())


def receipt(**changes: Any) -> dict[str, Any]:
    return {
        "office": "贵阳市政府数据平台",
        "title": "开放需求申请回执",
        "number": "GY-2026-00817",
        "facts": [{"label": "需要的数据", "value": "公交车辆实时位置"}],
        "clock": {
            "line": "最迟 2026年12月3日（周四）24:00 前答复",
            "basis": "第二十一条第一款",
            "provisional": "",
            "steps": ["2026年11月23日提交，当天不计入。", "到第 10 日 24:00 为止。"],
        },
        "notes": ["凭编号和查询码随时查看进展。"],
        "verify": {"line": "扫码核对。", "address": ADDRESS, "code": "7QKM-29DX-4HTV", "qr": qr.svg(ADDRESS)},
        "issued": "2026年11月23日 出具",
    } | changes


def text_of(content: bytes) -> str:
    """What a reader of the PDF can copy out of it, without spaces."""
    with pdfium.PdfDocument(content) as paper:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in paper)


def codes_on(content: bytes) -> list[str]:
    """What a telephone reads from the codes on the first page, printed at 150 dots an inch."""
    with pdfium.PdfDocument(content) as paper:
        return [code.text for code in zxingcpp.read_barcodes(paper[0].render(scale=150 / 72).to_pil())]


def test_a_receipt_holds_every_part_of_its_data() -> None:
    # when
    text = text_of(pdf.render("receipt", receipt()))

    # then
    for part in (
        "开放需求申请回执",
        "GY-2026-00817",
        "公交车辆实时位置",
        "最迟2026年12月3日（周四）24:00前答复",
        "第二十一条第一款",
        "当天不计入",
        "凭编号和查询码随时查看进展",
        ADDRESS,
        "7QKM-29DX-4HTV",
        "第1页，共1页",
    ):
        assert part in text, part


def test_a_receipt_without_clock_notes_and_code_is_still_a_paper() -> None:
    # given
    data = {name: value for name, value in receipt().items() if name in {"office", "title", "number", "facts"}}

    # when
    text = text_of(pdf.render("receipt", data))

    # then
    assert "公交车辆实时位置" in text
    assert "为什么是这一天" not in text


def test_what_a_person_wrote_is_printed_and_never_read_as_code() -> None:
    # given
    written = '#panic("x") *粗* $a$ \\ "引" #sys.inputs'

    # when
    text = text_of(pdf.render("receipt", receipt(facts=[{"label": "用途", "value": written}])))

    # then
    assert '#panic("x")*粗*$a$\\"引"#sys.inputs' in text


def test_long_facts_run_over_several_pages() -> None:
    # given
    facts = [{"label": f"第{number}项", "value": "内容" * 60} for number in range(40)]

    # when
    text = text_of(pdf.render("receipt", receipt(facts=facts)))

    # then
    assert "第40项" not in text
    assert "第39项" in text
    assert "第2页，共" in text


def test_a_provisional_due_day_is_said_on_the_paper() -> None:
    # given
    plain = receipt()
    provisional = receipt(clock=plain["clock"] | {"provisional": "暂定：2027年放假安排尚未公布。"})

    # then
    assert pdf.render("receipt", provisional) != pdf.render("receipt", plain)


def test_equal_data_gives_equal_bytes_in_every_thread() -> None:
    # given
    expected = {number: pdf.render("receipt", receipt(number=f"GY-{number}")) for number in range(4)}

    # when
    with ThreadPoolExecutor(max_workers=4) as pool:
        made = list(
            pool.map(lambda turn: (turn % 4, pdf.render("receipt", receipt(number=f"GY-{turn % 4}"))), range(24))
        )

    # then
    assert all(content == expected[number] for number, content in made)
    assert len(set(expected.values())) == 4


@pytest.mark.parametrize("name", ["nothing", "../receipt", "receipt.typ", "/etc/passwd", ""])
def test_only_a_template_of_the_portal_is_rendered(name: str) -> None:
    # then
    with pytest.raises(ValueError, match="template"):
        pdf.render(name, {})


@pytest.mark.skipif(not SYSTEM_FAMILIES & pdf.CHINESE_FAMILIES, reason="needs a Chinese font on the system")
def test_without_the_fonts_of_the_set_up_those_of_the_system_stand_in(settings: Settings, tmp_path: Path) -> None:
    # given
    settings.DOCUMENT_FONT_DIR = tmp_path / "none"

    # then
    assert "开放需求申请回执" in text_of(pdf.render("receipt", receipt()))


@pytest.mark.skipif(bool(SYSTEM_FAMILIES & pdf.CHINESE_FAMILIES), reason="needs a system without a Chinese font")
def test_without_any_chinese_font_no_empty_paper_is_made(settings: Settings, tmp_path: Path) -> None:
    # given
    settings.DOCUMENT_FONT_DIR = tmp_path / "none"

    # then
    with pytest.raises(ImproperlyConfigured, match="DOCUMENT_FONT_DIR"):
        pdf.render("receipt", receipt())


def test_a_telephone_reads_the_code_of_a_printed_receipt() -> None:
    assert codes_on(pdf.render("receipt", receipt())) == [ADDRESS]
    assert codes_on(pdf.render("receipt", receipt(verify=None))) == []


def test_a_code_is_a_drawing_that_scales_and_names_no_other_host() -> None:
    # when
    drawing = qr.svg(ADDRESS)

    # then
    root = ET.fromstring(drawing)  # noqa: S314  our own drawing
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib
    assert "<script" not in drawing
    assert qr.svg(ADDRESS) == drawing
    assert qr.svg(ADDRESS + "x") != drawing


def test_a_due_day_is_one_whole_day_with_a_reminder_the_day_before() -> None:
    # given
    summary = "答复期限：GY-2026-00817；公交, 实时\\位置"
    description = "依据第二十一条第一款。\n" + "到当天二十四时为止。" * 20

    # when
    content = ics("GY-2026-00817@data.guiyang.example", summary, dt.date(2026, 12, 3), description)

    # then
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2026, 12, 3), dt.date(2026, 12, 4))
    assert str(event["summary"]) == summary
    assert str(event["description"]) == description
    assert str(event["uid"]) == "GY-2026-00817@data.guiyang.example"
    assert event.walk("VALARM")[0]["trigger"].dt == dt.timedelta(days=-1)


def test_a_day_that_is_counted_again_replaces_the_first_even_where_it_is_earlier() -> None:
    first = ics("u@x", "期限", dt.date(2026, 12, 3), "说明")
    second = ics("u@x", "期限", dt.date(2026, 12, 2), "说明", generation=2)
    found = [Calendar.from_ical(content).walk("VEVENT")[0] for content in (first, second)]
    assert [int(event["sequence"]) for event in found] == [0, 1]
    assert found[0]["uid"] == found[1]["uid"]


def test_a_calendar_file_is_folded_and_the_same_each_time() -> None:
    # given
    arguments = ("u@x", "期限", dt.date(2026, 12, 3), "说明" * 100)

    # when
    content = ics(*arguments)

    # then
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"DTSTART;VALUE=DATE:20261203" in lines
    assert content == ics(*arguments)
