"""Files with something hidden in them, made by the libraries that write such files. Every number in them is made up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import xlwt
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)

RESIDENT = "52010219900101123X"
MOBILE = "13985012345"
CARD = "6222021234567890128"


def saved(write: Callable[[Any], object]) -> bytes:
    """What a library writes, as bytes."""
    made = io.BytesIO()
    write(made)
    return made.getvalue()


def plain_sheet() -> bytes:
    """A workbook that hides nothing."""
    book = Workbook()
    book.active.append(["停车场", "泊位"])
    book.active.append(["筑城广场", 120])
    book.properties.creator = None
    return saved(book.save)


def hiding_sheet() -> bytes:
    """A workbook with everything a workbook can hide, and numbers of persons in seen and unseen cells."""
    book = Workbook()
    shown = book.active
    shown.title = "名单"
    shown.append(["停车场", "泊位", "联系电话", "备注"])
    for number in range(2, 8):
        shown.append([f"停车场{number}", number * 10, MOBILE if number < 4 else "", ""])
    shown["D6"] = RESIDENT
    shown.row_dimensions[6].hidden = True
    shown.column_dimensions["B"].hidden = True
    shown["A2"].comment = Comment(f"请核对 {CARD}", "王某")
    secret = book.create_sheet("底表")
    secret.append(["姓名", "身份证号"])
    secret.append(["甲", RESIDENT])
    secret.append(["乙", RESIDENT])
    secret.sheet_state = "veryHidden"
    filtered = book.create_sheet("筛选")
    for number in range(1, 6):
        filtered.append(["区", number])
    filtered.auto_filter.ref = "A1:B5"
    filtered.row_dimensions[3].hidden = True
    book.defined_names["旧表"] = DefinedName("旧表", attr_text="'[底稿.xlsx]Sheet1'!$A$1", hidden=True)
    book.properties.creator, book.properties.lastModifiedBy = "张某某", "李某某"
    return saved(book.save)


def hiding_old_sheet() -> bytes:
    """The same in the old format."""
    book = xlwt.Workbook()
    shown = book.add_sheet("名单")
    for number in range(6):
        shown.write(number, 0, f"停车场{number}")
        shown.write(number, 1, MOBILE)
    shown.row(4).hidden = True
    shown.col(1).hidden = True
    secret = book.add_sheet("底表")
    secret.write(0, 0, RESIDENT)
    secret.visibility = 2
    return saved(book.save)


def plain_word() -> bytes:
    """A document that hides nothing."""
    document = docx.Document()
    document.add_paragraph("经检索，本机关没有制作或者获取这项数据。")
    document.core_properties.author = ""
    return saved(document.save)


def hiding_word() -> bytes:
    """A document with revisions, a comment, hidden words, properties, and numbers of persons in them."""
    document = docx.Document()
    paragraph = document.add_paragraph(f"联系人电话 {MOBILE}。")
    gone = f'<w:del {nsdecls("w")} w:id="1" w:author="张某"><w:r><w:delText>{RESIDENT}</w:delText></w:r></w:del>'
    come = f'<w:ins {nsdecls("w")} w:id="2" w:author="张某"><w:r><w:t>新增的话</w:t></w:r></w:ins>'
    paragraph._p.append(parse_xml(gone))
    paragraph._p.append(parse_xml(come))
    hidden = document.add_paragraph().add_run("内部意见：不宜公开")
    hidden.font.hidden = True
    document.add_comment(hidden, text=f"卡号 {CARD}", author="李某", initials="L")
    document.core_properties.author = "张某某"
    return saved(document.save)


def word_with_template() -> bytes:
    """A document attached to a template on a server of the agency."""
    document = docx.Document(io.BytesIO(plain_word()))
    settings = document.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS)
    template = "file:///srv/templates/内部.dotx"
    kind = f"{RELATIONSHIP_TYPE.SETTINGS.rsplit('/', 1)[0]}/attachedTemplate"
    link = settings.relate_to(template, kind, is_external=True)
    document.settings.element.insert(0, parse_xml(f'<w:attachedTemplate {nsdecls("w", "r")} r:id="{link}"/>'))
    return saved(document.save)


def pdf_page(writer: PdfWriter, text: str) -> Any:
    """A page with one line of plain characters."""
    page = writer.add_blank_page(width=300, height=200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET 0 0 0 rg 10 90 200 30 re f".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    return page


def plain_pdf() -> bytes:
    """A PDF that hides nothing."""
    writer = PdfWriter()
    pdf_page(writer, "No such data is held.")
    writer.metadata = None
    return saved(writer.write)


def hiding_pdf() -> bytes:
    """A PDF with an author, a note, an attachment, a script, and a number below a black box."""
    writer = PdfWriter()
    pdf_page(writer, f"tel {MOBILE}")
    writer.add_annotation(0, FreeText(text=f"id {RESIDENT}", rect=(50, 50, 200, 80)))
    writer.add_attachment("draft.txt", b"draft")
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_metadata({"/Author": "Zhang", "/Company": "X"})
    return saved(writer.write)


def pdf_with_layer_off() -> bytes:
    """A PDF with a layer that is off when it is opened."""
    writer = PdfWriter()
    pdf_page(writer, "seen")
    layer = writer._add_object(DictionaryObject({NameObject("/Type"): NameObject("/OCG")}))
    off = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
    layers = DictionaryObject({NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): off})
    writer._root_object[NameObject("/OCProperties")] = layers
    return saved(writer.write)


def locked_pdf() -> bytes:
    """A PDF with a password."""
    writer = PdfWriter()
    pdf_page(writer, "seen")
    writer.encrypt("geheim-2026", algorithm="RC4-128")
    return saved(writer.write)


def pdf_saved_twice() -> bytes:
    """A PDF that holds its earlier version."""
    writer = PdfWriter(io.BytesIO(plain_pdf()), incremental=True)
    writer.pages[0][NameObject("/UserUnit")] = FloatObject(1)
    return saved(writer.write)


def photo() -> bytes:
    """A photograph that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "Camera", f"tel {MOBILE}"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (26.0, 38.0, 50.0)
    exif.get_ifd(0x8825)[3], exif.get_ifd(0x8825)[4] = "E", (106.0, 42.0, 20.0)
    picture = Image.new("RGB", (40, 30), "white")
    return saved(lambda made: picture.save(made, "JPEG", exif=exif))


def drawing() -> bytes:
    """A PNG with a text written into it."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "张某某")
    picture = Image.new("RGB", (40, 30), "white")
    return saved(lambda made: picture.save(made, "PNG", pnginfo=notes))


def archive(**members: bytes) -> bytes:
    """A ZIP of the members, ``a_csv`` standing for ``a.csv``."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(".".join(name.rsplit("_", 1)), content)
    return made.getvalue()


def uncomputed_sheet() -> bytes:
    """A workbook whose formula no program has computed yet."""
    book = Workbook()
    book.active.append([1, "=A1*2"])
    return saved(book.save)


def cells_of(path: Path) -> dict[str, list[list[str]]]:
    """The cells of a workbook by sheet, as text."""
    book = load_workbook(path)
    return {
        sheet.title: [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


def words_of(path: Path) -> str:
    """The text of a document."""
    return "".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
