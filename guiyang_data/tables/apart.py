"""Spreadsheets and Parquet read in processes of their own: what such a file says of its size is believed by its reader.

One changed number in a file of some kilobytes asks for more memory than any machine has, and ends the process that
reads it. The programs are ``sheets_apart`` and ``parquet_apart``: JSON on standard output, many rows a line.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import orjson

from guiyang_data.tables.refusals import NOTHING_LOST, LoadRefused

if TYPE_CHECKING:
    # what stands there takes these processes longer to load than most files to read
    from guiyang_data.tables.batches import Row

HOME = Path(__file__).resolve().parents[2]
MOST_SECONDS = 600
MOST_ROWS, MOST_SIGNS = 500, 4 * 1024**2
"""Of how many rows, and of how many signs, a line is made."""
LONGEST_ROW = 64 * 1024**2
BEGUN, ENDED = "begun", "ended"


class Reader(Protocol):
    """What gives the rows of one file."""

    def rows(self) -> Iterator[Row]: ...
    def done_bytes(self) -> int: ...


class ApartReader:
    """Rows of a file as a program gives them. ``broken``: what is said of a file that ended its reader."""

    encoding = ""

    def __init__(self, program: str, path: Path, *more: str, broken: str) -> None:
        self._done, self._broken = 0, broken
        # nothing of the portal's own settings, whose secrets a file of unknown making must not come near
        surroundings = {"PATH": os.defpath, "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", f"guiyang_data.tables.{program}", str(path.resolve()), *more],
            cwd=HOME,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._told()
        except BaseException:
            self.close()
            raise

    def rows(self) -> Iterator[Row]:
        while isinstance(told := self._told(), list):
            self._done, rows = told
            yield from rows

    def _told(self) -> Any:
        """The next line. Raises LoadRefused where it says so, and where the process broke off."""
        stream = self._process.stdout
        text = stream.readline() if stream is not None else b""
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise LoadRefused(self._broken) from error
        if isinstance(told, dict):
            raise LoadRefused(told["refused"])
        return told

    def done_bytes(self) -> int:
        return self._done

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def bounded(*, memory: int) -> None:
    """Let this process have so many bytes of memory and no more than its time, and leave no image of itself."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, MOST_SECONDS), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def tell(opened: Callable[[], Reader], out: BinaryIO) -> None:
    """Write rows: first and last a word, between them ``[bytes done, [[line, cells], …]]``; or what is wrong."""

    def say(what: object) -> None:
        out.write(orjson.dumps(what, option=orjson.OPT_APPEND_NEWLINE))

    try:
        reader = opened()
        say(BEGUN)
        out.flush()
        for rows in _pieces(reader.rows()):
            say([reader.done_bytes(), rows])
        say(ENDED)
    except LoadRefused as refused:
        say({"refused": refused.message.removesuffix(NOTHING_LOST)})


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    signs = 0
    for line, cells in rows:
        length = sum(map(len, cells))
        if length > LONGEST_ROW:
            raise LoadRefused(f"第{line}行的内容过长。请检查这一行后重新上传，")
        piece.append((line, cells))
        signs += length
        if len(piece) >= MOST_ROWS or signs >= MOST_SIGNS:
            yield piece
            piece, signs = [], 0
    if piece:
        yield piece
