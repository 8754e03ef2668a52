"""Parts of pages that many see alike and ask for at once: written out once, and anew as soon as anything happens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from guiyang_data.ledger.selectors import newest_event

GOOD_FOR_SECONDS = 15
"""Events commit out of order, and the index of words follows them: after so long a part is written anew in any case."""


class Keeper:
    """Writes parts of one page, or hands out what was written before since the newest event. Make one for each page."""

    def __init__(self) -> None:
        self._since = (get_language(), newest_event())

    def part(self, name: str, asked: str, write: Callable[[], str], *, is_long: Callable[[], bool]) -> SafeString:
        """HTML that is the same for everyone with the same ``asked``, in one language, until the next event.

        ``asked``: the address, and whatever else the part depends on (what its readers see). ``is_long``: whether
        it belongs to a list so long that it is worth keeping; asked of what was just written. Nothing about whoever
        asks may be in it.
        """
        content = repr((name, asked, *self._since))
        key = f"kept:{hashlib.sha256(content.encode()).hexdigest()}"
        known = cache.get(key)
        if known is not None:
            return SafeString(known)
        html = write()
        if is_long():
            cache.set(key, html, GOOD_FOR_SECONDS)
        return SafeString(html)
