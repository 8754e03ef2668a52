"""What a refused sending comes to: try again, or never again. No address gets into what is kept of it."""

from __future__ import annotations

import re
import smtplib

from cryptography.fernet import InvalidToken
from django.core.mail import BadHeaderError

from guiyang_data.notices.models import Sending

LONGEST = 300
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


class Refused(Exception):
    """The other side will never take this, or it can never be sent. Trying again changes nothing."""

    def __init__(self, reason: Sending.Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


FAILURES = (Refused, InvalidToken, BadHeaderError, smtplib.SMTPException, OSError)
"""What handing over may end in."""


def final(error: Exception) -> Refused | None:
    """The refusal that ends it, or None where trying again may help.

    A mail server that answers 5xx to the recipient or to the text will say so again; one that refuses ourselves
    (sign-in, sender) is set up wrongly, which the operator repairs: those mails wait.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, InvalidToken | BadHeaderError):
        return Refused(Sending.Reason.UNUSABLE, type(error).__name__)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        if answers and all(code >= 500 for code, _text in answers):
            return Refused(Sending.Reason.REFUSED, kept(error))
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return Refused(Sending.Reason.REFUSED, kept(error))
    return None


def kept(error: Exception) -> str:
    """What is kept of an error, without any mail address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        text = "; ".join(f"{code} {_decoded(said)}" for code, said in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {_decoded(error.smtp_error)}"
    else:
        text = str(error)
    return without_addresses(text)


def without_addresses(text: str) -> str:
    """What another server said, as it is kept."""
    return ADDRESS.sub("…", text.replace("\x00", ""))[:LONGEST]


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
