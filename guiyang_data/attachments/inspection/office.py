"""What all packed office files have in common: properties, comments, embedded files and pictures."""

from __future__ import annotations

import io
import re
import zipfile

from guiyang_data.attachments.inspection.findings import Findings, Unreadable
from guiyang_data.attachments.inspection.packages import local, text_of, tree, whole
from guiyang_data.attachments.inspection.pictures import read_picture

PROPERTIES = {"creator": "作者", "lastModifiedBy": "最后修改者", "Company": "单位", "Manager": "主管"}
PROGRAMS = {"openpyxl", "python-docx", "xlsxwriter", "calamine"}
"""What programs write in place of an author: it names nobody."""
MOSTPICTURES = 100
_EMBEDDED = re.compile(r"^(xl|word|ppt)/(embeddings|activeX)/[^/]+\.(?!xml$|rels$)\w+$")
PICTURES = re.compile(r"^(xl|word|ppt)/media/.+\.(jpe?g|png|tiff?)$", re.IGNORECASE)
_COMMENTS = re.compile(r"^(xl/(comments\d*|comments/\w+|threadedComments/\w+)|word/comments)\.xml$")


def read_office(package: zipfile.ZipFile, findings: Findings) -> None:
    """Properties, comments, embedded files and the data of pictures of a package."""
    names = package.namelist()
    _properties(package, names, findings)
    for name in names:
        if _COMMENTS.match(name):
            _comments(package, name, findings)
    findings.add("embedded-files", "文件", count=sum(1 for name in names if _EMBEDDED.match(name)))
    pictures = [name for name in names if PICTURES.match(name)]
    for name in pictures[:MOSTPICTURES]:
        place = f"图片 {name.rsplit('/', 1)[-1]}"
        try:
            read_picture(io.BytesIO(whole(package, name)), place, findings, unread=False)
        except Unreadable as error:
            findings.add("not-checked", place, sample=str(error))
    findings.add("unread-picture", "文件中的图片", count=len(pictures), is_hidden=False)


def _properties(package: zipfile.ZipFile, names: list[str], findings: Findings) -> None:
    for name in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"):
        if name not in names:
            continue
        root = tree(whole(package, name))
        findings.read(" ".join(root.itertext()), "文件属性", is_hidden=True)
        for element in root.iter():
            label = PROPERTIES.get(local(element.tag), "")
            if name == "docProps/custom.xml" and local(element.tag) == "property":
                label = f"自定义属性 {element.get('name', '')}"
            text = text_of(element).strip() if label else ""
            if text and text not in PROGRAMS:
                findings.add("author", label, sample=text)


def _comments(package: zipfile.ZipFile, name: str, findings: Findings) -> None:
    root = tree(whole(package, name))
    comments = [element for element in root.iter() if local(element.tag) in {"comment", "threadedComment"}]
    texts = [text_of(element).strip() for element in comments]
    findings.add("comments", "批注", count=len(texts), sample=next((text for text in texts if text), ""))
    findings.read_each(texts, "批注", is_hidden=True)
