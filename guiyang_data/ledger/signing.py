"""Signatures over seals: Ed25519 behind an interface that SM2 can stand behind as well."""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


class Signer(Protocol):
    """Signs bytes; ``signature`` is hex."""

    algorithm: str

    def sign(self, message: bytes) -> str: ...

    def verify(self, message: bytes, signature: str) -> bool: ...

    def public_key_pem(self) -> str: ...


class Ed25519Signer:
    """Signs with a key derived from the installation's seal secret."""

    algorithm = "Ed25519"

    def __init__(self, secret: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()

    def verify(self, message: bytes, signature: str) -> bool:
        try:
            self._key.public_key().verify(bytes.fromhex(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def public_key_pem(self) -> str:
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem.decode("ascii")


def signer() -> Signer:
    """The signer of this installation."""
    return Ed25519Signer(settings.SEAL_KEY)
