"""Sending what waits in the outbox. At least once, with a message id that stays; late tries grow further apart."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.module_loading import import_string

from guiyang_data.accounts.protection import decrypt
from guiyang_data.ledger.services import PLATFORM, Actor, record
from guiyang_data.notices import attempts
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.refusals import FAILURES, Refused, final, kept

FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=1)
MOST_ATTEMPTS = 78
"""With these pauses three days: a mail server that is down over a weekend loses nothing."""


def send_waiting(*, at: dt.datetime, most: int = 200) -> int:
    """Send what is due, one by one: a broken address holds up nobody. Returns how many were sent."""
    pks = attempts.due(Delivery.objects.all(), at=at, most=most)
    return sum(_send_one(pk, at) for pk in attempts.within_patience(pks))


def _send_one(pk: int, at: dt.datetime) -> bool:
    delivery = attempts.lease(Delivery.objects.select_related("notice"), pk, at=at)
    if delivery is None:
        return False
    try:
        _hand_over(delivery)
    except FAILURES as error:
        _failed(delivery, error, at)
        return False
    attempts.sent(delivery, at=at)
    return True


def _failed(delivery: Delivery, error: Exception, at: dt.datetime) -> None:
    refusal = final(error)
    if refusal is None and delivery.attempts >= MOST_ATTEMPTS:
        refusal = Refused(Delivery.Reason.UNREACHED, kept(error))
    if refusal is None:
        attempts.put_off(delivery, kept(error), pause=pause_after(delivery.attempts), at=at)
        return
    with transaction.atomic():
        attempts.give_up(delivery, refusal.reason, refusal.text)
        delivery.failed_at = at
        delivery.save(update_fields=["failed_at"])
        record_sending(delivery, "notice.undelivered", by=PLATFORM, at=at, reason=refusal.reason.value)


def record_sending(delivery: Delivery, verb: str, *, by: Actor, at: dt.datetime, **more: str) -> None:
    """An event of the case that the notice is about; no address stands in it."""
    payload = {"notice": delivery.notice_id, "delivery": delivery.pk, "channel": delivery.channel, **more}
    record(delivery.notice.subject, verb, by=by, at=at, payload=payload)


def pause_after(attempts_made: int) -> dt.timedelta:
    """How long to wait after so many attempts: a minute, twice as long each time, at most an hour."""
    return min(FIRST_PAUSE * 2 ** min(attempts_made - 1, 10), LONGEST_PAUSE)


def _hand_over(delivery: Delivery) -> None:
    notice, address = delivery.notice, decrypt(delivery.address_encrypted)
    if delivery.channel == Delivery.Channel.SMS:
        text = f"{notice.title}。{_link(notice.path)}"
        import_string(settings.SMS_GATEWAY)().send(to=address, text=text, message_id=delivery.message_id)
        return
    lines = [notice.body, f"依据：{notice.basis}" if notice.basis else "", _link(notice.path)]
    EmailMessage(
        subject=notice.title,
        body="\n\n".join(line for line in lines if line),
        to=[address],
        headers={"Message-ID": f"<{delivery.message_id}>"},
    ).send()


def _link(path: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{path}" if path else ""
