"""Telling people: rows in the transaction of the act, sending afterwards by a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import models, transaction

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery, Notice


@transaction.atomic
def tell(
    recipients: Iterable[User],
    *,
    about: models.Model | str,
    kind: str,
    key: str,
    title: str,
    at: dt.datetime,
    body: str = "",
    path: str = "",
    basis: object = "",
) -> int:
    """Tell each recipient once; a repeat with the same ``key`` tells nobody again. Returns how many were told.

    ``key`` names the occasion (``sharing-reply:12``); ``path`` is the page to open.
    """
    people = list({user.pk: user for user in recipients}.values())
    told = 0
    for user in people:
        notice, made = Notice.objects.get_or_create(
            key=f"{key}:{user.pk}",
            defaults={
                "recipient": user,
                "subject": subject_of(about),
                "kind": kind,
                "title": title,
                "body": body,
                "path": path,
                "basis": str(basis),
                "created_at": at,
            },
        )
        told += made
        if made and user.email:
            _queue(notice, Delivery.Channel.MAIL, user.email, at)
    return told


def tell_agency(agency: Agency, roles: Iterable[Role | str], *, key: str, **notice: object) -> int:
    """Tell everyone who holds one of ``roles`` in ``agency``. Arguments as for ``tell``."""
    return tell(holders(agency, [str(role) for role in roles]), key=f"{key}:{agency.code}", **notice)  # type: ignore[arg-type]


@transaction.atomic
def tell_address(
    *,
    mail: str = "",
    phone: str = "",
    about: models.Model | str,
    kind: str,
    key: str,
    title: str,
    at: dt.datetime,
    body: str = "",
    path: str = "",
    basis: object = "",
) -> Notice:
    """Tell somebody without an account at the address they gave; the row carries no name and no address in clear."""
    notice, made = Notice.objects.get_or_create(
        key=key,
        defaults={
            "subject": subject_of(about),
            "kind": kind,
            "title": title,
            "body": body,
            "path": path,
            "basis": str(basis),
            "created_at": at,
        },
    )
    if made and mail:
        _queue(notice, Delivery.Channel.MAIL, mail, at)
    if made and phone:
        _queue(notice, Delivery.Channel.SMS, phone, at)
    return notice


def _queue(notice: Notice, channel: Delivery.Channel, address: str, at: dt.datetime) -> None:
    Delivery.objects.create(
        notice=notice,
        channel=channel,
        address_encrypted=encrypt(address),
        message_id=f"notice-{notice.pk}-{channel.value}@data.guiyang",
        next_attempt_at=at,
    )


@transaction.atomic
def mark_read(*, by: User, ids: Iterable[int], at: dt.datetime) -> int:
    """Mark one's own notices as read; returns how many were unread before."""
    return Notice.objects.filter(recipient=by, pk__in=list(ids), read_at=None).update(read_at=at)
