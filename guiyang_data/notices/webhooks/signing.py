"""Signatures of pushes, as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret of 32 random bytes: ``whsec_`` and Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def headers(message_id: str, timestamp: int, body: str, signed_with: Iterable[str]) -> dict[str, str]:
    """The headers of a push. ``timestamp``: seconds since 1970, of this attempt; a signature for each secret."""
    signatures = " ".join(f"v1,{signature(secret, message_id, timestamp, body)}" for secret in signed_with)
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "guiyang-data-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Base64 of the HMAC-SHA256 of ``id.timestamp.body`` under the bytes that the secret stands for."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
