"""A copy of a file without what its reader does not see. What is seen stays, so numbers in plain sight stay too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

from guiyang_data.attachments.inspection.clean_sheets import clean_sheets
from guiyang_data.attachments.inspection.clean_word import clean_word
from guiyang_data.attachments.inspection.findings import Unreadable
from guiyang_data.attachments.inspection.pdf import BROKEN, layers_off, notes_of, resolved
from guiyang_data.attachments.inspection.pictures import clean_picture

UNSEEN = ("/AA", "/Metadata", "/PieceInfo", "/Thumb", "/B")
"""Entries of a page that no reader sees."""


def clean_file(path: Path, name: str, target: Path) -> None:
    """Write the cleaned copy of the file called ``name`` to ``target``; ``Unreadable`` where there can be none."""
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    cleaner = CLEANERS.get(extension)
    if cleaner is None:
        raise Unreadable("这种文件不能自动清理，请用原程序处理后重新上传")
    cleaner(path, target)


def _clean_pdf(path: Path, target: Path) -> None:
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("文件加了密码，不能清理")
        root = resolved(reader.trailer["/Root"])
        if layers_off(root):
            raise Unreadable("文件有关闭的图层，不能自动清理，请用原程序合并图层后重新导出")
        if resolved(root.get("/AcroForm", {})).get("/SigFlags"):
            raise Unreadable("文件有电子签名，清理会使签名失效。请重新导出后再签")
        writer = PdfWriter()
        for page in reader.pages:
            _clean_page(page)
            writer.add_page(page)
        writer.metadata = None
        writer.write(target)
    except BROKEN as error:
        raise Unreadable("文件打不开，可能已损坏") from error


def _clean_page(page: PageObject) -> None:
    for name in UNSEEN:
        page.pop(name, None)
    if "/Annots" in page:
        notes = [id(note) for note in notes_of(page)]
        kept = [one for one in resolved(page["/Annots"]) if id(resolved(one)) not in notes]
        page[NameObject("/Annots")] = ArrayObject(kept)


CLEANERS: dict[str, Callable[[Path, Path], None]] = {
    "xlsx": clean_sheets,
    "docx": clean_word,
    "pdf": _clean_pdf,
    "png": clean_picture,
    "jpg": clean_picture,
    "jpeg": clean_picture,
}
