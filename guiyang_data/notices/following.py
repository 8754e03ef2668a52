"""Following a public subject: with an account at once, without one by mail after a confirmed link.

A mail address is never told to anyone: encrypted, found again by a keyed index only. Every mail to a follower carries
the link that ends it. What may be followed, and what a follower is told, is the question of the apps above.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import Count, QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index, blind_indexes, decrypt, encrypt
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Follow, Weight
from guiyang_data.notices.services import tell, tell_address

CONFIRM, END = "notices.follow.confirm", "notices.follow.end"
"""Salts: a link that confirms does not end, and the other way round."""
CONFIRMED_WITHIN = dt.timedelta(days=3)
ASK_AGAIN_AFTER = dt.timedelta(hours=1)
"""Nobody is sent a second question about the same subject sooner: else anyone could flood an address."""


ASKED_A_DAY = 5
"""About how many subjects an address is asked in a day while it does not answer, whoever asks and from wherever."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What is followed: its key, and the title and page that everyone may see.

    ``number``: how it is called in a mail to somebody who perhaps never asked for one, where the title is the public's
    own words: else anyone could have words of theirs sent to anyone in the portal's name.
    """

    subject: str
    title: str
    path: str
    number: str = ""


@transaction.atomic
def follow(what: Followed, *, by: User, at: dt.datetime) -> bool:
    """Follow with an account; whether it is new."""
    _row, made = Follow.objects.get_or_create(
        subject=what.subject,
        user=by,
        defaults={"title": what.title[:300], "path": what.path, "asked_at": at, "confirmed_at": at},
    )
    return made


@transaction.atomic
def unfollow(subject: str, *, by: User) -> bool:
    """Follow no longer; whether there was something to end."""
    return bool(Follow.objects.filter(subject=subject, user=by).delete()[0])


@transaction.atomic
def ask_by_mail(what: Followed, *, mail: str, at: dt.datetime) -> None:
    """Send a link with which the address confirms. The same answer whether or not it follows already, or was asked."""
    known = blind_indexes(mail)
    if _asked_enough(known, what.subject, at):
        return
    earlier = Follow.objects.filter(subject=what.subject, address_index__in=known)
    row, made = Follow.objects.select_for_update().get_or_create(
        subject=what.subject,
        address_index=earlier.values_list("address_index", flat=True).first() or blind_index(mail),
        defaults={
            "title": what.title[:300],
            "path": what.path,
            "address_encrypted": encrypt(mail.strip()),
            "asked_at": at,
        },
    )
    if row.confirmed_at is not None or (not made and at - row.asked_at < ASK_AGAIN_AFTER):
        return
    row.asked_at = at
    row.save(update_fields=["asked_at"])
    tell_address(
        mail=mail.strip(),
        about=what.subject,
        kind="follow",
        key=f"follow-confirm:{row.pk}:{at.isoformat()}",
        title="请确认关注",
        body=f"有人用这个邮箱关注「{what.number or what.title}」。是您本人的，请在 3 天内打开下面的链接确认；"
        "不是您本人的，不用理会，不会再收到邮件。",
        path=confirm_path(row, at),
        at=at,
    )


def _asked_enough(known: list[str], subject: str, at: dt.datetime) -> bool:
    """Whether this address was lately asked about many other subjects and answered nothing."""
    asked = Follow.objects.filter(address_index__in=known, confirmed_at=None, asked_at__gt=at - dt.timedelta(days=1))
    return asked.exclude(subject=subject).count() >= ASKED_A_DAY


@transaction.atomic
def confirm(token: str, *, at: dt.datetime) -> tuple[Follow, bool]:
    """The address says yes; whether that is new. Raises ``NotSeen`` for a link that is old or not ours."""
    row = find(token, CONFIRM, at=at)
    new = Follow.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=at)
    row.refresh_from_db()
    return row, bool(new)


@transaction.atomic
def end(token: str, *, at: dt.datetime) -> None:
    """Follow no longer, by the link of a mail; nothing is kept of the address. Pressed twice it stays ended."""
    Follow.objects.filter(pk=_signed(token, END, at)[0]).delete()


def forget_unconfirmed(*, at: dt.datetime) -> int:
    """Addresses whose owner did not confirm in time are kept no longer; returns how many."""
    late = Follow.objects.filter(confirmed_at=None, asked_at__lt=at - CONFIRMED_WITHIN)
    return late.delete()[0]


def find(token: str, salt: str, *, at: dt.datetime) -> Follow:
    """The follower that a link of a mail names. Raises ``NotSeen``."""
    pk, _moment = _signed(token, salt, at)
    row = Follow.objects.filter(pk=pk).first()
    if row is None:
        raise NotSeen("这项关注已经取消，不会再发送邮件。")
    return row


def _signed(token: str, salt: str, at: dt.datetime) -> tuple[int, dt.datetime]:
    try:
        pk, stamp = signing.loads(token, salt=salt)
    except signing.BadSignature as error:
        raise NotSeen("链接不完整，请从邮件中完整复制后再打开。") from error
    moment = dt.datetime.fromtimestamp(stamp, tz=dt.UTC)
    if salt == CONFIRM and at - moment > CONFIRMED_WITHIN:
        raise NotSeen("确认链接已过 3 天，请在页面上重新关注。")
    return pk, moment


def _token(row: Follow, salt: str, at: dt.datetime) -> str:
    return signing.dumps([row.pk, int(at.timestamp())], salt=salt)


def confirm_path(row: Follow, at: dt.datetime) -> str:
    """Where an address confirms."""
    return f"/follow/confirm/{_token(row, CONFIRM, at)}/"


def end_path(row: Follow) -> str:
    """Where a follower by mail ends it."""
    return f"/follow/end/{_token(row, END, row.asked_at)}/"


@transaction.atomic
def tell_followers(
    about: models.Model | str,
    *,
    occasion: str,
    title: str,
    body: str,
    path: str,
    happened_at: dt.datetime,
    at: dt.datetime,
    basis: object = "",
    without: Collection[int] = (),
) -> int:
    """Tell whoever followed before it happened, once for an ``occasion``. ``without``: accounts told otherwise."""
    subject = subject_of(about)
    rows = Follow.objects.filter(subject=subject, confirmed_at__lte=happened_at).select_related("user")
    told = 0
    for row in rows.exclude(user__in=list(without)).iterator(chunk_size=500):
        notice: dict[str, Any] = {
            "about": subject,
            "kind": "followed",
            "key": f"followed:{subject}:{occasion}:{row.pk}",
            "title": title,
            "path": path,
            "basis": basis,
            "weight": Weight.REMINDER,
            "at": at,
        }
        told += _tell_one(row, body, notice)
    return told


def _tell_one(row: Follow, body: str, notice: dict[str, Any]) -> int:
    if row.user is not None:
        text = f"{body}\n\n您关注了这一事项。不再关注：{settings.PUBLIC_ADDRESS}/me/following/"
        return tell([row.user], body=text, **notice)
    try:
        mail = decrypt(row.address_encrypted)
    except InvalidToken:
        # written under another key: nobody can be reached there, and the others must be
        return 0
    text = f"{body}\n\n您用这个邮箱关注了这一事项。不再关注：{settings.PUBLIC_ADDRESS}{end_path(row)}"
    tell_address(mail=mail, body=text, **notice)
    return 1


def followers(about: models.Model | str) -> int:
    """How many follow a subject; addresses count once they confirmed."""
    return Follow.objects.filter(subject=subject_of(about), confirmed_at__isnull=False).count()


def followers_of(subjects: Collection[str]) -> dict[str, int]:
    """The same for many subjects, in one query."""
    rows = Follow.objects.filter(subject__in=list(subjects), confirmed_at__isnull=False)
    return dict(rows.order_by().values_list("subject").annotate(number=Count("pk")))


def follows(user: User, about: models.Model | str) -> bool:
    """Whether this account follows a subject."""
    return Follow.objects.filter(subject=subject_of(about), user=user).exists()


def followed_by(user: User) -> QuerySet[Follow]:
    """What an account follows, newest first."""
    return Follow.objects.filter(user=user).order_by("-asked_at", "-pk")
