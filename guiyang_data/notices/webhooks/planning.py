"""What is pushed to whom, in the transaction that tells: one row for an event and a receiver, however often told."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q

from guiyang_data.accounts.models import Agency
from guiyang_data.notices.models import Notice, Push, Receiver, Weight


@dataclass(frozen=True, kw_only=True)
class Said:
    """A notice with what its push carries for programs besides the words."""

    notice: Notice
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ToAgency:
    """A notice that is said to an agency as such: its systems hear of it once. ``words``: makes it, without a row."""

    agency: Agency
    words: Callable[[], Notice]
    facts: Mapping[str, object] = field(default_factory=dict)


def plan_pushes(notices: Sequence[Said], to_agencies: Sequence[ToAgency], *, at: dt.datetime) -> None:
    """Plan the pushes of notices that were written just now, and of what was said to agencies. Two queries."""
    users = {said.notice.recipient_id for said in notices if said.notice.recipient_id}
    agencies = {one.agency.pk for one in to_agencies}
    if not users and not agencies:
        return
    owned = Q(owner__in=users) | Q(owner__service_account__agency__in=agencies)
    receivers = Receiver.objects.filter(owned, state=Receiver.State.ACTIVE, owner__is_active=True)
    pushes = [
        push_of(said.notice, receiver, at=at, facts=said.facts)
        for receiver in receivers.select_related("owner__service_account")
        for said in _said_to(receiver, notices, to_agencies)
        if receiver.wants == Receiver.Wants.ALL or said.notice.weight == Weight.LEGAL
    ]
    if pushes:
        Push.objects.bulk_create(pushes, ignore_conflicts=True)


def _said_to(receiver: Receiver, notices: Sequence[Said], to_agencies: Sequence[ToAgency]) -> Iterator[Said]:
    account = getattr(receiver.owner, "service_account", None)
    if account is not None:
        mine = (one for one in to_agencies if one.agency.pk == account.agency_id)
        yield from (Said(notice=one.words(), facts=one.facts) for one in mine)
    yield from (said for said in notices if said.notice.recipient_id == receiver.owner_id)


def message_id(receiver_id: int, key: str) -> str:
    """The id of the push of a notice with ``key`` to a receiver."""
    return f"msg_{hashlib.sha256(f'{receiver_id}:{key}'.encode()).hexdigest()[:40]}"


def push_of(notice: Notice, receiver: Receiver, *, at: dt.datetime, facts: Mapping[str, object] | None = None) -> Push:
    """The push of a notice to a receiver; its id follows from the two, so that it can exist only once."""
    data = {
        **(facts or {}),
        "subject": notice.subject,
        "weight": notice.weight,
        "title": notice.title,
        "body": notice.body,
        "basis": notice.basis,
        "url": f"{settings.PUBLIC_ADDRESS}{notice.path}" if notice.path else "",
    }
    content = {"type": notice.kind, "timestamp": notice.created_at.isoformat(), "data": data}
    return Push(
        receiver=receiver,
        message_id=message_id(receiver.pk, notice.key),
        kind=notice.kind,
        title=notice.title,
        body=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        made_at=at,
        next_attempt_at=at,
    )
