"""Returned mails in the shapes in which servers write them. Written for these tests; names and hosts are made up."""

from __future__ import annotations

import base64

from tests.notices.reports import LOST, Bounce, message, report


def postfix(to: str) -> bytes:
    """A host that refused after our own server had taken the mail."""
    return report(
        to,
        head="""Delivered-To: {to}
Subject: Undelivered Mail Returned to Sender
From: MAILER-DAEMON@mx.example (Mail Delivery System)""",
        text=f"<{LOST}>: host mx.mail.example[192.0.2.7] said: 550 5.1.1 <{LOST}>: Recipient address rejected",
        status=f"""Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4D1F2A0C3B
X-Postfix-Sender: rfc822; {{to}}
Arrival-Date: Mon,  2 Mar 2026 09:30:00 +0800 (CST)

Final-Recipient: rfc822; {LOST}
Original-Recipient: rfc822;{LOST}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.mail.example
Diagnostic-Code: smtp; 550 5.1.1 <{LOST}>: Recipient address rejected:
    User unknown in virtual mailbox table
""",
    )


def postfix_expired(to: str) -> bytes:
    """Given up after five days in which nobody answered: final, although the code is one of those that may pass."""
    return report(
        to,
        status=f"""Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {LOST}
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.mail.example[192.0.2.7]:25:
    Connection timed out
""",
    )


def postfix_delayed(to: str) -> bytes:
    """Only a warning: the server goes on trying."""
    return report(
        to,
        head="Subject: Delayed Mail (still being retried)",
        status=f"""Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {LOST}
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.mail.example[192.0.2.7]:25: Connection timed out
Will-Retry-Until: Sat,  7 Mar 2026 09:30:00 +0800 (CST)
""",
    )


def sendmail(to: str) -> bytes:
    """Capital letters of its own, and words in brackets behind the action."""
    return report(
        to,
        head="Subject: Returned mail: see transcript for details\nFrom: Mail Delivery <postmaster@mx.example>",
        text=f"   ----- The following addresses had permanent fatal errors -----\n<{LOST}>",
        status=f"""Reporting-MTA: dns; mx.example
Received-From-MTA: DNS; portal.example
Arrival-Date: Mon, 2 Mar 2026 09:30:00 +0800

Final-Recipient: RFC822; {LOST}
Action: FAILED (permanent)
Status: 5.2.2
Remote-MTA: DNS; mx.mail.example
Diagnostic-Code: SMTP; 552 5.2.2 Mailbox full
Last-Attempt-Date: Mon, 2 Mar 2026 09:30:02 +0800
""",
    )


def exim(to: str) -> bytes:
    """A report of newer versions."""
    return report(
        to,
        head=f"X-Failed-Recipients: {LOST}\nSubject: Mail delivery failed: returning message to sender",
        status=f"""Reporting-MTA: dns; mx.example

Action: failed
Final-Recipient: rfc822;{LOST}
Status: 5.0.0
Remote-MTA: dns; mx.mail.example
Diagnostic-Code: smtp; 550 Mailbox not found
""",
    )


def exim_of_old(to: str) -> bytes:
    """Plain text; the failure stands in a header."""
    return message(
        f"""Return-path: <>
Envelope-to: {{to}}
X-Failed-Recipients: {LOST}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: {{to}}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {LOST}
    Unrouteable address
""",
        to=to,
    )


def exchange(to: str) -> bytes:
    """HTML before it, and two diagnostic fields."""
    return message(
        f"""From: Microsoft Outlook <postmaster@tenant.example>
To: {{to}}
Subject: Undeliverable: =?utf-8?B?5bey562U5aSN?=
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="c2e1-outer"

--c2e1-outer
Content-Type: multipart/alternative; boundary="c2e1-inner"

--c2e1-inner
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body>Your message couldn't be delivered.</body></html>
--c2e1-inner--

--c2e1-outer
Content-Type: message/delivery-status

Reporting-MTA: dns;DB9P.tenant.example
Received-From-MTA: dns;mx.example
Arrival-Date: Mon, 2 Mar 2026 01:30:01 +0000

Final-Recipient: rfc822;{LOST}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
X-Display-Name: Someone

--c2e1-outer
Content-Type: text/rfc822-headers

From: no-reply@data.guiyang.example

--c2e1-outer--
""",
        to=to,
    )


def gmail(to: str) -> bytes:
    """A related part with a picture, as large providers write it."""
    return message(
        f"""Delivered-To: {{to}}
X-Failed-Recipients: {LOST}
From: Mail Delivery Subsystem <mailer-daemon@provider.example>
To: {{to}}
Subject: Delivery Status Notification (Failure)
Content-Type: multipart/report; boundary="000000000000a1"; report-type=delivery-status

--000000000000a1
Content-Type: multipart/related; boundary="000000000000b2"

--000000000000b2
Content-Type: text/plain; charset="UTF-8"

** Address not found **
--000000000000b2
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--000000000000b2--
--000000000000a1
Content-Type: message/delivery-status

Reporting-MTA: dns; provider.example
Arrival-Date: Sun, 01 Mar 2026 17:30:00 -0800 (PST)
X-Original-Message-ID: <notice-1-mail@data.guiyang>

Final-Recipient: rfc822; {LOST}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.provider.example. (192.0.2.9, the server for the domain mail.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550 5.1.1 Please try double-checking the address.
Last-Attempt-Date: Sun, 01 Mar 2026 17:30:01 -0800 (PST)

--000000000000a1
Content-Type: message/rfc822

From: no-reply@data.guiyang.example

--000000000000a1--
""",
        to=to,
    )


def chinese_provider(to: str) -> bytes:
    """No multipart/report around it, and the words in GBK."""
    words = base64.encodebytes("很抱歉，您的邮件被退回：收件人不存在。".encode("gbk")).decode().strip()
    return message(
        f"""From: Postmaster@provider.example
To: {{to}}
Subject: =?GBK?B?{base64.b64encode("系统退信".encode("gbk")).decode()}?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="----=_Part_1"

------=_Part_1
Content-Type: text/html; charset=GBK
Content-Transfer-Encoding: base64

{words}
------=_Part_1
Content-Type: message/delivery-status
Content-Transfer-Encoding: 7bit

Reporting-MTA: dns; provider.example

Final-recipient: RFC822; {LOST}
Action: failed
Status: 5.0.0
Diagnostic-Code: SMTP; 550 User not found: {LOST}

------=_Part_1--
""",
        to=to,
    )


def in_base64(to: str) -> bytes:
    """A gateway wrapped the report once more."""
    status = f"Reporting-MTA: dns; gate.example\n\nFinal-Recipient: rfc822; {LOST}\nAction: failed\nStatus: 5.1.1\n"
    return report(
        to,
        cte="\nContent-Transfer-Encoding: base64",
        status=base64.encodebytes(status.encode()).decode(),
    )


def beyond_ascii(to: str) -> bytes:
    """RFC 6533: an address with Chinese signs."""
    plain = report(
        to,
        status="""Reporting-MTA: dns; mx.example

Final-Recipient: utf-8; 某人@邮箱.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 没有这个用户
""",
    )
    return plain.replace(b"message/delivery-status", b"message/global-delivery-status").replace(
        b"report-type=message/global-delivery-status", b"report-type=delivery-status"
    )


def qmail(to: str) -> bytes:
    """QSBMF: plain text with fixed beginnings."""
    return message(
        f"""Return-Path: <>
Delivered-To: {{to}}
From: MAILER-DAEMON@mx.example
To: {{to}}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{LOST}>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 No such user here
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <{{to}}>
""",
        to=to,
    )


def without_action(to: str) -> bytes:
    """A field that the standard asks for is left out."""
    return report(to, status=f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {LOST}\nStatus: 5.7.1\n")


def delivered(to: str) -> bytes:
    """The receipt that somebody's server sends of its own accord."""
    return report(
        to,
        status=f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {LOST}\nAction: delivered\nStatus: 2.0.0\n",
    )


def absence(to: str) -> bytes:
    """An answer of a program, which is no report."""
    return message(
        f"""From: {LOST}
To: {{to}}
Subject: Re: absent
Auto-Submitted: auto-replied

I am away until Monday. 550 5.1.1 is only a number here.
""",
        to=to,
    )


def complaint(to: str) -> bytes:
    """A report of another kind (RFC 5965): somebody pressed "spam"."""
    return message(
        """From: feedback@provider.example
To: {to}
Content-Type: multipart/report; report-type=feedback-report; boundary="F"

--F
Content-Type: text/plain

This is an abuse report.
--F
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
User-Agent: SomeGenerator/1.0
Status: 5.1.1
Action: failed

--F--
""",
        to=to,
    )


def forwarded(to: str) -> bytes:
    """Somebody passes on a bounce of another mail: its report is inside a message, and is not about ours."""
    inner = postfix("other@elsewhere.example").decode()
    return (
        message(
            f"""From: {LOST}
To: {{to}}
Content-Type: multipart/mixed; boundary="OUT"

--OUT
Content-Type: text/plain

look
--OUT
Content-Type: message/rfc822

""",
            to=to,
        )
        + inner.encode()
        + b"\r\n--OUT--\r\n"
    )


REFUSED: tuple[Bounce, ...] = (
    postfix,
    sendmail,
    exim,
    exim_of_old,
    exchange,
    gmail,
    chinese_provider,
    in_base64,
    beyond_ascii,
    qmail,
    without_action,
)
NOT_FINAL: tuple[Bounce, ...] = (postfix_delayed, delivered)
NO_REPORT: tuple[Bounce, ...] = (absence, complaint, forwarded)
