"""What people write, without the signs that nobody sees: they break feeds, sheets and mails, or hide what is said."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff]"
)
"""Control signs, signs that turn the direction of writing, blanks without width, and code points that are no signs."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ENDS = "。！？；…!?;."
"""What ends a sentence."""


def legible(text: str) -> str:
    """A text of several lines as it is kept: line ends and tabs stay, unseen signs go."""
    if text.isprintable():
        return text.strip()
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """A title or name as it is kept: one line, single blanks, no unseen signs. Safe as the subject of a mail."""
    return " ".join(legible(text).split())


def sentence(text: str) -> str:
    """What somebody wrote, as a sentence that another may follow: with a full stop, and never with two."""
    said = text.strip()
    return said if not said or said[-1] in ENDS else f"{said}。"


def fit_for_xml(text: str) -> str:
    """The text as XML 1.0 can hold it, for feeds and sheets: a single sign of another kind would spoil the whole."""
    return _NO_XML.sub("", text)
