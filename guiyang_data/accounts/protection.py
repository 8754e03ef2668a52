"""Encryption of personal data, and the keyed index that finds an identity number without storing it.

``PERSONAL_DATA_KEY`` encrypts and indexes what is written from now on; what was written under one of
``PERSONAL_DATA_KEYS_BEFORE`` is read and found as before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def keys() -> list[str]:
    """Every key there is, the one in use first."""
    return [settings.PERSONAL_DATA_KEY, *settings.PERSONAL_DATA_KEYS_BEFORE]


@cache
def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


def _cipher(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, "encryption")))


def encrypt(text: str) -> str:
    """The text under the key in use; each call gives another cipher text."""
    return _cipher(settings.PERSONAL_DATA_KEY).encrypt(text.encode()).decode("ascii")


def decrypt(cipher: str) -> str:
    """The text again. Raises ``cryptography.fernet.InvalidToken`` where the key is none of those there are."""
    return MultiFernet([_cipher(key) for key in keys()]).decrypt(cipher.encode("ascii")).decode()


def is_current(cipher: str) -> bool:
    """Whether a text is encrypted under the key in use."""
    try:
        _cipher(settings.PERSONAL_DATA_KEY).decrypt(cipher.encode("ascii"))
    except InvalidToken:
        return False
    return True


def blind_index(text: str) -> str:
    """A keyed hash (hex, 64 characters) under which equal values are found again; what is written down."""
    return _index(settings.PERSONAL_DATA_KEY, text)


def blind_indexes(text: str) -> list[str]:
    """The keyed hashes under every key: what is looked for, whenever it was written."""
    return [_index(key, text) for key in keys()]


def is_index_of(index: str, text: str) -> bool:
    """Whether ``index`` was made of ``text``, under whichever key; compared in constant time."""
    matches = [hmac.compare_digest(index, one) for one in blind_indexes(text)]
    return any(matches)


def _index(key: str, text: str) -> str:
    return hmac.new(_derived(key, "index"), text.strip().upper().encode(), hashlib.sha256).hexdigest()
