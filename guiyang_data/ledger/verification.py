"""Reading the ledger back: recompute everything, and name the first row that does not hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from guiyang_data.ledger.hashing import digest, merkle_root
from guiyang_data.ledger.models import Access, ChainHead, Event, Seal, SealMember
from guiyang_data.ledger.sealing import SEALER, leaf_hash, seal_values
from guiyang_data.ledger.services import event_values
from guiyang_data.ledger.signing import holds


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first row that does not hold: where it is and what is wrong with it."""

    place: str
    reason: str


def verify() -> Fault | None:
    """Check every chain, every seal and the file outside. None when all hold."""
    for check in (_chains, _heads, _seals, _outside):
        fault = next(check(), None)
        if fault is not None:
            return fault
    return None


def _chains() -> Iterator[Fault]:
    subject, sequence, previous = "", 0, ""
    for event in Event.objects.order_by("subject", "sequence").iterator():
        if event.subject != subject:
            subject, sequence, previous = event.subject, 0, ""
        place = f"event {event.pk} ({event.subject} #{event.sequence})"
        if event.sequence != sequence + 1:
            yield Fault(place=place, reason=f"expected #{sequence + 1}: a row before it is missing")
        elif event.previous_hash != previous:
            yield Fault(place=place, reason="does not follow the row before it")
        elif digest(event_values(event), previous) != event.hash:
            yield Fault(place=place, reason="its content does not give its hash")
        sequence, previous = event.sequence, event.hash


def _heads() -> Iterator[Fault]:
    last = {
        row["subject"]: row
        for row in Event.objects.order_by("subject", "sequence").values("subject", "sequence", "hash")
    }
    for head in ChainHead.objects.exclude(pk=SEALER).order_by("pk"):
        row = last.pop(head.subject, None)
        if row is None and head.sequence == 0:
            continue
        if row is None or row["sequence"] != head.sequence or row["hash"] != head.hash:
            yield Fault(place=f"chain {head.subject}", reason="its tail was cut or its head was changed")
    for subject in last:
        yield Fault(place=f"chain {subject}", reason="its head is missing")


def _seals() -> Iterator[Fault]:
    number, previous = 0, ""
    for made in Seal.objects.order_by("number"):
        place = f"seal {made.number}"
        if made.number != number + 1 or made.previous_hash != previous:
            yield Fault(place=place, reason="does not follow the seal before it")
        elif digest(seal_values(made), previous) != made.hash:
            yield Fault(place=place, reason="its content does not give its hash")
        elif not holds(made.hash.encode("ascii"), made.signature, made.algorithm):
            yield Fault(place=place, reason="its signature does not hold")
        yield from _members(made)
        number, previous = made.number, made.hash


def _members(made: Seal) -> Iterator[Fault]:
    members = list(SealMember.objects.filter(seal=made).order_by("leaf"))
    events = Event.objects.in_bulk([member.row for member in members if member.kind == "event"])
    accesses = Access.objects.in_bulk([member.row for member in members if member.kind == "access"])
    leaves: list[str] = []
    for member in members:
        row = (events if member.kind == "event" else accesses).get(member.row)
        if row is None:
            yield Fault(place=f"{member.kind} {member.row}", reason=f"lies under seal {made.number} and is gone")
            return
        leaf = leaf_hash(row)
        if member.hash and leaf != member.hash:
            yield Fault(
                place=f"{member.kind} {member.row}", reason=f"is not the row that seal {made.number} was put on"
            )
            return
        leaves.append(leaf)
    if len(leaves) != made.count or merkle_root(leaves) != made.root:
        yield Fault(place=f"seal {made.number}", reason="a row under it was changed, added or taken away")


def _outside() -> Iterator[Fault]:
    hashes = dict(Seal.objects.order_by("number").values_list("number", "hash"))
    found: set[int] = set()
    for path in sorted(Path(settings.SEAL_DIR).glob("*.jsonl")):
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            number, written = _written(text)
            if number is None:
                yield Fault(place=f"{path.name} line {line}", reason="is no seal")
            elif hashes.get(number) != written:
                yield Fault(place=f"{path.name} line {line}", reason=f"seal {number} differs in the database")
            else:
                found.add(number)
    for number in hashes:
        if number not in found:
            yield Fault(place=f"seal {number}", reason="is missing from the files outside the database")


def _written(text: str) -> tuple[int | None, str]:
    try:
        values = json.loads(text)
        return int(values["number"]), str(values["hash"])
    except (ValueError, KeyError, TypeError):
        return None, ""
