"""Signing a PDF (PAdES, ETSI EN 319 142) and putting data inside it. The bytes that came stay as they are, in front."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from asn1crypto import keys, x509
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from guiyang_data.documents.certificate import SigningCertificate

FIELD = "PortalSignature"
_BROKEN = (
    PdfError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,  # nested deeper than Python goes
    zlib.error,
    struct.error,
)


class UnsignablePdf(ValueError):
    """No PDF, a broken or an encrypted one, or one whose own signature forbids any addition."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """A file put into the PDF as its data (the manner of PDF/A-3). ``name`` in ASCII."""

    name: str
    content: bytes
    media_type: str = "application/json"
    description: str = ""


def sign_pdf(
    content: bytes, certificate: SigningCertificate, *, at: dt.datetime, reason: str, inside: Inside | None = None
) -> bytes:
    """``content`` with ``inside`` and a signature over the whole of it appended; its own bytes are its beginning.

    Where nobody signed before, it certifies: readers then show every later addition as a change. Earlier signatures
    stay valid for what they signed. Raises ``UnsignablePdf``.
    """
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        if writer.prev.encrypted:
            raise UnsignablePdf("encrypted")
        if inside is not None:
            _put_inside(writer, inside)
        first = not writer.prev.embedded_signatures
        signed = _Signer(_metadata(first=first, reason=reason), _hand(certificate), at=at).sign_pdf(writer)
    except _BROKEN as error:
        # what is broken breaks the reader in many ways; the file itself is at fault in each
        raise UnsignablePdf(str(error)) from error
    return bytes(signed.getvalue())


def _put_inside(writer: IncrementalPdfFileWriter, inside: Inside) -> None:
    data = embed.EmbeddedFileObject.from_file_data(writer, inside.content, mime_type=inside.media_type)
    spec = embed.FileSpec(
        file_spec_string=inside.name,
        embedded_data=data,
        description=inside.description,
        af_relationship=generic.NameObject("/Data"),
    )
    embed.embed_file(writer, spec)


def _metadata(*, first: bool, reason: str) -> signers.PdfSignatureMetadata:
    return signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=first,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        reason=reason,
    )


def _hand(certificate: SigningCertificate) -> signers.SimpleSigner:
    chain = [x509.Certificate.load(each) for each in certificate.chain]
    store = SimpleCertificateStore()
    store.register_multiple(chain)
    return signers.SimpleSigner(
        signing_cert=chain[0], signing_key=keys.PrivateKeyInfo.load(certificate.key), cert_registry=store
    )


class _Signer(signers.PdfSigner):
    """Signs as of a given moment instead of the machine's."""

    def __init__(self, metadata: signers.PdfSignatureMetadata, hand: signers.Signer, *, at: dt.datetime) -> None:
        super().__init__(metadata, hand)
        self._at = at

    def init_signing_session(self, *arguments: Any, **named: Any) -> PdfSigningSession:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self._at
        return session
