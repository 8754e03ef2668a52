"""Templates of an entry's documents: which there are, and what each says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.models import EntryRevision, InformationItem, SharingType
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import record
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.workflow import AS_THE_ORIGINAL
from sharing.models import DocumentTemplate, MaterialSupply
from sharing.services.checks import (
    known_items,
    reasons_or_refuse,
    refuse_if,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.locking import GONE, lock_entry

REPLACED = "由同名的新模板替代"
_DAYS = (InformationItem.DataType.DATE, InformationItem.DataType.DATETIME)


@dataclass(frozen=True, kw_only=True)
class TemplateTerms:
    """What a template says. ``items``: codes; the others are codes among them."""

    kind: str
    title: str
    items: Sequence[str]
    holder_item: str
    holder_id_item: str = ""
    valid_until_item: str = ""


@transaction.atomic
def set_document_template(*, entry_id: int, by: User, at: dt.datetime, terms: TemplateTerms) -> DocumentTemplate:
    """Say what a document of an entry is called and shows; one of the same title is replaced.

    Documents that were issued keep what they say. Raises RuleBroken at the field it is about.
    """
    entry = lock_entry(entry_id)
    EDOCUMENT_POLICY.require(by, "set-document-template", entry)
    revision = revision_in_force(entry)
    if revision.sharing_type == SharingType.WITHHELD:
        raise RuleBroken("这项数据不予共享，不能由此签发供其他机关取用的电子文书。", basis=AS_THE_ORIGINAL)
    items = known_items(terms.items, revision)
    refuse_if(_wrong(terms, items, revision), AS_THE_ORIGINAL)
    template = DocumentTemplate(
        entry=entry,
        kind=terms.kind,
        title=terms.title.strip(),
        items=items,
        holder_item=terms.holder_item,
        holder_id_item=terms.holder_id_item,
        valid_until_item=terms.valid_until_item,
        set_by=by,
        set_at=at,
    )
    require_valid_fields(template, ["kind", "title"], AS_THE_ORIGINAL)
    replaced = list(DocumentTemplate.objects.filter(entry=entry, title=template.title, ended_at=None))
    for before in replaced:
        _end(before, by=by, at=at, reasons=REPLACED)
    template.save(force_insert=True)
    MaterialSupply.objects.filter(template__in=replaced).update(template=template)  # the same document, said anew
    payload = {"entry": entry.resource_code, "title": template.title, "items": items}
    record(template, "set-document-template", by=by, at=at, basis=AS_THE_ORIGINAL, payload=payload)
    return template


def _wrong(terms: TemplateTerms, items: Sequence[str], revision: EntryRevision) -> dict[str, str]:
    types = {item.code: item.data_type for item in revision.items.all()}
    wrong = {}
    if not terms.title.strip():
        wrong["title"] = "请写明文书的名称，例如「营业执照」。"
    if terms.holder_item not in items:
        wrong["holder_item"] = "持有人须是文书载明的信息项之一。"
    if terms.holder_id_item and terms.holder_id_item not in items:
        wrong["holder_id_item"] = "持有人证件号码须是文书载明的信息项之一。"
    if terms.valid_until_item and (terms.valid_until_item not in items or types[terms.valid_until_item] not in _DAYS):
        wrong["valid_until_item"] = "有效期须是文书载明的日期型信息项。"
    return wrong


@transaction.atomic
def end_document_template(*, template_id: int, by: User, at: dt.datetime, reasons: str) -> DocumentTemplate:
    """Issue no more documents by a template, with reasons; those issued stay as they are."""
    template = lock_template(template_id)
    EDOCUMENT_POLICY.require(by, "end-document-template", template)
    require_in_use(template)
    stated = reasons_or_refuse(reasons, AS_THE_ORIGINAL, "请写明停用的理由。")
    _end(template, by=by, at=at, reasons=stated)
    return template


def _end(template: DocumentTemplate, *, by: User, at: dt.datetime, reasons: str) -> None:
    template.ended_at, template.ended_reasons = at, reasons
    require_valid_fields(template, ["ended_reasons"], AS_THE_ORIGINAL)
    template.save(update_fields=["ended_at", "ended_reasons"])
    payload = {"reasons": reasons}
    record(template, "end-document-template", by=by, at=at, basis=AS_THE_ORIGINAL, payload=payload)


def lock_template(pk: int) -> DocumentTemplate:
    """The template, locked, so that one row is not made a document twice at once."""
    rows = DocumentTemplate.objects.select_for_update(of=("self",))
    found = rows.select_related("entry__provider", "entry__in_force", "entry__current_data").filter(pk=pk).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def require_in_use(template: DocumentTemplate) -> None:
    """WrongState where no document is issued by it any more."""
    if not template.is_in_use:
        raise WrongState("这一文书模板已经停用。请选择现行的模板。", basis=AS_THE_ORIGINAL)
