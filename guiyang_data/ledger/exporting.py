"""Exports of the ledger that a third party checks without this portal (scripts/verify_export.py).

A file of JSON lines: a header, then each seal followed by its rows in the order of its leaves, then an end line with
the checksum of all before it. ``whole``: every row under the seals of a period. ``proof``: chosen rows alone, each with
its path to the root of its seal, so that a party proves its own rows and shows nobody else's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from guiyang_data.ledger.hashing import canonical, merkle_levels, merkle_path
from guiyang_data.ledger.models import Access, Event, Seal, SealMember
from guiyang_data.ledger.sealing import leaf_hash, outside_values
from guiyang_data.ledger.services import access_values, event_values
from guiyang_data.ledger.signing import signer

FORMAT = "guiyang-ledger-1"
AT_ONCE = 500
MEDIA_TYPE = "application/jsonl"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Moments between which seals were made; None: from the first, up to the newest."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def seals(self) -> QuerySet[Seal]:
        """The seals of the period, in order."""
        rows = Seal.objects.order_by("number")
        rows = rows.filter(sealed_at__gte=self.since) if self.since else rows
        return rows.filter(sealed_at__lt=self.until) if self.until else rows


def whole(period: Period, *, at: dt.datetime) -> Iterator[bytes]:
    """Everything that was sealed within a period, line by line."""
    return _closed(_whole(period, at))


def proof(*, events: QuerySet[Event], accesses: QuerySet[Access], at: dt.datetime) -> Iterator[bytes]:
    """These rows as far as they are sealed, line by line, each with its path; and the seals they lie under."""
    return _closed(_proof({"event": events, "access": accesses}, at))


def _whole(period: Period, at: dt.datetime) -> Iterator[Mapping[str, Any]]:
    seals = period.seals()
    first = seals.first()
    before = first.previous_hash if first else ""
    yield _header("whole", seals.values_list("algorithm", flat=True), at) | {"after": before}
    for seal in seals.iterator(chunk_size=AT_ONCE):
        yield {"kind": "seal", **outside_values(seal), "chain_heads": seal.heads}
        yield from _rows(SealMember.objects.filter(seal=seal).order_by("leaf"))


def _proof(chosen: Mapping[str, QuerySet[Any]], at: dt.datetime) -> Iterator[Mapping[str, Any]]:
    under: dict[int, list[SealMember]] = defaultdict(list)
    for kind, rows in chosen.items():
        members = SealMember.objects.filter(kind=kind, row__in=rows.order_by().values("pk"))
        for member in members.iterator(chunk_size=AT_ONCE):
            under[member.seal_id].append(member)
    seals = Seal.objects.filter(pk__in=under)
    yield _header("proof", seals.order_by().values_list("algorithm", flat=True), at)
    for pks in _parts(sorted(under), AT_ONCE):
        for seal in Seal.objects.filter(pk__in=pks).order_by("number"):
            yield {"kind": "seal", **outside_values(seal)}
            levels = merkle_levels(_leaves(seal))
            for line in _rows(sorted(under[seal.pk], key=lambda member: member.leaf)):
                yield line | {"path": merkle_path(levels, line["leaf"])}


def _leaves(seal: Seal) -> list[str]:
    members = list(seal.members.order_by("leaf"))
    hashes = {(line["kind"], line["row"]): line["hash"] for line in _rows([one for one in members if not one.hash])}
    return [one.hash or hashes.get((one.kind, one.row), "") for one in members]


def _rows(members: Iterable[SealMember]) -> Iterator[dict[str, Any]]:
    """The rows of one seal, as they are now, each with the hash that it was sealed with."""
    for some in _parts(list(members), AT_ONCE):
        events = Event.objects.in_bulk([member.row for member in some if member.kind == SealMember.Kind.EVENT])
        accesses = Access.objects.in_bulk([member.row for member in some if member.kind == SealMember.Kind.ACCESS])
        for member in some:
            row = (events if member.kind == SealMember.Kind.EVENT else accesses).get(member.row)
            if row is not None:
                yield _line(member, row)


def _line(member: SealMember, row: Event | Access) -> dict[str, Any]:
    line = {"kind": member.kind, "row": member.row, "leaf": member.leaf, "hash": member.hash or leaf_hash(row)}
    if isinstance(row, Event):
        return line | {"values": event_values(row), "previous_hash": row.previous_hash}
    return line | {"values": access_values(row)}


def _header(scope: str, algorithms: Iterable[str], at: dt.datetime) -> dict[str, Any]:
    keys = {name: signer(name).public_key_pem() for name in sorted({*algorithms, signer().algorithm})}
    return {"kind": "header", "format": FORMAT, "scope": scope, "made_at": at, "public_keys": keys}


def _closed(lines: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines as bytes, and at their end how many there were and their checksum."""
    checksum, number = hashlib.sha256(), 0
    for line in lines:
        written = canonical(line) + b"\n"
        checksum.update(written)
        number += 1
        yield written
    yield json.dumps({"kind": "end", "lines": number, "sha256": checksum.hexdigest()}).encode() + b"\n"


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
