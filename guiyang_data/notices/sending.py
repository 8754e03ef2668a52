"""Sending what waits in the outbox. At least once, with a message id that stays; late tries grow further apart."""

from __future__ import annotations

import datetime as dt
import smtplib

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.db import connection, transaction
from django.utils.module_loading import import_string

from guiyang_data.accounts.protection import decrypt
from guiyang_data.notices.models import Delivery

MOST_ATTEMPTS = 8
FIRST_PAUSE = dt.timedelta(minutes=1)


def send_waiting(*, at: dt.datetime, most: int = 200) -> int:
    """Send what is due, one transaction each: a broken address holds up nobody. Returns how many were sent."""
    ids = Delivery.objects.filter(state=Delivery.State.WAITING, next_attempt_at__lte=at).order_by("id")
    return sum(_send_one(pk, at) for pk in list(ids.values_list("pk", flat=True)[:most]))


@transaction.atomic
def _send_one(pk: int, at: dt.datetime) -> bool:
    waiting = Delivery.objects.select_related("notice").filter(pk=pk, state=Delivery.State.WAITING)
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    delivery = waiting.first()
    if delivery is None:
        return False
    delivery.attempts += 1
    try:
        _hand_over(delivery)
    except (InvalidToken, BadHeaderError) as error:
        # trying again cannot help: the key is another, or the title is no header
        delivery.last_error = type(error).__name__
        delivery.state = Delivery.State.FAILED
    except (smtplib.SMTPException, OSError) as error:
        delivery.last_error = str(error)[:300]
        delivery.next_attempt_at = at + FIRST_PAUSE * 2 ** (delivery.attempts - 1)
        if delivery.attempts >= MOST_ATTEMPTS:
            delivery.state = Delivery.State.FAILED
    else:
        delivery.state, delivery.sent_at = Delivery.State.SENT, at
    delivery.save(update_fields=["attempts", "last_error", "next_attempt_at", "state", "sent_at"])
    return delivery.state == Delivery.State.SENT


def _hand_over(delivery: Delivery) -> None:
    notice, address = delivery.notice, decrypt(delivery.address_encrypted)
    lines = [notice.body, f"依据：{notice.basis}" if notice.basis else "", _link(notice.path)]
    text = "\n\n".join(line for line in lines if line)
    if delivery.channel == Delivery.Channel.SMS:
        import_string(settings.SMS_GATEWAY)().send(
            to=address, text=f"{notice.title}。{_link(notice.path)}", message_id=delivery.message_id
        )
        return
    EmailMessage(
        subject=notice.title,
        body=text,
        to=[address],
        headers={"Message-ID": f"<{delivery.message_id}>"},
    ).send()


def _link(path: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{path}" if path else ""
