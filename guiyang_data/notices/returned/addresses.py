"""The sender on the envelope of a mail: the address it comes back to, which names the sending and is signed.

Whoever never got one of our mails cannot make up such an address, and so cannot report a mail as returned that was not.
Headers show it to the receiver alone, whose own mail it is.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from guiyang_data.notices.models import Delivery, Digest

SALT = "guiyang_data.notices.returned"
SIGNS = 20
"""Signs of five bits each: a hundred bits, in letters that a server may write large or small."""
MOST_NAMED = 5
"""How many signed addresses of one message are looked at."""
_ID = rf"(?P<kind>[dg])(?P<pk>[1-9][0-9]{{0,17}})-(?P<turn>[1-9][0-9]{{0,4}})-(?P<sign>[a-z2-7]{{{SIGNS}}})"


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a signed address says: which sending, and which turn of it; ``genuine`` once the row was found."""

    kind: str
    pk: int
    turn: int
    sign: str


def envelope_sender(row: Delivery | Digest) -> str:
    """Where a mail is returned to; empty where the installation takes none back."""
    name, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    if not name:
        return ""
    turn = _turn(row)
    return f"{name}+{_kind(row)}{row.pk}-{turn}-{_sign(row, turn)}@{host}"


def named_in(texts: Iterable[str]) -> Iterator[Named]:
    """The signed addresses in these texts, the first few; nothing is known yet of whether they are genuine."""
    name, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    if not name:
        return
    address = re.compile(rf"{re.escape(name)}\+{_ID}@{re.escape(host)}", re.IGNORECASE | re.ASCII)
    for found in islice((match for text in texts for match in address.finditer(text)), MOST_NAMED):
        yield Named(
            kind=found["kind"].lower(), pk=int(found["pk"]), turn=int(found["turn"]), sign=found["sign"].lower()
        )


def is_genuine(named: Named, row: Delivery | Digest) -> bool:
    """Whether the portal itself wrote this address on a mail of ``row``."""
    return constant_time_compare(named.sign, _sign(row, named.turn))


def _sign(row: Delivery | Digest, turn: int) -> str:
    said = f"{_kind(row)}{row.pk}-{turn} {row.message_id} {_born(row).astimezone(dt.UTC).isoformat()}"
    return base64.b32encode(salted_hmac(SALT, said, algorithm="sha256").digest()).decode().lower()[:SIGNS]


def _born(row: Delivery | Digest) -> dt.datetime:
    """Numbers are given anew after a restored back-up; with the moment, an old address names no newer sending."""
    return row.due_at if isinstance(row, Digest) else row.notice.created_at


def _kind(row: Delivery | Digest) -> str:
    return "g" if isinstance(row, Digest) else "d"


def _turn(row: Delivery | Digest) -> int:
    return 1 if isinstance(row, Digest) else row.turn
