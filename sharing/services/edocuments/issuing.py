"""Issuing: a document from a row of an entry, or an agency's own file registered as one."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction

from catalog.models import EntryRevision
from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index, encrypt
from guiyang_data.attachments.services import take_in
from guiyang_data.documents.certificate import SigningCertificate, signing_certificate
from guiyang_data.documents.pdf_signing import UnsignablePdf
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.numbers import next_number
from guiyang_data.faces.text import cell_text
from guiyang_data.ledger.services import Ended, record, subject_of
from sharing.edocuments.codes import code_index, holder_index, new_code, row_key_indexes
from sharing.edocuments.papers import Content, Said, Unprintable, completed, composed
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.rows import SourceRow, find_row, numbers_of_persons, sealed_key, written_key
from sharing.edocuments.signing import sign_record
from sharing.edocuments.ways import ISSUE, KIND
from sharing.edocuments.workflow import AS_THE_ORIGINAL, DocumentStatus
from sharing.log_writing import begin_reading
from sharing.models import DocumentTemplate, EDocument
from sharing.services.checks import broken, refuse_if, require_valid_fields, revision_in_force
from sharing.services.edocuments.templates import lock_template, require_in_use
from sharing.tracing.writing import Named

PREFIX = "DZ"
LONGEST_HOLDER = 200
UNPRINTABLE = "这一行有字库中没有的字（例如生僻字），印不出来，没有签发。请用能显示这个字的程序制成 PDF，登记已有文件。"
UNSIGNABLE = (
    "这个 PDF 不能签名：可能已经损坏、设有密码，或者原有签名不允许再添加内容。请用原程序另存为普通 PDF 后再登记。"
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a registered file is: whose, from when until when (None: without end), its number on paper."""

    holder: str
    issued_on: dt.date
    holder_id: str = ""
    valid_until: dt.date | None = None
    original_number: str = ""


@transaction.atomic
def issue_document(
    *, template_id: int, by: User, at: dt.datetime, key: Mapping[str, str], case_number: str = ""
) -> EDocument:
    """Make a row of the agency's own entry a signed document (第十六条第一款). ``key``: text by code of each key item.

    The reading is logged. Raises RuleBroken at the field it is about: no such row, its period over, or a document of
    the same row that is still good.
    """
    template = lock_template(template_id)
    EDOCUMENT_POLICY.require(by, "issue-document", template)
    require_in_use(template)
    revision = revision_in_force(template.entry)
    row = find_row(template.entry, revision, key)
    content = _content(template, revision, row)
    document = _begun(template, by=by, at=at, case_number=case_number, source=EDocument.Source.ROW)
    document.version, document.valid_until = row.version, _until(template, row)
    document.row_key_encrypted, document.row_key_index = sealed_key(row.key)
    _require_fresh(document, row.key)
    document.reading = _read(document, content.holder_id, row, by=by, at=at)
    return _finished(document, content, by=by, at=at, make=_composed)


@transaction.atomic
def register_document(
    *,
    template_id: int,
    by: User,
    at: dt.datetime,
    uploaded: File[bytes],
    facts: Facts,
    key: Mapping[str, str] | None = None,
    case_number: str = "",
) -> EDocument:
    """Make an agency's own PDF a signed document; its bytes stay as they are, in front of data and signature.

    ``key`` says which row of the entry it belongs to, where it belongs to one. Raises RuleBroken at its field.
    """
    template = lock_template(template_id)
    EDOCUMENT_POLICY.require(by, "register-document", template)
    require_in_use(template)
    refuse_if(_wrong_facts(facts, day_of(at)), AS_THE_ORIGINAL)
    original = _pdf(uploaded)
    document = _begun(template, by=by, at=at, case_number=case_number, source=EDocument.Source.FILE)
    document.issued_on, document.valid_until = facts.issued_on, facts.valid_until
    document.original_number = facts.original_number.strip()
    document.original_sha256 = hashlib.sha256(original).hexdigest()
    row = _named_row(template, key or {})
    if row is not None:
        document.version = row.version
        document.row_key_encrypted, document.row_key_index = sealed_key(row.key)
        _require_fresh(document, row.key)
    content = Content(holder=facts.holder.strip(), holder_id=facts.holder_id.strip())
    document.reading = _read(document, content.holder_id, row, by=by, at=at)
    return _finished(document, content, by=by, at=at, make=partial(_completed, original))


# --- what it says ------------------------------------------------------------------------------------


def _content(template: DocumentTemplate, revision: EntryRevision, row: SourceRow) -> Content:
    items = {item.code: item for item in revision.items.all()}
    gone = [code for code in template.items if code not in items]
    if gone:
        message = "目录调整后，模板载明的信息项已不存在。请先更新文书模板。"
        raise RuleBroken(message, basis=AS_THE_ORIGINAL)
    said = [_said(items[code].name, items[code].unit, code, row.values[code]) for code in template.items]
    holder = cell_text(row.values[template.holder_item])
    if not holder:
        message = "这一行没有载明持有人，不能签发。请先补正数据。"
        raise RuleBroken(message, basis=AS_THE_ORIGINAL, fields={next(iter(row.key)): message})
    by_id = template.holder_id_item
    return Content(
        holder=holder,
        holder_label=items[template.holder_item].name,
        holder_id=cell_text(row.values[by_id]) if by_id else "",
        holder_id_label=items[by_id].name if by_id else "",
        items=said,
    )


def _said(name: str, unit: str, code: str, value: Any) -> Said:
    text = cell_text(value)
    return Said(code=code, name=name, value=f"{text} {unit}".strip() if text and unit else text or "—")


def _until(template: DocumentTemplate, row: SourceRow) -> dt.date | None:
    value = row.values[template.valid_until_item] if template.valid_until_item else None
    return value.date() if isinstance(value, dt.datetime) else value


def _wrong_facts(facts: Facts, on: dt.date) -> dict[str, str]:
    wrong = {}
    if not facts.holder.strip():
        wrong["holder"] = "请写明持有人。"
    elif len(facts.holder.strip()) > LONGEST_HOLDER:
        wrong["holder"] = f"持有人最多 {LONGEST_HOLDER} 个字。"
    if len(facts.holder_id.strip()) > LONGEST_HOLDER:
        wrong["holder_id"] = f"证件号码最多 {LONGEST_HOLDER} 个字。"
    if facts.issued_on > on:
        wrong["issued_on"] = "签发日期不能晚于今天。"
    if facts.valid_until is not None and facts.valid_until < max(facts.issued_on, on):
        wrong["valid_until"] = "有效期不能早于签发日期，也不能早于今天；长期有效的请留空。"
    return wrong


def _pdf(uploaded: File[bytes]) -> bytes:
    """The whole of an uploaded PDF, which is no larger than any attachment may be."""
    limit = settings.ATTACHMENT_LIMIT_BYTES
    if uploaded.size > limit:
        message = f"文件超过 {limit // (1024 * 1024)} MB，没有登记。请压缩后再登记。"
        raise broken(AS_THE_ORIGINAL, {"file": message})
    content = bytes(uploaded.read())
    if not content.startswith(b"%PDF-"):
        message = "只能登记 PDF 文件。其他格式的，请先用原程序另存为 PDF。"
        raise broken(AS_THE_ORIGINAL, {"file": message})
    return content


def _named_row(template: DocumentTemplate, key: Mapping[str, str]) -> SourceRow | None:
    """The row that a file belongs to, where its key was given."""
    if not any(str(value).strip() for value in key.values()):
        return None
    return find_row(template.entry, revision_in_force(template.entry), key)


# --- how it is kept ----------------------------------------------------------------------------------


def _begun(template: DocumentTemplate, *, by: User, at: dt.datetime, case_number: str, source: str) -> EDocument:
    document = EDocument(
        template=template,
        entry=template.entry,
        kind=template.kind,
        title=template.title,
        issuer=template.entry.provider,
        items=template.items,
        source=source,
        case_number=case_number.strip(),
        status=DocumentStatus.ISSUED,
        issued_by=by,
        issued_on=day_of(at),
        issued_at=at,
    )
    require_valid_fields(document, ["case_number"], AS_THE_ORIGINAL)
    return document


def _require_fresh(document: EDocument, key: Mapping[str, str]) -> None:
    """Its period is not over, and its row has no other document that is still good."""
    on, first = day_of(document.issued_at), next(iter(key))
    if document.has_run_out(on):
        message = "数据中的有效期已经过去，不能签发。请先更新数据。"
        raise broken(AS_THE_ORIGINAL, {first: message})
    known = row_key_indexes(written_key(key))
    same = EDocument.objects.filter(template=document.template, row_key_index__in=known)
    good = [one for one in same.filter(status=DocumentStatus.ISSUED) if not one.has_run_out(on)]
    if good:
        message = f"这一行已有有效的{document.title} {good[0].number}。需要更换的，请先撤销原来的。"
        raise broken(AS_THE_ORIGINAL, {first: message})


def _read(document: EDocument, holder_id: str, row: SourceRow | None, *, by: User, at: dt.datetime) -> uuid.UUID:
    """Log that the agency read its own row, or took up its own file, to make a document of it (第十七条)."""
    filters = [
        {"code": code, "operator": "eq", "value_index": [blind_index(value)]}
        for code, value in (row.key if row else {}).items()
    ]
    return begin_reading(
        by=by,
        at=at,
        entry=document.entry,
        touched=Named(kind=ISSUE, numbers=numbers_of_persons(holder_id, row.persons if row else ())),
        purpose=f"签发电子文书：{document.title}",
        case_number=document.case_number,
        items=document.items,
        version=document.version.number if document.version else None,
        query={"kind": KIND, "filters": filters},
        ended=Ended(rows=1 if row else 0),
    ).reading


Make = Callable[[EDocument, Content, str, SigningCertificate], bytes]


def _composed(document: EDocument, content: Content, code: str, certificate: SigningCertificate) -> bytes:
    try:
        return composed(document, content, code, certificate)
    except Unprintable as error:
        raise RuleBroken(UNPRINTABLE, basis=AS_THE_ORIGINAL) from error


def _completed(
    original: bytes, document: EDocument, content: Content, code: str, certificate: SigningCertificate
) -> bytes:
    try:
        return completed(original, document, content, code, certificate)
    except UnsignablePdf as error:
        raise broken(AS_THE_ORIGINAL, {"file": UNSIGNABLE}) from error


def _finished(document: EDocument, content: Content, *, by: User, at: dt.datetime, make: Make) -> EDocument:
    """Number it, make and keep its file, sign its record, and write the event."""
    certificate = signing_certificate(at=at)
    code = new_code()
    document.number = next_number(PREFIX, day_of(at).year)
    document.code_encrypted, document.code_index = encrypt(code), code_index(code)
    document.holder_encrypted, document.holder_index = encrypt(content.holder), holder_index(content.holder)
    document.holder_id_encrypted = encrypt(content.holder_id) if content.holder_id else ""
    document.holder_id_index = holder_index(content.holder_id)
    document.certificate = certificate.fingerprint
    require_valid_fields(document, ["original_number"], AS_THE_ORIGINAL)
    made = make(document, content, code, certificate)
    document.sha256, document.size = hashlib.sha256(made).hexdigest(), len(made)
    sign_record(document)
    document.save(force_insert=True)
    name = f"{document.title} {document.number}.pdf"
    document.file = take_in(ContentFile(made, name=name), subject=subject_of(document), by=by, at=at)
    document.save(update_fields=["file"])
    payload = {
        "number": document.number,
        "kind": document.kind,
        "title": document.title,
        "entry": document.entry.resource_code,
        "source": document.source,
        "reading": str(document.reading),
        "sha256": document.sha256,
    }
    verb = "issue-document" if document.source == EDocument.Source.ROW else "register-document"
    record(document, verb, by=by, at=at, basis=AS_THE_ORIGINAL, payload=payload)
    return document
