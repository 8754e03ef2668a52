"""How often anybody may verify: guessing codes is slow from any one address, and so is handing in files."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guiyang_data.accounts.signin import client_address
from guiyang_data.errors import LimitReached
from sharing.edocuments.verification import UNKNOWN, Sent, Verdict, verify_document

UNKNOWN_CODES, UNKNOWN_SECONDS = 20, 15 * 60
FILES, FILES_SECONDS = 120, 60 * 60


def verify_for(request: HttpRequest, *, code: str, sent: Sent | None, on: dt.date) -> Verdict:
    """The verdict for whoever asks from an address. Raises ``LimitReached`` where it asked too often."""
    unknown = _key(request, "unknown")
    if cache.get(unknown, 0) >= UNKNOWN_CODES:
        message = _("从您所在的网络查不到的核验过多。请 15 分钟后再试，并对照文书核对核验码。")
        raise LimitReached(message, retry_after=UNKNOWN_SECONDS)
    if sent is not None and _counted(_key(request, "files"), FILES_SECONDS) > FILES:
        message = _("从您所在的网络核对的文件过多。请一小时后再试，或者只凭核验码核验。")
        raise LimitReached(message, retry_after=FILES_SECONDS)
    verdict = verify_document(code=code, sent=sent, on=on)
    if verdict.standing == UNKNOWN:
        _counted(unknown, UNKNOWN_SECONDS)
    return verdict


def _key(request: HttpRequest, what: str) -> str:
    return f"edocuments:{what}:{client_address(request)}"


def _counted(key: str, seconds: int) -> int:
    """One more within the period that began with the first."""
    cache.add(key, 0, seconds)
    return int(cache.incr(key))
