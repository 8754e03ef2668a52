from __future__ import annotations

import mailbox
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from guiyang_data.notices.returned.counts import lately_returned
from guiyang_data.notices.returned.services import LARGEST, take_back
from guiyang_data.timekeeping import now, today

LATER = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the message and hands it on again later."""


class Command(BaseCommand):
    help = (
        "Take one returned mail from standard input, as a mail server pipes it, or all new ones of a mailbox. "
        "Ends with 0 whatever the message is, and with 75 where it should be handed on again later."
    )
    requires_system_checks: list[str] = []  # runs once for each message, and must take what it can
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", default="", help="the address that the message was sent to")
        parser.add_argument(
            "--mailbox", type=Path, help="a Maildir, or a file in mbox format; what was taken is marked"
        )
        parser.add_argument("--counts", action="store_true", help="what became of the returned mails of thirty days")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["counts"]:
            for label, number in lately_returned(today()):
                self.stdout.write(f"{number:>8}  {label}")
            return
        if not settings.BOUNCE_ADDRESS:
            raise CommandError(
                "GUIYANG_BOUNCE_ADDRESS is not set: no mail is sent that could come back.", returncode=LATER
            )
        try:
            self._take_all(options)
        except (OperationalError, InterfaceError) as error:
            # the database is away: nothing was taken, and the mail server still has the message
            raise CommandError(f"try again later: {type(error).__name__}", returncode=LATER) from error

    def _take_all(self, options: dict[str, Any]) -> None:
        if options["mailbox"] is None:
            self._take(_read(options.get("stdin") or sys.stdin.buffer), options["recipient"])
            return
        with _opened(options["mailbox"]) as box:
            for key in box.keys():
                message = box.get(key)
                if message is not None and not _was_taken(message):
                    self._take(box.get_bytes(key))
                    box[key] = _marked(message)

    def _take(self, raw: bytes, recipient: str = "") -> None:
        self.stdout.write(take_back(raw, recipient=recipient, at=now()).value)


def _was_taken(message: mailbox.MaildirMessage | mailbox.mboxMessage) -> bool:
    return bool(set("SR") & set(message.get_flags()))


def _marked(message: mailbox.MaildirMessage | mailbox.mboxMessage) -> mailbox.MaildirMessage | mailbox.mboxMessage:
    """As a mail program marks what was read, so that it is not taken twice."""
    if isinstance(message, mailbox.MaildirMessage):
        message.set_subdir("cur")
        message.add_flag("S")
    else:
        message.add_flag("R")
    return message


def _read(stream: BinaryIO) -> bytes:
    """The beginning of the message; the rest is read too, since a server does not like a pipe that closes early."""
    raw = stream.read(LARGEST)
    while stream.read(LARGEST):
        pass
    return raw


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The mailbox, locked where its format wants that, written back at the end."""
    try:
        box = mailbox.Maildir(path, create=False) if path.is_dir() else mailbox.mbox(path, create=False)
        box.lock()
    except (mailbox.Error, OSError) as error:
        raise CommandError(f"{path} cannot be opened: {error}", returncode=LATER) from error
    try:
        yield box
    finally:
        box.flush()
        box.unlock()
        box.close()
