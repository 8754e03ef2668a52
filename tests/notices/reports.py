"""The form of a delivery report (RFC 3464) around what one server writes into it."""

from __future__ import annotations

from collections.abc import Callable

LOST = "someone@mail.example"
"""The address that could not be reached."""
Bounce = Callable[[str], bytes]
"""Makes the message for the address that it is returned to."""


def message(text: str, *, to: str) -> bytes:
    return text.replace("{to}", to).replace("\n", "\r\n").encode()


def report(to: str, *, status: str, head: str = "", text: str = "Sorry.", cte: str = "") -> bytes:
    """A multipart/report with ``status`` as its machine-readable part."""
    return message(
        f"""Return-Path: <>
{head or "From: MAILER-DAEMON@mx.example (Mail Delivery System)"}
To: {{to}}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1/mx.example"

This is a MIME-encapsulated message.

--B1/mx.example
Content-Type: text/plain; charset=utf-8

{text}

--B1/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status{cte}

{status}
--B1/mx.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: no-reply@data.guiyang.example
Subject: =?utf-8?b?5bey562U5aSN?=

body
--B1/mx.example--
""",
        to=to,
    )
