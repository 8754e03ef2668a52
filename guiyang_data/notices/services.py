"""Telling people: rows in the transaction of the act, sending afterwards by a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, models, transaction

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders
from guiyang_data.inserting import insert_many
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery, Digest, Notice, Preference, Weight
from guiyang_data.notices.ways import Way, ways_to_address, ways_to_user
from guiyang_data.notices.webhooks.planning import Said, ToAgency, plan_pushes
from guiyang_data.texts import legible, one_line

LONGEST_TITLE = 200
DESK = "/desk/"
"""Pages of officials lie below."""
ATTEMPTS = 3
"""How often a batch is tried when others tell of the same occasions at the same moment."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What one occasion tells whom: users, each once, or somebody without an account at an address.

    ``key`` names the occasion (``sharing-reply:12``); ``path`` is the page to open, ``desk_path`` that of
    those on whose behalf it is said, where that is another. ``agency``: on whose behalf it is
    said, and who is shown that it could not be delivered. ``to_agency``: whose systems hear of it once, by webhook.
    ``facts``: what a push carries for programs besides the words.
    """

    key: str
    about: models.Model | str
    kind: str
    title: str
    recipients: Sequence[User] = ()
    mail: str = ""
    phone: str = ""
    body: str = ""
    path: str = ""
    desk_path: str = ""
    basis: object = ""
    weight: Weight = Weight.LEGAL
    agency: Agency | None = None
    to_agency: Agency | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Letter:
    """A notice to be written; where its reader has no account, the addresses it goes to."""

    notice: Notice
    mail: str = ""
    phone: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def tell_all(tellings: Iterable[Telling], *, at: dt.datetime) -> int:
    """Tell many people of many occasions; who was told of one before is not told again. Returns how many were told.

    As many queries for a thousand as for one.
    """
    said = list(tellings)
    letters = {letter.notice.key: letter for telling in said for letter in _letters(telling, at)}
    to_agencies = [
        ToAgency(agency=telling.to_agency, words=partial(_to_systems, telling, at), facts=telling.facts)
        for telling in said
        if telling.to_agency is not None
    ]
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _write(letters, to_agencies, at)
        except IntegrityError:
            # one of them was told by another at the same moment: now it is known
            continue
    return _write(letters, to_agencies, at)


def _letters(telling: Telling, at: dt.datetime) -> Iterator[_Letter]:
    words = _words(telling, at)
    for user in {user.pk: user for user in telling.recipients}.values():
        yield _Letter(notice=Notice(key=f"{telling.key}:{user.pk}", recipient=user, **words), facts=telling.facts)
    if telling.mail or telling.phone:
        yield _Letter(notice=Notice(key=telling.key, **words), mail=telling.mail, phone=telling.phone)


def systems_key(key: str) -> str:
    """The key of what an agency's systems are told of an occasion that has ``key`` there."""
    return f"{key}:systems"


def _to_systems(telling: Telling, at: dt.datetime) -> Notice:
    return Notice(key=systems_key(telling.key), **_words(telling, at))


def _words(telling: Telling, at: dt.datetime) -> dict[str, Any]:
    """What the notices of one occasion have in common."""
    return {
        "subject": subject_of(telling.about),
        "agency": telling.agency,
        "kind": telling.kind,
        "weight": telling.weight,
        "title": one_line(telling.title)[:LONGEST_TITLE],
        "body": legible(telling.body),
        "path": telling.path,
        "desk_path": telling.desk_path or (telling.path if telling.path.startswith(DESK) else ""),
        "basis": str(telling.basis),
        "created_at": at,
    }


@transaction.atomic
def _write(wanted: Mapping[str, _Letter], to_agencies: Sequence[ToAgency], at: dt.datetime) -> int:
    known = set(Notice.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    letters = [letter for key, letter in wanted.items() if key not in known]
    for letter in letters:
        letter.notice.pk = None  # from a writing that was undone
    insert_many(letter.notice for letter in letters)
    _send_later([(letter.notice, way) for letter, way in _ways(letters, at)])
    plan_pushes([Said(notice=letter.notice, facts=letter.facts) for letter in letters], to_agencies, at=at)
    return len(letters)


def _ways(letters: Sequence[_Letter], at: dt.datetime) -> Iterator[tuple[_Letter, Way]]:
    users = {letter.notice.recipient_id for letter in letters if letter.notice.recipient_id}
    chosen = {row.user_id: row for row in Preference.objects.filter(user__in=users)} if users else {}
    for letter in letters:
        user, weight = letter.notice.recipient, Weight(letter.notice.weight)
        if user is None:
            ways = ways_to_address(letter.mail, letter.phone, weight, at=at)
        else:
            ways = ways_to_user(user, weight, chosen.get(user.pk), at=at)
        yield from ((letter, way) for way in ways)


def _send_later(planned: Sequence[tuple[Notice, Way]]) -> None:
    sealed = {address: encrypt(address) for address in {way.address for _notice, way in planned}}
    digests = _digests([(notice.recipient_id or 0, way) for notice, way in planned if way.gathered])
    insert_many(
        Delivery(
            notice=notice,
            digest=digests[notice.recipient_id or 0, way.channel.value, way.at] if way.gathered else None,
            channel=way.channel,
            address_encrypted=sealed[way.address],
            message_id=f"notice-{notice.pk}-{way.channel.value}@data.guiyang",
            next_attempt_at=way.at,
        )
        for notice, way in planned
    )


def _digests(wanted: Collection[tuple[int, Way]]) -> dict[tuple[int, str, dt.datetime], Digest]:
    """The digests that reminders are gathered in, begun where they are the first."""
    if not wanted:
        return {}
    rows = {
        (user, way.channel.value, way.at): Digest(
            recipient_id=user,
            channel=way.channel,
            due_at=way.at,
            message_id=f"digest-{user}-{way.channel.value}-{way.at:%Y%m%dT%H%M}@data.guiyang",
            next_attempt_at=way.at,
        )
        for user, way in wanted
    }
    Digest.objects.bulk_create(rows.values(), ignore_conflicts=True)
    known = Digest.objects.filter(message_id__in=[row.message_id for row in rows.values()])
    return {(row.recipient_id, row.channel, row.due_at): row for row in known}


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
    weight: Weight = Weight.LEGAL,
    agency: Agency | None = None,
) -> int:
    """Tell each recipient once; a repeat with the same ``key`` tells nobody again. Returns how many were told."""
    telling = Telling(
        recipients=tuple(recipients),
        about=about,
        kind=kind,
        key=key,
        title=title,
        body=body,
        path=path,
        basis=basis,
        weight=weight,
        agency=agency,
    )
    return tell_all([telling], at=at)


def tell_agency(
    agency: Agency, roles: Iterable[Role | str], *, key: str, at: dt.datetime, systems: bool = True, **notice: object
) -> int:
    """Tell everyone who holds one of ``roles`` in ``agency``, and its systems once unless ``systems`` is false.

    Other arguments as for ``tell``.
    """
    telling = Telling(
        recipients=tuple(holders(agency, [str(role) for role in roles])),
        key=f"{key}:{agency.code}",
        agency=agency,
        to_agency=agency if systems else None,
        **notice,  # type: ignore[arg-type]
    )
    return tell_all([telling], at=at)


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
    weight: Weight = Weight.LEGAL,
    agency: Agency | None = None,
) -> int:
    """Tell somebody without an account at the address they gave; the row carries no name and no address in clear."""
    telling = Telling(
        mail=mail,
        phone=phone,
        about=about,
        kind=kind,
        key=key,
        title=title,
        body=body,
        path=path,
        basis=basis,
        weight=weight,
        agency=agency,
    )
    return tell_all([telling], at=at)


@transaction.atomic
def mark_read(*, by: User, ids: Iterable[int], at: dt.datetime) -> int:
    """Mark one's own notices as read; returns how many were unread before."""
    return Notice.objects.filter(recipient=by, pk__in=list(ids), read_at=None).update(read_at=at)
