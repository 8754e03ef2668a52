"""Whether the seals can be signed with what the settings say, asked before the first row waits for one."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from guiyang_data.ledger.signing import signer


@register(Tags.security)
def check_signer(**kwargs: Any) -> list[CheckMessage]:
    """The key fits the algorithm, and both of its halves fit each other."""
    try:
        tried = signer()
        holds = tried.verify(b"check", tried.sign(b"check"))
    except ImproperlyConfigured as error:
        return [Error(f"The seals of the ledger cannot be signed: {error}", id="ledger.E002")]
    if holds:
        return []
    hint = "Set GUIYANG_SEAL_KEY_PAIR to what manage.py make_seal_key printed."
    return [Error("The two halves of the key of the seals do not fit each other.", hint=hint, id="ledger.E002")]
