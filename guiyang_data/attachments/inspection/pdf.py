"""PDF: properties, notes, attachments, scripts, layers that are off, earlier versions, and numbers in the text.

Words below a black box are still text and are read like the rest; a box over a scanned page cannot be told from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject

from guiyang_data.attachments.inspection.findings import NOT_CHECKED, UNREAD_PICTURE, Findings, Unreadable

MOST_PAGES = 500
ORDINARY = {"/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped", "/Title", "/Subject", "/Keywords"}
"""Properties that name nobody."""
PART_OF_THE_PAGE = {"/Link", "/Widget"}
BROKEN = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the library raises on a damaged file."""
_END, _PREVIOUS = re.compile(rb"%%EOF"), re.compile(rb"/Prev\s+\d+")


def read_pdf(path: Path, findings: Findings) -> None:
    """Everything a PDF hides, and the numbers of persons in its text."""
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("文件加了密码")
        _read_properties(reader, findings)
        _read_catalog(reader, findings)
        for number, page in enumerate(reader.pages, start=1):
            if number > MOST_PAGES:
                findings.add(NOT_CHECKED, f"第 {number} 页以后", sample=f"页数太多，只检查了前 {MOST_PAGES} 页")
                break
            _read_page(page, number, findings)
    except BROKEN as error:
        raise Unreadable("文件打不开，可能已损坏") from error
    _read_versions(path.read_bytes(), findings)


def _read_properties(reader: PdfReader, findings: Findings) -> None:
    for name, value in (reader.metadata or {}).items():
        text = str(value).strip()
        findings.read(text, "文件属性", is_hidden=True)
        if text and name not in ORDINARY:
            findings.add("author", f"属性 {str(name).lstrip('/')}", sample=text)
    xmp = reader.xmp_metadata
    creators = list(xmp.dc_creator or []) if xmp is not None else []
    findings.add("author", "扩展属性", count=len(creators), sample="、".join(map(str, creators)))
    findings.read_each(map(str, creators), "文件属性", is_hidden=True)


def _read_catalog(reader: PdfReader, findings: Findings) -> None:
    root = resolved(reader.trailer["/Root"])
    findings.add("embedded-files", "文件", count=len(reader.attachments), sample="、".join(reader.attachments))
    names = resolved(root.get("/Names", {}))
    scripts = "/JavaScript" in names, "/AA" in root, resolved(root.get("/OpenAction", {})) or {}
    is_script = isinstance(scripts[2], DictionaryObject) and scripts[2].get("/S") == "/JavaScript"
    findings.add("scripts", "文件", count=scripts[0] + scripts[1] + is_script)
    findings.add("hidden-layers", "文件", count=layers_off(root))


def layers_off(root: Any) -> int:
    """How many layers are not shown when the file is opened."""
    shown = resolved(resolved(root.get("/OCProperties", {})).get("/D", {}))
    return len(resolved(shown.get("/OFF", ArrayObject())))


def _read_page(page: PageObject, number: int, findings: Findings) -> None:
    for note in notes_of(page):
        text = str(note.get("/Contents", ""))
        findings.add("annotations", f"第 {number} 页", sample=text)
        findings.read(text, f"第 {number} 页注释", is_hidden=True)
    text = page.extract_text()
    findings.read(text, f"第 {number} 页", is_hidden=False)
    if not text.strip():
        findings.add(UNREAD_PICTURE, "没有文字层的页", is_hidden=False)


def notes_of(page: PageObject) -> Iterator[Any]:
    """Notes on a page; links and form fields are part of it."""
    for reference in resolved(page.get("/Annots", ArrayObject())):
        note = resolved(reference)
        if note.get("/Subtype") not in PART_OF_THE_PAGE:
            yield note


def _read_versions(content: bytes, findings: Findings) -> None:
    """A file saved over and over keeps what it was before behind the new beginning."""
    is_linear = b"/Linearized" in content[:2048]
    versions = min(len(_END.findall(content)), len(_PREVIOUS.findall(content)) + 1) - 1 - is_linear
    findings.add("earlier-versions", "文件", count=versions)


def resolved(value: Any) -> Any:
    """What a reference of the file points to; anything else as it is."""
    return value.get_object() if hasattr(value, "get_object") else value
