"""Which files are taken in, and whether a file is what its name says."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import orjson

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHUNK = 1 << 20
MOST_MEMBERS = 10_000
"""Parts of an office file; a document has some hundreds at most."""
CONTROLS = bytes(set(range(32)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1A, 0x1B})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file: what it is served as, and the test of its content (the file stands at its beginning)."""

    media_type: str
    fits: Callable[[BinaryIO], bool]


def kind_of(extension: str, file: BinaryIO) -> Kind | None:
    """The kind named by the extension (small letters, without dot) if the content is of that kind, else nothing."""
    kind = KINDS.get(extension) or ARCHIVES.get(extension)
    if kind is None:
        return None
    file.seek(0)
    try:
        return kind if kind.fits(file) else None
    finally:
        file.seek(0)


def _begins(*signatures: bytes) -> Callable[[BinaryIO], bool]:
    return lambda file: file.read(16).startswith(signatures)


def _packed(*members: str) -> Callable[[BinaryIO], bool]:
    """A package that holds one of the members, and no macros."""

    def fits(file: BinaryIO) -> bool:
        if not file.read(4).startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(file) as package:
                names = package.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        has_macros = any(name.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for name in names)
        return len(names) <= MOST_MEMBERS and not has_macros and not set(members).isdisjoint(names)

    return fits


def _is_archive(file: BinaryIO) -> bool:
    """A ZIP that holds something and is no office file under another name."""
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return 0 < len(names) <= MOST_MEMBERS and "[Content_Types].xml" not in names


def _either(*tests: Callable[[BinaryIO], bool]) -> Callable[[BinaryIO], bool]:
    def fits(file: BinaryIO) -> bool:
        for test in tests:
            file.seek(0)
            if test(file):
                return True
        return False

    return fits


def _is_text(file: BinaryIO) -> bool:
    """UTF-8 or GB18030 without control characters; what spreadsheets write as UTF-16 is text as well."""
    beginning = file.read(2)
    encodings = ("utf-16",) if beginning in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ("utf-8", "gb18030")
    for encoding in encodings:
        file.seek(0)
        if _decodes(file, encoding):
            return True
    return False


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(CHUNK):
            if encoding != "utf-16" and chunk.translate(None, CONTROLS) != chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_json(file: BinaryIO) -> bool:
    try:
        orjson.loads(file.read().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        return False
    return True


_OOXML = "application/vnd.openxmlformats-officedocument"
_is_ole = _begins(OLE)
_is_word = _packed("word/document.xml")
_is_sheet = _packed("xl/workbook.xml", "xl/workbook.bin")
KINDS: dict[str, Kind] = {
    "pdf": Kind(media_type="application/pdf", fits=_begins(b"%PDF-")),
    "doc": Kind(media_type="application/msword", fits=_is_ole),
    "docx": Kind(media_type=f"{_OOXML}.wordprocessingml.document", fits=_is_word),
    "xls": Kind(media_type="application/vnd.ms-excel", fits=_is_ole),
    "xlsx": Kind(media_type=f"{_OOXML}.spreadsheetml.sheet", fits=_is_sheet),
    "ofd": Kind(media_type="application/ofd", fits=_packed("OFD.xml")),
    "wps": Kind(media_type="application/vnd.ms-works", fits=_either(_is_ole, _is_word)),
    "et": Kind(media_type="application/octet-stream", fits=_either(_is_ole, _is_sheet)),
    "csv": Kind(media_type="text/csv", fits=_is_text),
    "txt": Kind(media_type="text/plain", fits=_is_text),
    "json": Kind(media_type="application/json", fits=_is_json),
    "png": Kind(media_type="image/png", fits=_begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": Kind(media_type="image/jpeg", fits=_begins(b"\xff\xd8\xff")),
    "jpeg": Kind(media_type="image/jpeg", fits=_begins(b"\xff\xd8\xff")),
}
"""By extension. Archives are not taken, but where every member is looked into before it leaves (``ARCHIVES``)."""
ARCHIVES: dict[str, Kind] = {"zip": Kind(media_type="application/zip", fits=_is_archive)}
KINDS_IN_WORDS = "PDF、OFD、DOC(X)、XLS(X)、WPS、ET、CSV、TXT、JSON、PNG、JPG"
