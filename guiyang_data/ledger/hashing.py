"""Canonical bytes, chain hashes and Merkle roots, on the standard library alone.

A row's canonical form is the UTF-8 of its JSON with sorted keys and no blanks; times are ISO 8601 in UTC with
microseconds. Whoever holds an export can recompute every hash without this portal.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

LEAF, NODE = b"\x00", b"\x01"


def canonical(values: Mapping[str, Any]) -> bytes:
    """The bytes of ``values`` that are hashed."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def digest(values: Mapping[str, Any], previous: str = "") -> str:
    """Hex SHA-256 of a row chained to the one before it (``previous``: its hex hash, or empty for the first)."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + canonical(values)).hexdigest()


def merkle_levels(leaves: Sequence[str]) -> list[list[bytes]]:
    """A Merkle tree over hex row hashes in leaf order, from the leaves up to the root (the shape of RFC 6962)."""
    level = [hashlib.sha256(LEAF + bytes.fromhex(leaf)).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    levels = [level]
    while len(level) > 1:
        paired = [hashlib.sha256(NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
        levels.append(level)
    return levels


def merkle_root(leaves: Sequence[str]) -> str:
    """Hex Merkle root over hex row hashes in leaf order; leaf and node prefixes differ."""
    return merkle_levels(leaves)[-1][0].hex()


def merkle_path(levels: Sequence[Sequence[bytes]], leaf: int) -> list[tuple[str, str]]:
    """What shows that a leaf lies under the root: on each level the side and the hex hash of its neighbour."""
    steps, place = [], leaf
    for level in levels[:-1]:
        neighbour = place ^ 1
        if neighbour < len(level):
            steps.append(("left" if neighbour < place else "right", level[neighbour].hex()))
        place //= 2
    return steps
