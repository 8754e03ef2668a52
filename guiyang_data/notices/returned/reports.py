"""What a returned mail says: given up for good, given up after trying, still trying. Needs nothing of the portal.

Read are delivery status notifications (RFC 3464, and RFC 6533 for addresses beyond ASCII), the failure header of Exim
(``X-Failed-Recipients``, which Gmail writes too), and qmail's bounce format (QSBMF). Everything else is not guessed at.
"""

from __future__ import annotations

import base64
import binascii
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from enum import StrEnum
from itertools import islice

STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
MOST_PARTS = 100
"""Parts, and groups of fields, of one message that are looked at: whoever sends more does not report a mail of ours."""
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_WORD = re.compile(r"[a-z]+")
_BLANK_LINES = re.compile(r"\r?\n[ \t]*(?:\r?\n[ \t]*)+")
_QSBMF = "Hi. This is the"
"""How a bounce of qmail begins (https://cr.yp.to/proto/qsbmf.txt)."""


class Verdict(StrEnum):
    """What became of the mail, as the last server that had it tells."""

    REFUSED = "refused"
    UNREACHED = "unreached"
    NOT_FINAL = "not-final"


@dataclass(frozen=True, kw_only=True)
class Report:
    """``status``: the enhanced code (RFC 3463), empty where none is told. ``said``: the words of the other server."""

    verdict: Verdict
    status: str = ""
    said: str = ""


def parsed(raw: bytes) -> Message | None:
    """The message; None where it is nested deeper than anybody nests a mail."""
    try:
        return email.message_from_bytes(raw)
    except RecursionError:
        return None


def report_of(message: Message) -> Report | None:
    """What the message reports; None where it reports nothing that is understood (an answer, an absence, spam).

    Where it reports on several receivers (the address stood for a list), one that failed counts.
    """
    reports = [report for part in _status_parts(message) for report in _reports_in(part)]
    final = [report for report in reports if report.verdict != Verdict.NOT_FINAL]
    return next(iter([*final, *reports]), None) or _failed_header(message) or _qsbmf(message)


def _status_parts(message: Message) -> Iterator[Message]:
    """The reports of the message itself, not of one that it returns."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_type() in STATUS_TYPES:
            yield part
        elif part.get_content_maintype() == "multipart":
            waiting += _inside(part)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _reports_in(part: Message) -> Iterator[Report]:
    for fields in islice(_groups(part), MOST_PARTS):
        report = _report(fields)
        if report is not None:
            yield report


def _groups(part: Message) -> Iterator[Message]:
    """The groups of fields between blank lines: of the message first, then of each receiver."""
    blocks = _inside(part)
    yield from blocks
    for block in blocks or [part]:
        body = block.get_payload()
        if isinstance(body, str) and body.strip():
            for text in _BLANK_LINES.split(_decoded(body, part)):
                yield HeaderParser().parsestr(text.strip())


def _decoded(body: str, part: Message) -> str:
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return body
    try:
        return base64.b64decode(body, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _report(fields: Message) -> Report | None:
    action = _WORD.match(str(fields.get("Action", "")).strip().lower())
    status = _STATUS.search(str(fields.get("Status", "")))
    if action is None and status is None:
        return None
    code, given_up = status[1] if status else "5", action is not None and action[0] == "failed"
    verdict = Verdict.NOT_FINAL
    if given_up:
        verdict = Verdict.UNREACHED if code == "4" else Verdict.REFUSED
    elif action is None and code == "5":
        verdict = Verdict.REFUSED
    said = " ".join(str(fields.get("Diagnostic-Code", "")).split())
    return Report(verdict=verdict, status=status[0] if status else "", said=said)


def _failed_header(message: Message) -> Report | None:
    return Report(verdict=Verdict.REFUSED) if message.get("X-Failed-Recipients") else None


def _qsbmf(message: Message) -> Report | None:
    body = message.get_payload()
    if message.get_content_type() != "text/plain" or not isinstance(body, str) or not body.startswith(_QSBMF):
        return None
    told = next((text for text in _BLANK_LINES.split(body)[1:] if text.startswith("<")), "")
    status = _STATUS.search(told)
    return Report(
        verdict=Verdict.UNREACHED if status and status[1] == "4" else Verdict.REFUSED,
        status=status[0] if status else "",
        said=" ".join(told.split()),
    )
