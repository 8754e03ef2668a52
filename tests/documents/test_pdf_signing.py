"""Signed PDFs: readers of other makers find the signature good, and every changed byte breaks it."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import (
    CertificateBuilder,
    Name,
    NameAttribute,
    load_pem_x509_certificate,
    random_serial_number,
)
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pypdf import PdfReader, PdfWriter
from pytest_django.fixtures import Settings

from guiyang_data.documents.certificate import signing_certificate
from guiyang_data.documents.pdf_signing import _BROKEN, Inside, UnsignablePdf, _hand, sign_pdf
from tests.factories.papers import locked_pdf, plain_pdf

AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def signed(content: bytes = b"", inside: Inside | None = None) -> bytes:
    return sign_pdf(content or plain_pdf(), signing_certificate(at=AT), at=AT, reason="电子文书", inside=inside)


def is_good(content: bytes) -> bool:
    """Whether the last signature covers the whole file and holds, as a verifier of its own reckons."""
    try:
        reader = PdfFileReader(io.BytesIO(content))
        status = validate_pdf_signature(reader.embedded_signatures[-1])
        whole = status.coverage.name == "ENTIRE_FILE"
    except (SignatureValidationError, *_BROKEN):
        return False
    return bool(status.intact and status.valid and whole)


def test_a_signed_pdf_opens_is_good_and_begins_with_what_came() -> None:
    # given
    original = plain_pdf()

    # when
    made = signed(original, Inside(name="data.json", content='{"编号":"一"}'.encode()))

    # then
    assert made.startswith(original)
    assert is_good(made)
    assert PdfReader(io.BytesIO(made)).attachments["data.json"] == ['{"编号":"一"}'.encode()]
    (signature,) = PdfFileReader(io.BytesIO(made)).embedded_regular_signatures
    assert signature.self_reported_timestamp == AT


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig (poppler-utils) is not on this machine")
def test_another_reader_finds_the_signature_good_and_a_changed_byte_bad(tmp_path: Path) -> None:
    # given
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    content = signed()
    good.write_bytes(content)
    bad.write_bytes(content.replace(b"/Type", b"/Tyqe", 1))

    # when
    said = [
        subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout for path in (good, bad)
    ]

    # then
    assert "Signature is Valid" in said[0]
    assert "Total document signed" in said[0]
    assert "Signature is Valid" not in said[1]


def test_a_changed_byte_anywhere_breaks_it() -> None:
    # given
    content = signed()
    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    _start, end, begin, _length = signature.byte_range
    places = [*range(0, end, max(1, end // 40)), *range(begin, len(content), 20), len(content) - 1]

    # when
    still_good = [
        place for place in places if is_good(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    ]

    # then
    assert still_good == []


@pytest.mark.parametrize("cut", [1, 200, 5000])
def test_a_truncated_file_is_not_good(cut: int) -> None:
    assert not is_good(signed()[:-cut])


def test_something_appended_is_not_good() -> None:
    # given
    writer = PdfWriter(io.BytesIO(signed()), incremental=True)
    writer.add_attachment("data.json", b"{}")
    out = io.BytesIO()
    writer.write(out)

    # then
    assert not is_good(out.getvalue())


def test_signing_again_what_another_signed_leaves_his_signature_good() -> None:
    # given: a signature that allows more, as those of agencies do
    first = sign_pdf(signed_by_another(), signing_certificate(at=AT), at=AT, reason="第二次")

    # then
    reader = PdfFileReader(io.BytesIO(first))
    assert [validate_pdf_signature(one).intact for one in reader.embedded_signatures] == [True, True]


def signed_by_another() -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(plain_pdf()))
    meta = signers.PdfSignatureMetadata(field_name="Agency", md_algorithm="sha256")
    return bytes(signers.PdfSigner(meta, _hand(signing_certificate(at=AT))).sign_pdf(writer).getvalue())


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"%PDF-1.4\nnothing", b"PK\x03\x04", plain_pdf()[:300]])
def test_what_is_no_whole_pdf_is_not_signed(content: bytes) -> None:
    with pytest.raises(UnsignablePdf):
        sign_pdf(content, signing_certificate(at=AT), at=AT, reason="电子文书")


def test_an_encrypted_pdf_is_not_signed() -> None:
    with pytest.raises(UnsignablePdf):
        signed(locked_pdf())


# --- the certificate ---------------------------------------------------------------------------------


def test_the_certificate_is_made_once_for_its_owner_only(settings: Settings, tmp_path: Path) -> None:
    # given
    settings.DOCUMENT_CERTIFICATE = str(tmp_path / "new" / "documents.pem")

    # when: several at once
    with ThreadPoolExecutor(4) as pool:
        prints = set(pool.map(lambda _number: signing_certificate(at=AT).fingerprint, range(8)))

    # then
    path = Path(settings.DOCUMENT_CERTIFICATE)
    assert len(prints) == 1
    assert [path] == list(path.parent.iterdir())
    assert path.stat().st_mode & 0o077 == 0
    certificate = load_pem_x509_certificate(path.read_bytes()[path.read_bytes().index(b"-----BEGIN CERT") :])
    assert certificate.not_valid_before_utc < AT < certificate.not_valid_after_utc


def test_a_citys_own_certificate_signs_from_the_next_document_on(settings: Settings, tmp_path: Path) -> None:
    # given
    settings.DOCUMENT_CERTIFICATE = str(tmp_path / "documents.pem")
    before = signing_certificate(at=AT).fingerprint
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = Name([NameAttribute(NameOID.COMMON_NAME, "贵阳市电子印章")])
    certificate = (
        CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(random_serial_number())
        .not_valid_before(AT - dt.timedelta(1))
        .not_valid_after(AT + dt.timedelta(1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)

    # when
    (tmp_path / "documents.pem").write_bytes(pem)

    # then
    assert signing_certificate(at=AT).fingerprint == certificate.fingerprint(hashes.SHA256()).hex() != before
    assert is_good(signed())


def test_a_file_without_a_key_is_said_at_once(settings: Settings, tmp_path: Path) -> None:
    settings.DOCUMENT_CERTIFICATE = str(tmp_path / "documents.pem")
    (tmp_path / "documents.pem").write_text("nothing", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="private key"):
        signing_certificate(at=AT)
