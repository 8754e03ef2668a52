"""Sealing: each minute, everything that has no seal yet goes under one signed Merkle root.

A chain alone cannot show that its tail was cut; a seal, written to the database and to a file outside it, can.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from guiyang_data.ledger.hashing import canonical, digest, merkle_root
from guiyang_data.ledger.models import Access, ChainHead, Event, Seal, SealMember
from guiyang_data.ledger.services import access_values
from guiyang_data.ledger.signing import public_key_file, signer
from guiyang_data.ledger.waiting import LAST_WRITTEN, last_written

BATCH = 20_000
SEALER = "ledger.sealer"
"""The chain head that two sealers take turns at."""


def leaf_hash(row: Event | Access) -> str:
    """The hash of a row as it lies under a seal."""
    return row.hash if isinstance(row, Event) else digest(access_values(row))


def unsealed(kind: str, model: type[models.Model]) -> models.QuerySet[Any]:
    """Rows without a seal. Ids commit out of order, so this is never "id greater than the last"."""
    members = SealMember.objects.filter(kind=kind, row=models.OuterRef("pk"))
    return model._default_manager.filter(~models.Exists(members)).order_by("pk")


def seal(*, at: dt.datetime) -> Seal | None:
    """Seal what has no seal yet. None where there is nothing. Two sealers at once are harmless."""
    with transaction.atomic():
        ChainHead.objects.bulk_create([ChainHead(subject=SEALER)], ignore_conflicts=True)
        if connection.features.has_select_for_update:
            ChainHead.objects.select_for_update().get(pk=SEALER)
        made = _seal_rows(at)
    write_outside()
    return made


def _seal_rows(at: dt.datetime) -> Seal | None:
    rows: list[tuple[str, Event | Access]] = [
        *(("event", row) for row in unsealed("event", Event)[:BATCH]),
        *(("access", row) for row in unsealed("access", Access)[:BATCH]),
    ]
    if not rows:
        return None
    last = Seal.objects.order_by("-number").first()
    leaves = [leaf_hash(row) for _, row in rows]
    made = Seal(
        number=last.number + 1 if last else 1,
        root=merkle_root(leaves),
        count=len(rows),
        heads=_heads(row for _, row in rows),
        previous_hash=last.hash if last else "",
        algorithm=signer().algorithm,
        sealed_at=at,
    )
    made.hash = digest(seal_values(made), made.previous_hash)
    made.signature = signer().sign(made.hash.encode("ascii"))
    made.save(force_insert=True)
    members = zip(rows, leaves, strict=True)
    SealMember.objects.bulk_create(
        [
            SealMember(seal=made, kind=kind, row=row.pk, leaf=n, hash=leaf)
            for n, ((kind, row), leaf) in enumerate(members)
        ],
        batch_size=500,
    )
    return made


def _heads(rows: Iterable[Event | Access]) -> dict[str, dict[str, Any]]:
    heads: dict[str, dict[str, Any]] = {}
    for row in rows:
        if isinstance(row, Event) and heads.get(row.subject, {}).get("sequence", 0) < row.sequence:
            heads[row.subject] = {"sequence": row.sequence, "hash": row.hash}
    return heads


def seal_values(made: Seal) -> dict[str, Any]:
    """What of a seal is hashed and signed.

    The heads stand in it by their hash: whoever is given a proof of a row learns nothing of other subjects.
    """
    return {
        "number": made.number,
        "root": made.root,
        "count": made.count,
        "heads": digest(made.heads),
        "algorithm": made.algorithm,
        "sealed_at": made.sealed_at,
    }


def outside_values(made: Seal) -> dict[str, Any]:
    """A seal as the file outside and an export have it."""
    return seal_values(made) | {"previous_hash": made.previous_hash, "hash": made.hash, "signature": made.signature}


def write_outside() -> int:
    """Append every seal that is not outside the database yet to the file of its month; returns how many.

    One JSON line a seal, flushed to disk. A sealer that was killed after its commit is made up for by the next one; a
    line written twice says the same twice.
    """
    folder = Path(settings.SEAL_DIR)
    missing = list(Seal.objects.filter(number__gt=last_written()).order_by("number"))
    if not missing:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    (folder / public_key_file(signer().algorithm)).write_text(signer().public_key_pem(), encoding="ascii")
    for made in missing:
        _append(folder / f"{made.sealed_at:%Y-%m}.jsonl", made)
    (folder / LAST_WRITTEN).write_text(str(missing[-1].number), encoding="ascii")
    return len(missing)


def _append(path: Path, made: Seal) -> None:
    with path.open("ab") as file:
        file.write(canonical(outside_values(made)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
