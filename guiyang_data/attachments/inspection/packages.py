"""Members of a packed file (ZIP, office formats), within bounds."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from guiyang_data.attachments.inspection.findings import Unreadable

MOST_UNPACKED = 400 * 1024 * 1024
"""Bytes a file may unpack to as a whole."""
LARGEST_PART = 256 * 1024 * 1024
"""Bytes of one part that is read as a stream."""
LARGEST_TREE = 64 * 1024 * 1024
"""Bytes of one part that is read as a whole."""


def opened(path: Path) -> zipfile.ZipFile:
    """The package, where it unpacks to a size that can be read."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise Unreadable("文件已损坏，打不开") from error
    if sum(item.file_size for item in package.infolist()) > MOST_UNPACKED:
        package.close()
        raise Unreadable("展开后过大")
    return package


def whole(package: zipfile.ZipFile, name: str, limit: int = LARGEST_TREE) -> bytes:
    """One member, read to its end and no further than ``limit``."""
    try:
        with package.open(name) as member:
            content = member.read(limit + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(f"部件 {name} 打不开") from error
    if len(content) > limit:
        raise Unreadable(f"部件 {name} 过大")
    return content


def tree(content: bytes) -> Any:
    """The XML of a part; entities are not resolved and nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable("文件内容不完整") from error


def streamed(package: zipfile.ZipFile, name: str, target: Any) -> None:
    """Feed a part to a parser target (``start``, ``end``, ``data``, ``close``) piece by piece."""
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=True)
    read = 0
    try:
        with package.open(name) as member:
            while chunk := member.read(1 << 18):
                read += len(chunk)
                if read > LARGEST_PART:
                    raise Unreadable(f"部件 {name} 过大")
                parser.feed(chunk)
        parser.close()
    except (etree.XMLSyntaxError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"部件 {name} 打不开") from error


def local(tag: object) -> str:
    """The name of an element or attribute without its namespace; empty for comments and instructions."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def attribute(attributes: Any, name: str) -> str:
    """An attribute by its local name; empty where it is not there."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def text_of(element: Any) -> str:
    """All text within an element."""
    return "".join(element.itertext())
