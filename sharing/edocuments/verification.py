"""What anybody is told of a document by its code or its file: whether it is genuine, and whether a byte was changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guiyang_data.accounts.protection import decrypt
from guiyang_data.personal import masked
from sharing.edocuments.codes import GROUP_LENGTH, GROUPS, code_indexes, plain
from sharing.edocuments.masks import masked_name
from sharing.edocuments.selectors import documents_with_parties
from sharing.edocuments.signing import record_holds
from sharing.models import EDocument

GENUINE, EXPIRED, REVOKED, ALTERED, UNKNOWN = "genuine", "expired", "revoked", "altered", "unknown"
SAME, CHANGED, NONE = "same", "changed", "none"
VERDICTS = [
    (GENUINE, "真实有效"),
    (EXPIRED, "真实，已过有效期"),
    (REVOKED, "已撤销"),
    (ALTERED, "登记记录与签名不符"),
    (UNKNOWN, "没有查到"),
]
FILES = [(SAME, "逐字节一致"), (CHANGED, "与签发的文件不同"), (NONE, "没有上传文件")]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file as it came: its checksum and size, nothing else of it is kept."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``standing``: genuine, expired, revoked, altered (the record is not what was signed) or unknown.

    ``file``: same, changed, or none where no file was sent. What else is told is safe for everybody.
    """

    standing: str
    file: str = NONE
    number: str = ""
    kind: str = ""
    title: str = ""
    issuer: str = ""
    holder: str = ""
    issued_on: dt.date | None = None
    valid_until: dt.date | None = None
    revoked_on: dt.date | None = None
    sha256: str = ""
    size: int | None = None
    certificate: str = ""
    sent: Sent | None = None


def verify_document(*, code: str = "", sent: Sent | None = None, on: dt.date) -> Verdict:
    """The verdict on a code, a file, or both: a file without a code is found by its checksum."""
    document = _by_code(code) if plain(code) else _by_file(sent)
    if document is None:
        return Verdict(standing=UNKNOWN, file=NONE if sent is None else CHANGED, sent=sent)
    return Verdict(
        standing=_standing(document, on),
        file=NONE if sent is None else SAME if sent.sha256 == document.sha256 else CHANGED,
        number=document.number,
        kind=str(document.get_kind_display()),
        title=document.title,
        issuer=document.issuer.name,
        holder=_holder(document),
        issued_on=document.issued_on,
        valid_until=document.valid_until,
        revoked_on=document.revoked_on,
        sha256=document.sha256,
        size=document.size,
        certificate=document.certificate,
        sent=sent,
    )


def _by_code(code: str) -> EDocument | None:
    if len(plain(code)) != GROUPS * GROUP_LENGTH:
        return None
    return documents_with_parties(EDocument.objects.filter(code_index__in=code_indexes(code))).first()


def _by_file(sent: Sent | None) -> EDocument | None:
    if sent is None:
        return None
    return documents_with_parties(EDocument.objects.filter(sha256=sent.sha256)).order_by("-pk").first()


def _standing(document: EDocument, on: dt.date) -> str:
    if not record_holds(document):
        return ALTERED
    found = document.standing_on(on)
    return GENUINE if found == "issued" else found


def _holder(document: EDocument) -> str:
    name = masked_name(decrypt(document.holder_encrypted))
    number = masked(decrypt(document.holder_id_encrypted)) if document.holder_id_encrypted else ""
    return f"{name}（{number}）" if number else name
