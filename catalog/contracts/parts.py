"""What every part of this library speaks of: a place in a document, what is wrong there, and why nothing was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

MOST_FAULTS = 20
"""Faults that are told at a time; with these mended, the next are told."""


class Unreadable(Exception):
    """The document cannot be read at all; the message (Chinese) says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in a document: ``where`` (a path in it; empty: the whole), ``what`` (Chinese, a whole sentence)."""

    where: str
    what: str

    def as_dict(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    @property
    def text(self) -> str:
        """Both in one line."""
        return f"{self.where}：{self.what}" if self.where else self.what


def place(path: Iterable[object]) -> str:
    """A path in a document as it is read: ``paths → /stops → get``."""
    return " → ".join(str(step) for step in path)
