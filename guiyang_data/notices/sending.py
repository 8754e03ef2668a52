"""Sending what waits in the outbox. At least once, with a message id that stays; late tries grow further apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from guiyang_data.accounts.protection import decrypt
from guiyang_data.ledger.services import PLATFORM, Actor, record
from guiyang_data.notices import attempts
from guiyang_data.notices.models import Channel, Delivery, Digest, Notice, Sending
from guiyang_data.notices.refusals import FAILURES, Refused, final, kept
from guiyang_data.notices.returned.addresses import envelope_sender
from guiyang_data.texts import one_line, sentence

WAITING, SENT = Sending.State.WAITING, Sending.State.SENT
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=1)
SIGNATURE = "贵阳市政府数据平台\n本邮件由系统发出，请勿直接回复。"
MOST_ATTEMPTS = 78
"""With these pauses three days: a mail server that is down over a weekend loses nothing."""


def send_waiting(*, at: dt.datetime, most: int = 200) -> int:
    """Send what is due, one by one: a broken address holds up nobody. Returns how many mails and messages were sent.

    What came into a digest while that was being sent goes alone.
    """
    alone = Delivery.objects.filter(Q(digest=None) | Q(digest__state__in=[Digest.State.SENT, Digest.State.FAILED]))
    plan = [(_send_digest, pk) for pk in attempts.due(Digest.objects.all(), at=at, most=most)]
    plan += [(_send_one, pk) for pk in attempts.due(alone, at=at, most=most)]
    return sum(send(pk, at) for send, pk in attempts.within_patience(plan))


def _send_one(pk: int, at: dt.datetime) -> bool:
    delivery = attempts.lease(Delivery.objects.select_related("notice"), pk, at=at)
    if delivery is None:
        return False
    try:
        _hand_over(delivery)
    except FAILURES as error:
        _failed(delivery, error, at, [delivery])
        return False
    attempts.sent(delivery, at=at)
    return True


def _send_digest(pk: int, at: dt.datetime) -> bool:
    digest = attempts.lease(Digest.objects.select_related("recipient"), pk, at=at)
    if digest is None:
        return False
    gathered = list(digest.deliveries.filter(state=WAITING).select_related("notice").order_by("pk"))
    try:
        if gathered:
            _hand_over_digest(digest, gathered)
    except FAILURES as error:
        _failed(digest, error, at, gathered)
        return False
    with transaction.atomic():
        digest.deliveries.filter(pk__in=[one.pk for one in gathered], state=WAITING).update(state=SENT, sent_at=at)
        attempts.sent(digest, at=at)
    return bool(gathered)


def _failed(row: Sending, error: Exception, at: dt.datetime, deliveries: Sequence[Delivery]) -> None:
    """Try again later, or give up whatever was to go with it."""
    refusal = final(error)
    if refusal is None and row.attempts >= MOST_ATTEMPTS:
        refusal = Refused(Delivery.Reason.UNREACHED, kept(error))
    if refusal is None:
        attempts.put_off(row, kept(error), pause=pause_after(row.attempts), at=at)
        return
    with transaction.atomic():
        attempts.give_up(row, refusal.reason, refusal.text)
        for delivery in deliveries:
            not_delivered(delivery, refusal, at=at)


def not_delivered(delivery: Delivery, refusal: Refused, *, at: dt.datetime) -> None:
    """Give one up: those on whose behalf it was said are shown it, and the case says so."""
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
    if delivery.channel == Channel.SMS:
        _text(address, f"{sentence(notice.title)} {_link(notice.path)}".strip(), delivery.message_id)
        return
    basis = f"依据：{notice.basis}" if notice.basis else ""
    _mail(delivery, address, notice.title, [sentence(notice.title), notice.body, basis, _page(notice)])


def _hand_over_digest(digest: Digest, gathered: Sequence[Delivery]) -> None:
    """To where the last of them was to go: an address that changed since the first is the newer one."""
    address = decrypt(gathered[-1].address_encrypted)
    title, all_of_them = f"{len(gathered)} 条提醒", _link("/me/notices/?show=reminder")
    if digest.channel == Channel.SMS:
        _text(address, f"您有 {title}，请登录查看。 {all_of_them}", digest.message_id)
        return
    parts = [f"{number}. {_part(one.notice)}" for number, one in enumerate(gathered, 1)]
    ending = f"全部提醒：\n{all_of_them}\n改为逐条发送或者不再发送：\n{_link('/me/notices/settings/')}"
    first = one_line(gathered[0].notice.title)
    title = first if len(gathered) == 1 else f"{title}：{first} 等"
    _mail(digest, address, title, [*parts, ending])


def _part(notice: Notice) -> str:
    return "\n".join(line for line in (notice.title, notice.body, _page(notice)) if line)


def _page(notice: Notice) -> str:
    """The link on a line of its own: after a Chinese colon few readers make an address a link."""
    return f"打开页面：\n{_link(notice.path)}" if notice.path else ""


def _text(to: str, text: str, message_id: str) -> None:
    import_string(settings.SMS_GATEWAY)().send(to=to, text=text, message_id=message_id)


def _mail(row: Delivery | Digest, to: str, subject: str, paragraphs: Sequence[str]) -> None:
    """From the portal by its name; what cannot be delivered goes back to an address of its own, where there is one.

    An absence does not answer what says that no person wrote it (RFC 3834).
    """
    headers = {
        "Message-ID": f"<{row.message_id}>",
        "From": settings.DEFAULT_FROM_EMAIL,
        "Auto-Submitted": "auto-generated",
    }
    sender = envelope_sender(row) or settings.DEFAULT_FROM_EMAIL
    body = "\n\n".join(["您好：", *(part for part in paragraphs if part), SIGNATURE])
    EmailMessage(subject=one_line(subject), body=body, from_email=sender, to=[to], headers=headers).send()


def _link(path: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{path}" if path else ""
