"""Where files land: stored whole, with their checksum, before anything reads them."""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.core.files.base import File

from catalog.models import Load, PushedContent
from catalog.workflow import GATHER
from guiyang_data.attachments.services import clean_name
from guiyang_data.errors import RuleBroken, Unavailable
from guiyang_data.inserting import insert_many

logger = logging.getLogger(__name__)

FOLDER = "landing"
CHUNK = 1024**2
QUICKLY = 1
"""How hard content is pressed; harder takes a sender longer than it saves."""


@dataclass(frozen=True, kw_only=True)
class Landed:
    """A file as it came. ``path`` is relative to the data folder; empty where it is kept in the database."""

    file_name: str
    path: str
    size: int
    sha256: str


def land(uploaded: File, *, folder: str, file_name: str = "", is_limited: bool = True) -> Landed:
    """Store a file whole. Raises RuleBroken, and leaves nothing, where it is empty or over the limit of uploads.

    Raises Unavailable, and leaves nothing, where the disk is full.
    """
    shown, limit = clean_name(file_name or uploaded.name or ""), settings.UPLOAD_LIMIT_BYTES if is_limited else None
    with _place(folder, "文件没有接收，原有数据没有变动。请稍后重新上传。") as (relative, part):
        size, digest = _copy(uploaded, part, shown, limit=limit)
    return Landed(file_name=shown, path=relative, size=size, sha256=digest)


def land_bytes(content: bytes, *, folder: str, file_name: str) -> Landed:
    """Store what a system sent, whole and on the disk itself: its receipt must be good for it.

    Raises Unavailable, and leaves nothing, where the disk is full.
    """
    with (
        _place(folder, "这一批没有接收，原有数据没有变动。请稍后原样重发。") as (relative, part),
        part.open("wb") as out,
    ):
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return as_landed(content, file_name=file_name, path=relative)


def as_landed(content: bytes, *, file_name: str, path: str = "") -> Landed:
    """What a system sent, told of as a file."""
    return Landed(file_name=clean_name(file_name), path=path, size=len(content), sha256=checksum(content))


def keep_content(load: Load, content: bytes) -> None:
    """Keep what a system sent beside its new batch, in the transaction that makes it: one flush is good for both."""
    insert_many([PushedContent(load=load, packed=zlib.compress(content, QUICKLY))])


def as_sent(loads: Sequence[Load]) -> list[bytes]:
    """What came with each batch, whole. Raises OSError where a file cannot be read."""
    found = PushedContent.objects.filter(load__in=[load.pk for load in loads if not load.landed_at])
    kept = {content.load_id: content.packed for content in found}
    return [zlib.decompress(kept[load.pk]) if load.pk in kept else load.landed.read_bytes() for load in loads]


@contextmanager
def _place(folder: str, what_now: str) -> Iterator[tuple[str, Path]]:
    """A place for a file: its path below the data folder, and where to write, which becomes it when all is there."""
    relative = Path(FOLDER) / folder / uuid.uuid4().hex
    target = Path(settings.DATA_DIR) / relative
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield str(relative), part
        part.replace(target)
    except OSError as failed:
        logger.exception("%s was not stored", target)
        raise Unavailable(f"平台存储空间不足或者出现故障，{what_now}", basis=GATHER) from failed
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def scratch_file() -> Iterator[IO[bytes]]:
    """A file without a name beside those that land, gone when it is closed or its process is.

    Raises Unavailable where the disk is full.
    """
    place = Path(settings.DATA_DIR) / FOLDER
    try:
        place.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=place) as made:
            yield made
    except OSError as failed:
        logger.exception("a scratch file in %s was not written", place)
        message = "平台存储空间不足或者出现故障，没有接收，原有数据没有变动。稍后会自动再试。"
        raise Unavailable(message, basis=GATHER) from failed


def checksum(content: bytes) -> str:
    """SHA-256, as receipts state it."""
    return hashlib.sha256(content).hexdigest()


def forget(landed: Landed) -> None:
    """Remove a file that nothing came to rest on."""
    if landed.path:
        (Path(settings.DATA_DIR) / landed.path).unlink(missing_ok=True)


def _copy(uploaded: File, part: Path, shown: str, *, limit: int | None) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    uploaded.seek(0)
    with part.open("wb") as out:
        for chunk in uploaded.chunks(CHUNK):
            size += len(chunk)
            if limit is not None and size > limit:
                raise _refused(
                    f"「{shown}」超过 {limit // 1024**2} MB，没有接收。请拆成几个文件，逐个以「追加」方式上传。"
                )
            digest.update(chunk)
            out.write(chunk)
    if size == 0:
        raise _refused(f"「{shown}」是空文件，没有接收。请检查后重新选择。")
    return size, digest.hexdigest()


def _refused(message: str) -> RuleBroken:
    return RuleBroken(message, basis=GATHER, fields={"file": message})
