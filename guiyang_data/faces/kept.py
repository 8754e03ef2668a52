"""Parts of pages that many see alike and ask for at once: written out once, and anew as soon as anything happens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.utils.translation import get_language

from guiyang_data.ledger.selectors import newest_event

GOOD_FOR_SECONDS = 15
"""Events commit out of order, and the index of words follows them: after so long a part is written anew in any case."""


def kept(part: str, asked: str, write: Callable[[], tuple[str, bool]]) -> str:
    """HTML that is the same for everyone with the same ``asked``, in one language, until the next event.

    ``asked``: the address, and whatever else the part depends on (what its readers see). ``write`` gives the HTML
    and whether it is worth keeping. Nothing about whoever asks may be in it.
    """
    content = repr((part, asked, get_language(), newest_event()))
    key = f"kept:{hashlib.sha256(content.encode()).hexdigest()}"
    known = cache.get(key)
    if known is not None:
        return str(known)
    html, is_worth_keeping = write()
    if is_worth_keeping:
        cache.set(key, html, GOOD_FOR_SECONDS)
    return html
