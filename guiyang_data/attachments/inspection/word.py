"""DOCX: revisions, hidden words, comments, and numbers of persons in seen and unseen text."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from guiyang_data.attachments.inspection.findings import Findings, Unreadable
from guiyang_data.attachments.inspection.office import read_office
from guiyang_data.attachments.inspection.packages import local, opened, tree, whole

BODY = re.compile(r"^word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml$")
"""Parts whose text a reader sees."""
GONE = {"del", "moveFrom"}
"""What revisions have removed and the file still holds."""
CHANGES = GONE | {"ins", "moveTo", "rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange"}


def read_word(path: Path, findings: Findings) -> None:
    """Everything a DOCX hides, and the numbers of persons in its text."""
    with opened(path) as package:
        if "word/document.xml" not in package.namelist():
            raise Unreadable("不是 DOCX 格式的文档，请另存为 DOCX")
        read_office(package, findings)
        for name in package.namelist():
            if BODY.match(name):
                _read_body(tree(whole(package, name)), findings)
        _read_settings(package, findings)


def _read_settings(package: zipfile.ZipFile, findings: Findings) -> None:
    linked = [
        element.get("Target", "")
        for name in package.namelist()
        if name.startswith("word/_rels/") and name.endswith(".rels")
        for element in tree(whole(package, name))
        if element.get("TargetMode") == "External" and not element.get("Type", "").endswith("/hyperlink")
    ]
    findings.add("external-links", "文档", count=len(linked), sample=next(iter(linked), ""))


def _read_body(root: Any, findings: Findings) -> None:
    findings.add("tracked-changes", "正文", count=sum(1 for element in root.iter() if local(element.tag) in CHANGES))
    hidden = 0
    for paragraph in root.iter("{*}p"):
        seen: list[str] = []
        unseen: list[str] = []
        for run in paragraph.iter("{*}r"):
            if _paragraph_of(run) is not paragraph:
                continue
            vanishes = is_vanishing(run)
            hidden += vanishes
            (unseen if vanishes or is_gone(run) else seen).append(_words(run))
        findings.read("".join(seen), "正文", is_hidden=False)
        findings.read("".join(unseen), "正文中看不到的文字", is_hidden=True)
    findings.add("hidden-text", "正文", count=hidden)


def _paragraph_of(run: Any) -> Any:
    return next(run.iterancestors("{*}p"), None)


def _words(run: Any) -> str:
    return "".join(element.text or "" for element in run.iter("{*}t", "{*}delText", "{*}instrText"))


def is_gone(run: Any) -> bool:
    """Whether a revision removed it."""
    return any(local(parent.tag) in GONE for parent in run.iterancestors())


def is_vanishing(run: Any) -> bool:
    """Whether it is formatted as hidden."""
    for mark in run.iterfind("{*}rPr/{*}vanish"):
        value = next((text for key, text in mark.attrib.items() if local(key) == "val"), "1")
        return value not in {"0", "false", "off"}
    return False
