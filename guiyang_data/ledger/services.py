"""Appending to the ledger. An event is written in the transaction of the act it records, or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DatabaseError, connection, models, transaction

from guiyang_data.errors import Unavailable
from guiyang_data.inserting import insert_many
from guiyang_data.ledger.hashing import digest
from guiyang_data.ledger.heads import Head, lock_heads, move_heads
from guiyang_data.ledger.models import Access, Event
from guiyang_data.ledger.waiting import require_sealed


class Actor(Protocol):
    """Whoever acts: a signed-in person, a system's service account, or the portal itself."""

    @property
    def actor_key(self) -> str: ...

    @property
    def agency_code(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class NamedActor:
    """An actor without an account."""

    actor_key: str
    agency_code: str = ""


PLATFORM = NamedActor(actor_key="platform")
"""The portal itself: the sweep, the sealer, the sender."""

PUBLIC = NamedActor(actor_key="public")
"""Somebody of the public who did not sign in."""


def subject_of(obj: models.Model | str) -> str:
    """The name under which an object's events are chained: ``catalog.catalogentry:12``."""
    return obj if isinstance(obj, str) else f"{obj._meta.label_lower}:{obj.pk}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event that is to be appended together with others. Arguments as for ``record``."""

    obj: models.Model | str
    verb: str
    by: Actor
    at: dt.datetime
    basis: object = ""
    payload: Mapping[str, Any] | None = None
    refused: bool = False


def record(
    obj: models.Model | str,
    verb: str,
    *,
    by: Actor,
    at: dt.datetime,
    basis: object = "",
    payload: Mapping[str, Any] | None = None,
    refused: bool = False,
) -> Event:
    """Append one event to the chain of ``obj``.

    ``payload`` is JSON; it must carry no personal data. An act on several objects records them in sorted order of
    subject, so that two acts cannot wait for each other.
    """
    entry = Entry(obj=obj, verb=verb, by=by, at=at, basis=basis, payload=payload, refused=refused)
    return record_many([entry])[0]


@transaction.atomic
def record_many(entries: Sequence[Entry]) -> list[Event]:
    """Append several events, each to the chain of its object, in the order given; four queries however many.

    The heads of all chains are locked at once in sorted order, so that two of these cannot wait for each other.
    """
    if not entries:
        return []
    heads = lock_heads({subject_of(entry.obj) for entry in entries})
    events = [_appended(entry, heads[subject_of(entry.obj)]) for entry in entries]
    insert_many(events)
    move_heads(heads)
    return events


def record_all(
    objects: Sequence[models.Model | str],
    verb: str,
    *,
    by: Actor,
    at: dt.datetime,
    basis: object = "",
    payload: Mapping[str, Any] | None = None,
) -> list[Event]:
    """Append one event to the chain of each object, in sorted order of subject."""
    subjects = sorted({subject_of(obj) for obj in objects})
    return record_many([Entry(obj=name, verb=verb, by=by, at=at, basis=basis, payload=payload) for name in subjects])


def _appended(entry: Entry, head: Head) -> Event:
    """The next event of a chain; its head moves on."""
    event = Event(
        subject=head.subject,
        sequence=head.sequence + 1,
        verb=entry.verb,
        refused=entry.refused,
        actor=entry.by.actor_key,
        agency=entry.by.agency_code,
        basis=str(entry.basis),
        payload=dict(entry.payload or {}),
        at=entry.at,
        previous_hash=head.hash,
    )
    event.hash = digest(event_values(event), head.hash)
    head.sequence, head.hash = event.sequence, event.hash
    return event


def event_values(event: Event) -> dict[str, Any]:
    """What of an event is hashed."""
    return {
        "subject": event.subject,
        "sequence": event.sequence,
        "verb": event.verb,
        "refused": event.refused,
        "actor": event.actor,
        "agency": event.agency,
        "basis": event.basis,
        "payload": event.payload,
        "at": event.at,
    }


LOG_PATIENCE = {"lock_timeout": "3s", "statement_timeout": "5s"}
"""How long PostgreSQL lets a row of the access log wait for a lock or a disk. SQLite waits for its one lock as long as
its settings say."""


@contextmanager
def access_log() -> Iterator[None]:
    """One transaction of the access log (第十七条), committed at its end; its writer waits a few seconds at most.

    Raises Unavailable where it cannot be written: locked, full, or gone. Then no row may leave.
    """
    try:
        # durable: inside another transaction the row would not be committed before the rows leave
        with transaction.atomic(durable=True):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(_WAIT, list(LOG_PATIENCE.values()))
            yield
    except DatabaseError as error:
        raise Unavailable(
            "读取记录暂时无法写入。没有记录不能读取数据，所以没有提供任何一行。请稍后重试；仍然不行的，请联系大数据主管部门。",
            basis="《贵阳市政府数据共享开放条例》第十七条",
        ) from error


_WAIT = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in LOG_PATIENCE)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a reading ended: the rows that left (None: nobody knows how many), and whether it was complete."""

    rows: int | None
    outcome: str = "完成"


def open_access(
    *,
    by: Actor,
    at: dt.datetime,
    resource: models.Model | str,
    grant: models.Model | str = "",
    purpose: str = "",
    case_number: str = "",
    items: Sequence[str] = (),
    version: int | None = None,
    query: Mapping[str, Any] | None = None,
    ended: Ended | None = None,
) -> Access:
    """Record that rows are about to be read (第十七条). Commit this (``access_log``) before the first row leaves.

    ``ended``: the rows were read already, and leave when this is committed; the second row is written with the first.
    Returns the first row, for ``close_access``. Raises Unavailable where nothing was sealed for too long.
    """
    require_sealed(at)
    opened = Access(
        reading=uuid.uuid4(),
        phase=Access.Phase.OPENED,
        at=at,
        actor=by.actor_key,
        agency=by.agency_code,
        resource=subject_of(resource),
        grant=subject_of(grant) if grant else "",
        purpose=purpose,
        case_number=case_number,
        items=list(items),
        version=version,
        query=dict(query or {}),
    )
    insert_many([opened] if ended is None else [opened, closing_row(opened, at=at, ended=ended)])
    return opened


def close_access(opened: Access, *, at: dt.datetime, rows: int, outcome: str = "完成") -> Access:
    """Record how a reading ended: rows that left, and whether it was complete."""
    closed = closing_row(opened, at=at, ended=Ended(rows=rows, outcome=outcome))
    closed.save(force_insert=True)
    return closed


def closing_row(opened: Access, *, at: dt.datetime, ended: Ended) -> Access:
    """The second row of a reading, not saved yet."""
    return Access(
        reading=opened.reading,
        phase=Access.Phase.CLOSED,
        at=at,
        actor=opened.actor,
        agency=opened.agency,
        resource=opened.resource,
        grant=opened.grant,
        purpose=opened.purpose,
        case_number=opened.case_number,
        items=opened.items,
        version=opened.version,
        query=opened.query,
        rows=ended.rows,
        outcome=ended.outcome,
    )


def is_closed(opened: Access) -> bool:
    """Whether a reading has its second row, by whoever wrote it."""
    return Access.objects.filter(reading=opened.reading, phase=Access.Phase.CLOSED).exists()


def access_values(access: Access) -> dict[str, Any]:
    """What of an access row is hashed."""
    names = [field.attname for field in Access._meta.concrete_fields]
    return {name: getattr(access, name) for name in names}
