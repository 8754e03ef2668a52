"""One file looked through, whatever it is."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from guiyang_data.attachments.inspection.findings import NOT_CHECKED, Finding, Findings, Unreadable
from guiyang_data.attachments.inspection.old_sheets import read_old_sheets
from guiyang_data.attachments.inspection.packages import opened
from guiyang_data.attachments.inspection.pdf import read_pdf
from guiyang_data.attachments.inspection.pictures import read_picture
from guiyang_data.attachments.inspection.sheets import read_sheets
from guiyang_data.attachments.inspection.texts import read_csv, read_text
from guiyang_data.attachments.inspection.word import read_word

MOST_MEMBERS = 200
DEEPEST = 1
"""Archives within an archive are looked into once."""
OLD = "旧的二进制格式读不出内容，请另存为 DOCX、XLSX 或者 PDF"


def inspect_file(path: Path, name: str) -> list[Finding]:
    """What was found in the file called ``name``; one that cannot be read is a finding ``not-checked``."""
    findings = Findings()
    read_any(path, name, findings, depth=0)
    return findings.all()


def read_any(path: Path, name: str, findings: Findings, *, depth: int) -> None:
    """Look through a file by its extension; what cannot be read is noted with its reason."""
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    try:
        if extension == "zip":
            _read_archive(path, findings, depth)
            return
        reader = _reader(extension, path)
        if reader is None:
            raise Unreadable("这种文件的内容读不出来")  # noqa: TRY301
        reader(path, findings)
    except Unreadable as error:
        findings.add(NOT_CHECKED, "文件", sample=str(error))


def _reader(extension: str, path: Path) -> Callable[[Path, Findings], None] | None:
    if extension in {"et", "wps"}:  # either of two formats under one name
        packed = zipfile.is_zipfile(path)
        extension = {"et": "xlsx" if packed else "xls", "wps": "docx" if packed else "doc"}[extension]
    return _READERS.get(extension)


def _old(path: Path, findings: Findings) -> None:
    raise Unreadable(OLD)


def _picture(path: Path, findings: Findings) -> None:
    read_picture(path, "图片", findings)


_READERS: dict[str, Callable[[Path, Findings], None]] = {
    "xlsx": read_sheets,
    "xls": read_old_sheets,
    "docx": read_word,
    "doc": _old,
    "pdf": read_pdf,
    "csv": read_csv,
    "txt": read_text,
    "json": read_text,
    "png": _picture,
    "jpg": _picture,
    "jpeg": _picture,
}


def _read_archive(path: Path, findings: Findings, depth: int) -> None:
    if depth > DEEPEST:
        raise Unreadable("压缩包套了太多层")
    with opened(path) as archive:
        members = [item for item in archive.infolist() if not item.is_dir()]
        if len(members) > MOST_MEMBERS:
            raise Unreadable(f"压缩包里超过 {MOST_MEMBERS} 个文件")
        for member in members:
            _read_member(archive, member, findings, depth)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, findings: Findings, depth: int) -> None:
    inside = findings.inside(f"压缩包内「{member.filename[-60:]}」")
    if member.flag_bits & 1:
        inside.add(NOT_CHECKED, "文件", sample="加了密码")
        return
    with tempfile.NamedTemporaryFile() as copy:
        try:
            with archive.open(member) as content:
                shutil.copyfileobj(content, copy)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
            inside.add(NOT_CHECKED, "文件", sample="已损坏，打不开")
            return
        copy.flush()
        read_any(Path(copy.name), member.filename, inside, depth=depth + 1)
