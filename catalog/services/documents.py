"""Documents of interfaces (第十条): read, held against OpenAPI, and kept whole, version after version."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.contracts.apart import Described, describe
from catalog.contracts.parts import MOST_FAULTS, Unreadable
from catalog.contracts.reading import check_size
from catalog.models import Interface, InterfaceDocument
from catalog.services.interfaces import lock_interface, note, start_checking
from catalog.workflow import SYSTEMS, InterfaceStatus
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken

Source = InterfaceDocument.Source


@dataclass(frozen=True, kw_only=True)
class ReadDocument:
    """A document that holds against its standard; ``read_document`` alone makes one."""

    content: str
    sha256: str
    source: str
    described: Described


def read_document(content: bytes, *, source: str = Source.UPLOADED) -> ReadDocument:
    """Read a document and hold it against OpenAPI 3.0 or 3.1. Raises RuleBroken that names each fault and its place.

    Takes up to ``contracts.apart.SECONDS``, so call it outside a transaction.
    """
    try:
        check_size(len(content))
        described = describe(content)
    except Unreadable as error:
        raise _refused(str(error)) from error
    if described.faults:
        listed = "\n".join(f"{number}. {fault.text}" for number, fault in enumerate(described.faults, start=1))
        more = _("，先列出前 %(most)d 处") % {"most": MOST_FAULTS} if len(described.faults) == MOST_FAULTS else ""
        raise _refused(
            _("文档不符合 OpenAPI 的规定，没有接收%(more)s：\n%(listed)s") % {"more": more, "listed": listed}
        )
    return ReadDocument(
        content=content.decode("utf-8-sig"),
        sha256=hashlib.sha256(content).hexdigest(),
        source=source,
        described=described,
    )


def read_upload(uploaded: File) -> ReadDocument:
    """The same for an uploaded file; one that is too large is not read into memory."""
    try:
        check_size(uploaded.size)
    except Unreadable as error:
        raise _refused(str(error)) from error
    return read_document(uploaded.read())


def _refused(message: str) -> RuleBroken:
    return RuleBroken(message, basis=SYSTEMS, fields={"document": message})


@transaction.atomic
def replace_document(*, interface_id: int, by: User, at: dt.datetime, document: ReadDocument) -> InterfaceDocument:
    """File the document of an interface, the first or a new version; from now on checks go by it."""
    interface = lock_interface(interface_id, by, "replace-document")
    current = interface.contract
    if current is not None and current.sha256 == document.sha256:
        raise _refused(_("与现行的第 %(number)d 版完全相同，没有更换。") % {"number": current.number})
    kept = InterfaceDocument.objects.create(
        interface=interface,
        number=_newest(interface) + 1,
        source=document.source,
        content=document.content,
        sha256=document.sha256,
        filed_by=by,
        filed_at=at,
        **_said(document.described),
    )
    interface.contract = kept
    interface.save(update_fields=["contract"])
    payload = {"document": kept.number, "sha256": kept.sha256, "openapi": kept.version, "source": kept.source}
    note(interface, "replace-document", by=by, at=at, payload=payload)
    if interface.status == InterfaceStatus.CHECKED:
        start_checking(interface, at=at)
    return kept


def _said(described: Described) -> dict[str, Any]:
    return {
        "version": described.version,
        "title": described.title,
        "own_version": described.own_version,
        "operations": described.operations,
        "samples": [sample.as_dict() for sample in described.samples],
    }


def _newest(interface: Interface) -> int:
    return interface.documents.order_by("-number").values_list("number", flat=True).first() or 0
