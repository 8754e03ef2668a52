"""How many different keys there were, without keeping one: linear counting over a bitmap (Whang and others, 1990).

Each key sets one of 65,536 bits; from the bits that are not set the number follows, within one in a hundred up to some
hundred thousand keys. The bitmaps of several days put together count a key of two days once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

BITS = 1 << 16
EMPTY = bytes(BITS // 8)


def with_keys(bitmap: bytes, keys: Iterable[str]) -> bytes:
    """The bitmap with these keys in it. An empty one is begun."""
    bits = bytearray(bitmap or EMPTY)
    for key in keys:
        place = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2).digest(), "big")
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def together(bitmaps: Iterable[bytes]) -> bytes:
    """One bitmap of all."""
    found = 0
    for bitmap in bitmaps:
        found |= int.from_bytes(bitmap, "big")
    return found.to_bytes(len(EMPTY), "big")


def different(bitmap: bytes) -> int:
    """How many different keys were put in, nearly."""
    unset = BITS - int.from_bytes(bitmap, "big").bit_count()
    return round(BITS * math.log(BITS / max(unset, 1)))
