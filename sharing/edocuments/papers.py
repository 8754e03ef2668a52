"""The files: a document as signed PDF with its data inside, an agency's own PDF so completed, and the certificate
that it was taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import typst
from django.conf import settings
from django.urls import reverse

from guiyang_data.accounts.protection import decrypt
from guiyang_data.documents.certificate import SigningCertificate
from guiyang_data.documents.pdf import render
from guiyang_data.documents.pdf_signing import Inside, sign_pdf
from guiyang_data.documents.qr import svg
from guiyang_data.faces.text import zh_datetime
from sharing.edocuments.workflow import EFFECT, WITHOUT_SIGNATURE
from sharing.models import EDocument, EDocumentDelivery
from sharing.named_rights import called

DATA_FILE = "edocument.json"
VERIFY_LINE = "扫码或者凭核验码核验，也可以上传文件，核对是否被改动。"


class Unprintable(ValueError):
    """A sign that no font of the portal has."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One item as a document shows it."""

    code: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a document says: whose it is, and its items (none where a file says them)."""

    holder: str
    holder_id: str = ""
    holder_label: str = "持有人"
    holder_id_label: str = "证件号码"
    items: Sequence[Said] = ()


def verify_address(code: str) -> str:
    """Where everybody verifies the document with this code."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('sharing:verified-document', args=[code])}"


def composed(document: EDocument, content: Content, code: str, certificate: SigningCertificate) -> bytes:
    """A document that is made from a row, signed."""
    holder = [{"label": content.holder_label, "value": content.holder}]
    if content.holder_id:
        holder.append({"label": content.holder_id_label, "value": content.holder_id})
    named = {content.holder_label, content.holder_id_label}
    paper = _printed(
        {
            "kind": document.get_kind_display(),
            "title": document.title,
            "number": document.number,
            "issuer": document.issuer.name,
            "date": document.issued_on.isoformat(),
            "holder": holder,
            "items": [{"label": said.name, "value": said.value} for said in content.items if said.name not in named],
            "validity": validity(document),
            "issued": _day(document.issued_on),
            "basis": EFFECT,
            "verify": {
                "line": VERIFY_LINE,
                "address": verify_address(code),
                "code": code,
                "qr": svg(verify_address(code)),
            },
            "inside": {
                "name": DATA_FILE,
                "content": data_of(document, content, code).decode(),
                "description": "电子文书的数据，供程序读取",
            },
        }
    )
    return sign_pdf(paper, certificate, at=document.issued_at, reason=_reason(document))


def _printed(data: dict[str, Any]) -> bytes:
    """The paper as PDF/A, which shows every sign or is not made."""
    try:
        return render("edocument", data, archival=True)
    except typst.TypstError as error:
        raise Unprintable(str(error)) from error


def completed(
    original: bytes, document: EDocument, content: Content, code: str, certificate: SigningCertificate
) -> bytes:
    """An agency's own PDF with its data and the signature behind it. Raises ``UnsignablePdf``."""
    inside = Inside(name=DATA_FILE, content=data_of(document, content, code), description="edocument data")
    return sign_pdf(original, certificate, at=document.issued_at, reason=_reason(document), inside=inside)


def data_of(document: EDocument, content: Content, code: str) -> bytes:
    """The document's data as JSON: what programs read instead of the page."""
    values: dict[str, Any] = {
        "number": document.number,
        "kind": document.kind,
        "kind_name": str(document.get_kind_display()),
        "title": document.title,
        "issuer": {"code": document.issuer.code, "name": document.issuer.name},
        "holder": {"name": content.holder, "id": content.holder_id},
        "issued_on": document.issued_on,
        "valid_until": document.valid_until,
        "original_number": document.original_number,
        "items": [{"code": said.code, "name": said.name, "value": said.value} for said in content.items],
        "source": {
            "resource_code": document.entry.resource_code,
            "data_version": document.version.number if document.version else None,
            "original_sha256": document.original_sha256,
        },
        "provenance": {
            "issued_at": document.issued_at,
            "case_number": document.case_number,
            "reading": str(document.reading),
        },
        "basis": EFFECT,
        "verify": {"address": verify_address(code), "code": code},
    }
    return orjson.dumps(values, option=orjson.OPT_INDENT_2)


def validity(document: EDocument) -> str:
    """From when until when, in words."""
    until = _day(document.valid_until) if document.valid_until else ""
    return f"{_day(document.issued_on)}至{until}" if until else "长期"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _reason(document: EDocument) -> str:
    return f"{document.issuer.name} {document.title} {document.number}"


def delivery_certificate(delivery: EDocumentDelivery, certificate: SigningCertificate) -> bytes:
    """The certificate (取用证明) that an agency took a document, with its provenance, signed."""
    document, code = delivery.document, decrypt(delivery.document.code_encrypted)
    address = verify_address(code)
    facts = [
        ("电子文书", f"{document.title}（{document.get_kind_display()}）　{document.number}"),
        ("签发机关", document.issuer.name),
        ("持有人", decrypt(document.holder_encrypted)),
        ("签发日期", _day(document.issued_on)),
        ("有效期", validity(document)),
        *provenance(delivery),
    ]
    paper = render(
        "receipt",
        {
            "office": "贵阳市政府数据平台",
            "title": "电子文书取用证明",
            "number": delivery.number,
            "facts": [{"label": label, "value": value} for label, value in facts],
            "notes_title": "说明",
            "notes": [EFFECT + WITHOUT_SIGNATURE],
            "verify": {"line": "扫码核验这份电子文书", "address": address, "code": code, "qr": svg(address)},
            "issued": f"贵阳市政府数据平台　{zh_datetime(delivery.taken_at, with_year=True)}",
        },
    )
    return sign_pdf(paper, certificate, at=delivery.taken_at, reason=f"电子文书取用证明 {delivery.number}")


def provenance(delivery: EDocumentDelivery) -> list[tuple[str, str]]:
    """Who took it, when, through what, for what, and how each is found again in the records."""
    grant = delivery.grant
    source = grant.source.number if grant is not None and grant.source is not None else ""
    return [
        ("取用机关", delivery.agency.name),
        ("取用时间", zh_datetime(delivery.taken_at, with_year=True)),
        ("取用依据", f"{called(delivery.access)}{f'（{source}）' if source else ''}"),
        ("用途", delivery.purpose),
        ("办理事项", delivery.case_number),
        ("来源目录", f"{delivery.document.entry.resource_code}"),
        ("读取编号", str(delivery.reading)),
        ("SHA-256", delivery.document.sha256),
        ("登记签名", f"{delivery.signature_algorithm}　{_in_groups(delivery.signature)}"),
    ]


def _in_groups(text: str) -> str:
    """A long checksum in groups of sixteen signs, between which a line may end."""
    return " ".join(text[at : at + 16] for at in range(0, len(text), 16))
