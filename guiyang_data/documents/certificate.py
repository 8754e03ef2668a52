"""The key and certificate that papers are signed with: made at the first need, or a city's own."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VALID_YEARS = 10
COMMON_NAME = "贵阳市政府数据平台电子文书签名"
_OTHER_USAGES = (
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, kw_only=True)
class SigningCertificate:
    """What signs: the private key, and the chain of certificates with the signing one first, each as DER."""

    key: bytes
    chain: tuple[bytes, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in hex, as readers of PDF show it."""
        return x509.load_der_x509_certificate(self.chain[0]).fingerprint(hashes.SHA256()).hex()


def signing_certificate(*, at: dt.datetime) -> SigningCertificate:
    """The installation's own: the setting ``DOCUMENT_CERTIFICATE`` names one PEM file with key and chain.

    Where there is no file yet a self-issued certificate is made and kept there, for its owner only; of several
    processes at once the first wins. A file without key or certificate is ``ImproperlyConfigured``.
    """
    path = Path(settings.DOCUMENT_CERTIFICATE)
    if not path.is_file():
        _keep(path, _self_issued(at))
    return _read(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> SigningCertificate:
    content = Path(path).read_bytes()
    try:
        key = load_pem_private_key(content, password=None)
        chain = x509.load_pem_x509_certificates(content)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(f"{path}: an unencrypted private key and its certificate are needed, PEM") from error
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningCertificate(key=der, chain=tuple(each.public_bytes(Encoding.DER) for each in chain))


def _keep(path: Path, content: bytes) -> None:
    """Put the file there whole or not at all, and never over another's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _self_issued(at: dt.datetime) -> bytes:
    """A key (P-256) and a certificate that only vouches for itself: that all papers come from the same hand."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "贵阳市"),
            x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME),
        ]
    )
    usages = dict.fromkeys(_OTHER_USAGES, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(at.year - 1, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(at.year + VALID_YEARS, 12, 31, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usages), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + certificate.public_bytes(Encoding.PEM)
