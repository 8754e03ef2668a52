"""A document with only what its reader sees: revisions taken as they stand, no hidden words, comments or properties."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from guiyang_data.attachments.inspection.findings import Unreadable
from guiyang_data.attachments.inspection.office import PICTURES, PROPERTIES
from guiyang_data.attachments.inspection.packages import local, opened, tree, whole
from guiyang_data.attachments.inspection.pictures import clean_picture
from guiyang_data.attachments.inspection.word import BODY, GONE, is_vanishing

DROPPED = re.compile(
    r"^(word/(comments\w*|people)\.xml|word/(embeddings|activeX)/.*|customXml/.*|docProps/(custom\.xml|thumbnail\..*))$"
)
"""Parts that a reader does not see."""
MARKS = {
    "commentRangeStart",
    "commentRangeEnd",
    "commentReference",
    "annotationRef",
    "object",
    "control",
    "attachedTemplate",
}
FORMERLY = {"rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange"}
UNWRAPPED = {"ins", "moveTo"}


def clean_word(path: Path, target: Path) -> None:
    """Write the copy: removed words go, inserted ones stay."""
    with opened(path) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        names = package.namelist()
        if "word/document.xml" not in names:
            raise Unreadable("不是 DOCX 格式的文档")
        dropped = {name for name in names if DROPPED.match(name)}
        for name in names:
            if name not in dropped:
                made.writestr(name, _cleaned(package, name, dropped))


def _cleaned(package: zipfile.ZipFile, name: str, dropped: set[str]) -> bytes:
    content = whole(package, name)
    if BODY.match(name) or name == "word/settings.xml":
        return _written(_clean_body(tree(content)))
    if name in {"docProps/core.xml", "docProps/app.xml"}:
        return _written(_clean_properties(tree(content)))
    if PICTURES.match(name):
        picture = io.BytesIO()
        clean_picture(io.BytesIO(content), picture)
        return picture.getvalue()
    if name.endswith(".rels"):
        return _written(_clean_relations(tree(content), name, dropped))
    if name == "[Content_Types].xml":
        return _written(_clean_types(tree(content), dropped))
    return content


def _written(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _clean_body(root: Any) -> Any:
    for element in list(root.iter()):
        name = local(element.tag)
        if name in GONE | MARKS | FORMERLY or (name == "r" and is_vanishing(element)):
            _remove(element)
    for element in list(root.iter()):
        if local(element.tag) in UNWRAPPED:
            _unwrap(element)
    return root


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _unwrap(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for offset, child in enumerate(list(element)):
        parent.insert(place + offset, child)
    parent.remove(element)


def _clean_properties(root: Any) -> Any:
    for element in root.iter():
        if local(element.tag) in PROPERTIES:
            element.text = ""
    return root


def _clean_relations(root: Any, name: str, dropped: set[str]) -> Any:
    folder = posixpath.dirname(posixpath.dirname(name))
    for relation in list(root):
        target = relation.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if part in dropped or relation.get("Type", "").endswith("/attachedTemplate"):
            root.remove(relation)
    return root


def _clean_types(root: Any, dropped: set[str]) -> Any:
    for override in list(root):
        if override.get("PartName", "").lstrip("/") in dropped:
            root.remove(override)
    return root
