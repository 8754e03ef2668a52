"""Over which channels a notice goes, and when: a legal one at once and alone, a reminder as its reader chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from guiyang_data.accounts.models import User
from guiyang_data.notices.models import Channel, Manner, Preference, Weight
from guiyang_data.notices.moments import after_quiet, at_or_after


@dataclass(frozen=True, kw_only=True)
class Way:
    """One sending to be made: due ``at``; ``gathered``: in the digest of that moment."""

    channel: Channel
    address: str
    at: dt.datetime
    gathered: bool = False


def ways_to_user(user: User, weight: Weight, chosen: Preference | None, *, at: dt.datetime) -> Iterator[Way]:
    """How an account is reached beside the page: its mail address, its telephone where that was verified.

    An account without a mail address gets what is legal by text message, whether it chose so or not.
    """
    preference = chosen or Preference()
    phone = user.phone if user.phone_verified_at else ""
    if weight == Weight.LEGAL:
        if user.email:
            yield Way(channel=Channel.MAIL, address=user.email, at=at)
        if phone and (preference.texts_legal or not user.email):
            yield Way(channel=Channel.SMS, address=phone, at=at)
        return
    for channel, address, manner in (
        (Channel.MAIL, user.email, preference.mail),
        (Channel.SMS, phone, preference.sms),
    ):
        if address and manner != Manner.NONE:
            gathered = manner == Manner.DIGEST
            yield Way(channel=channel, address=address, at=_moment(preference, gathered, at), gathered=gathered)


def ways_to_address(mail: str, phone: str, weight: Weight, *, at: dt.datetime) -> Iterator[Way]:
    """How somebody without an account is reached: where they said, a reminder outside the usual quiet hours."""
    moment = at if weight == Weight.LEGAL else _moment(Preference(), gathered=False, at=at)
    if mail:
        yield Way(channel=Channel.MAIL, address=mail, at=moment)
    if phone:
        yield Way(channel=Channel.SMS, address=phone, at=moment)


def _moment(preference: Preference, gathered: bool, at: dt.datetime) -> dt.datetime:
    due = at_or_after(at, preference.digest_at) if gathered else at
    return after_quiet(due, since=preference.quiet_since, until=preference.quiet_until)
