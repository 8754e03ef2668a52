"""Encryption of personal data, and the keyed index that finds an identity number without storing it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from django.conf import settings


def _derived(purpose: str) -> bytes:
    return hmac.new(settings.PERSONAL_DATA_KEY.encode(), purpose.encode(), hashlib.sha256).digest()


def encrypt(text: str) -> str:
    """The text under this installation's key; each call gives another cipher text."""
    return Fernet(base64.urlsafe_b64encode(_derived("encryption"))).encrypt(text.encode()).decode("ascii")


def decrypt(cipher: str) -> str:
    """The text again. Raises ``cryptography.fernet.InvalidToken`` where the key is another."""
    return Fernet(base64.urlsafe_b64encode(_derived("encryption"))).decrypt(cipher.encode("ascii")).decode()


def blind_index(text: str) -> str:
    """A keyed hash (hex, 64 characters) under which equal values are found again."""
    return hmac.new(_derived("index"), text.strip().upper().encode(), hashlib.sha256).hexdigest()
