"""Signatures over seals: Ed25519, or SM2 with SM3 where the city's cryptography must be the national one.

A seal names the algorithm it was signed with, so that those made before a change still hold.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from gmssl_pyx import GmsslInnerError, InvalidValueError, sm2_key_generate, sm2_sign, sm2_verify

ED25519, SM2 = "Ed25519", "SM2"
SM2_PRIVATE, SM2_PUBLIC = 32, 64
_SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""What stands before the point in the public key of the curve sm2p256v1 (GB/T 35276)."""


class Signer(Protocol):
    """Signs bytes; ``signature`` is hex."""

    algorithm: str

    def sign(self, message: bytes) -> str: ...

    def verify(self, message: bytes, signature: str) -> bool: ...

    def public_key_pem(self) -> str: ...


class Ed25519Signer:
    """Signs with a key derived from the installation's seal secret."""

    algorithm = ED25519

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


class SM2Signer:
    """Signs by GB/T 32918.2 with SM3 and the usual identity 1234567812345678; the signature is DER (GB/T 35276).

    ``key``: hex of the private number and the public point, as ``manage.py make_seal_key`` prints it.
    """

    algorithm = SM2

    def __init__(self, key: str) -> None:
        try:
            pair = bytes.fromhex(key)
        except ValueError:
            pair = b""
        if len(pair) != SM2_PRIVATE + SM2_PUBLIC:
            raise ImproperlyConfigured("GUIYANG_SEAL_KEY_PAIR is no key that manage.py make_seal_key printed")
        self._private, self._public = pair[:SM2_PRIVATE], pair[SM2_PRIVATE:]

    def sign(self, message: bytes) -> str:
        return bytes(sm2_sign(self._private, self._public, message)).hex()

    def verify(self, message: bytes, signature: str) -> bool:
        try:
            return bool(sm2_verify(self._public, message, bytes.fromhex(signature)))
        except (GmsslInnerError, InvalidValueError, ValueError):
            return False

    def public_key_pem(self) -> str:
        body = base64.encodebytes(_SM2_SPKI + self._public).decode("ascii").replace("\n", "")
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def new_sm2_key() -> str:
    """A fresh pair for ``GUIYANG_SEAL_KEY_PAIR``."""
    public, private = sm2_key_generate()
    return (bytes(private) + bytes(public)).hex()


def signer(algorithm: str = "") -> Signer:
    """The signer of this installation; with ``algorithm`` the one that made a seal of that kind."""
    wanted = algorithm or settings.SEAL_ALGORITHM
    if wanted == SM2:
        return SM2Signer(settings.SEAL_KEY_PAIR)
    if wanted == ED25519:
        return Ed25519Signer(settings.SEAL_KEY)
    raise ImproperlyConfigured(f"GUIYANG_SEAL_ALGORITHM is {ED25519} or {SM2}, not {wanted}")


def holds(message: bytes, signature: str, algorithm: str) -> bool:
    """Whether a signature holds under this installation's key of that algorithm; without such a key it does not."""
    try:
        return signer(algorithm).verify(message, signature)
    except ImproperlyConfigured:
        return False


def public_key_file(algorithm: str) -> str:
    """The name of the public key's file beside the seals."""
    return "public-key.pem" if algorithm == ED25519 else f"public-key-{algorithm.lower()}.pem"
