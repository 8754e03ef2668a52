"""Formulas of an XLSX that nobody computed: the file has the formula and no result, and readers see a blank cell.

Programs that write spreadsheets leave it so; the result is only there once a person has opened and saved the file.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from typing import IO

from lxml import etree

from guiyang_data.tables.refusals import LoadRefused

UNCOMPUTED = "（公式没有结果）"
"""Stands in the place of such a cell on its way to the check, also in the list of refused rows that is loaded again."""
NO_RESULT = "公式没有结果，请用表格软件打开文件，保存后重新上传，或者改填数值"

MOST = 200_000
CHUNK, LONGEST_CELL = 1024**2, 80 * 1024
_PREFIX = rb"(?:[A-Za-z]\w{0,20}:)?"
_FORMULA = re.compile(rb"<" + _PREFIX + rb"f[ />]")
_WITHOUT_RESULT = re.compile(
    rb"(?:</" + _PREFIX + rb"f>|<" + _PREFIX + rb"f(?: [^<>]{0,400})?/>)\s{0,9}"
    rb"(?:<" + _PREFIX + rb"v ?/>|<" + _PREFIX + rb"v>\s{0,9}</" + _PREFIX + rb"v>)?\s{0,9}"
    rb"</" + _PREFIX + rb"c>"
)
_CELL = re.compile(rb"<" + _PREFIX + rb"c(?: ([^<>]{0,400}))?>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_IS_TEXT = re.compile(rb'\bt="str"')


def has_formulas(chunk: bytes) -> bool:
    """Whether a piece of a sheet's XML has a formula."""
    return _FORMULA.search(chunk) is not None


def uncomputed_cells(archive: zipfile.ZipFile, sheet_name: str) -> dict[int, list[int]]:
    """Line -> columns (both from 1) of the cells of a sheet whose formula has no result.

    Raises LoadRefused where they are too many to be named, or their places cannot be told.
    """
    part = _part_of(archive, sheet_name)
    if part is None:
        return {}
    found: dict[int, set[int]] = {}
    with archive.open(part) as sheet:
        for number, (line, column) in enumerate(_places(sheet), start=1):
            found.setdefault(line, set()).add(column)
            if number > MOST:
                raise LoadRefused("电子表格里大量公式没有结果。请用表格软件打开文件，保存后重新上传，")
    return {line: sorted(columns) for line, columns in sorted(found.items())}


def _places(sheet: IO[bytes]) -> Iterator[tuple[int, int]]:
    kept = b""
    while chunk := sheet.read(CHUNK):
        text = kept + chunk
        end = 0
        for match in _WITHOUT_RESULT.finditer(text):
            # the formula's own cell is the last that begins before it
            cells = deque(_CELL.finditer(text, max(end, match.start() - LONGEST_CELL), match.start()), maxlen=1)
            end = match.end()
            yield from _place((cells[0].group(1) if cells else None) or b"")
        kept = text[max(end, len(text) - LONGEST_CELL) :]


def _place(attributes: bytes) -> Iterator[tuple[int, int]]:
    if _IS_TEXT.search(attributes):
        return  # an empty text is a result
    place = _PLACE.search(attributes)
    if place is None:
        raise LoadRefused("电子表格里有公式没有结果。请用表格软件打开文件，保存后重新上传，")
    yield int(place.group(2)), column_number(place.group(1))


def column_number(name: bytes) -> int:
    """The number of a column by its letters: A is 1."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _part_of(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    names = set(archive.namelist())
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, relations} <= names:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        sheets = etree.fromstring(archive.read(book), parser).iterfind(".//{*}sheet")
        ids = [value for sheet in sheets if sheet.get("name") == sheet_name for value in _ids(sheet)]
        targets = {one.get("Id"): one.get("Target", "") for one in etree.fromstring(archive.read(relations), parser)}
    except etree.XMLSyntaxError:
        return None
    target = next((targets[one] for one in ids if one in targets), "")
    part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return part if part in names else None


def _ids(sheet: etree._Element) -> list[str]:
    return [str(value) for name, value in sheet.attrib.items() if str(name).endswith("}id")]
