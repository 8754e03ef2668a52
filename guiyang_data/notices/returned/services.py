"""Taking back a mail that a server accepted and could not deliver: it then stands where a refused one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from email.message import Message

from django.db import transaction

from guiyang_data.notices import attempts
from guiyang_data.notices.models import Delivery, Digest, ReturnCount, Sending
from guiyang_data.notices.refusals import Refused, without_addresses
from guiyang_data.notices.returned.addresses import Named, is_genuine, named_in
from guiyang_data.notices.returned.counts import count_return
from guiyang_data.notices.returned.reports import Report, Verdict, parsed, report_of
from guiyang_data.notices.sending import not_delivered

Outcome = ReturnCount.Outcome
LARGEST = 1024 * 1024
"""Bytes of a message that are read; what a report says stands at its beginning, before the mail that it returns."""
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Headers in which servers say for which address they took a message."""
REASONS = {Verdict.REFUSED: Sending.Reason.REFUSED, Verdict.UNREACHED: Sending.Reason.UNREACHED}


def take_back(raw: bytes, *, at: dt.datetime, recipient: str = "") -> ReturnCount.Outcome:
    """Take one returned message as a mail server hands it on; the notice that it returns did not arrive.

    ``recipient``: the address it was sent to, where the server tells. What is forged, known already or no report at
    all is counted and changes nothing; nothing that anybody writes into a message raises an error.
    """
    message = parsed(raw[:LARGEST])
    if message is None:
        return _judged([], None, at)
    return _judged(list(named_in([recipient, *_addressed(message)])), report_of(message), at)


@transaction.atomic
def _judged(named: Sequence[Named], report: Report | None, at: dt.datetime) -> ReturnCount.Outcome:
    outcome = _outcome(named, report, at)
    count_return(outcome, at=at)
    return outcome


def _outcome(named: Sequence[Named], report: Report | None, at: dt.datetime) -> ReturnCount.Outcome:
    if not named:
        return Outcome.UNKNOWN
    row, turn = _found(named)
    if row is None:
        return Outcome.FORGED
    if report is None:
        return Outcome.UNKNOWN
    if report.verdict not in REASONS:
        return Outcome.NOT_FINAL
    return Outcome.UNDELIVERED if _note(row, turn, report, at) else Outcome.KNOWN


def _addressed(message: Message) -> Iterator[str]:
    for name in ADDRESSED:
        yield from (str(value) for value in message.get_all(name, []))


def _found(named: Sequence[Named]) -> tuple[Delivery | Digest | None, int]:
    """The sending, locked, that the first genuine address names, and its turn."""
    for one in named:
        row: Delivery | Digest | None
        if one.kind == "g":
            row = Digest.objects.select_for_update().filter(pk=one.pk).first()
        else:
            deliveries = Delivery.objects.select_for_update(of=("self",)).select_related("notice")
            row = deliveries.filter(pk=one.pk).first()
        if row is not None and is_genuine(one, row):
            return row, one.turn
    return None, 0


def _note(row: Delivery | Digest, turn: int, report: Report, at: dt.datetime) -> bool:
    """Whether it is news. A mail that was sent again by hand meanwhile is not judged by the one before."""
    refusal = Refused(REASONS[report.verdict], _kept(report))
    if isinstance(row, Delivery):
        if turn != row.turn or row.state not in {Sending.State.SENT, Sending.State.WAITING}:
            return False
        not_delivered(row, refusal, at=at)
        return True
    gathered = list(_gathered(row))
    if not gathered:
        return False
    attempts.give_up(row, refusal.reason, refusal.text)
    for delivery in gathered:
        not_delivered(delivery, refusal, at=at)
    return True


def _gathered(digest: Digest) -> Iterator[Delivery]:
    """What went with the digest: also where it came back before the sender had noted that it went."""
    if digest.state not in {Sending.State.SENT, Sending.State.WAITING}:
        return
    rows = digest.deliveries.select_for_update(of=("self",)).select_related("notice").order_by("pk")
    yield from rows.filter(state=digest.state, sent_at=digest.sent_at)


def _kept(report: Report) -> str:
    """What is kept of a report, without any address."""
    said = without_addresses(report.said)
    return said if report.status in said else f"{report.status} {said}".strip()
