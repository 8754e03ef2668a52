"""Finding what a page or a call about e-documents means: through what its reader may see or take, else ``NotSeen``."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.text import whole_number
from sharing.edocuments.policies import visible_deliveries, visible_documents, visible_templates
from sharing.edocuments.selectors import (
    deliveries_with_parties,
    documents_with_parties,
    rights_to,
    templates_with_entries,
)
from sharing.found import find_access
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery
from sharing.rights import Access


def find_document(user: User, number: str) -> EDocument:
    """A visible document, or ``NotSeen``."""
    rows = documents_with_parties(EDocument.objects.all())
    found = visible_documents(user, rows).filter(number=number).first()
    if found is None:
        raise _gone()
    return found


def find_takeable(user: User, number: str, *, at: dt.datetime) -> tuple[EDocument, list[Access]]:
    """A document that one may take, with the rights through which; one that is only visible has none."""
    found = documents_with_parties(EDocument.objects.filter(number=number)).first()
    if found is None:
        raise _gone()
    rights = rights_to(user, found, at=at)
    return (found, rights) if rights else (find_document(user, number), [])


def find_delivery(user: User, number: str) -> EDocumentDelivery:
    """A visible delivery, or ``NotSeen``."""
    rows = deliveries_with_parties(EDocumentDelivery.objects.all())
    found = visible_deliveries(user, rows).filter(number=number).first()
    if found is None:
        raise NotSeen(_("没有找到这次取用，或者您不能查看。请返回清单重新选择。"))
    return found


def find_template(user: User, pk: int) -> DocumentTemplate:
    """A template of an agency that one issues for, or ``NotSeen``."""
    rows = templates_with_entries(DocumentTemplate.objects.all())
    found = visible_templates(user, rows).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一文书模板，或者您不能使用。请返回清单重新选择。"))
    return found


def named_access(user: User, name: str) -> Access:
    """The right that a form or a call names (``grant-12``, ``taking-3``), or ``NotSeen``."""
    kind, _dash, text = name.partition("-")
    number = whole_number(text)
    if kind not in {"grant", "taking"} or number is None:
        raise NotSeen(_("没有找到这一授权或者获取登记。请核对后重试。"))
    return find_access(user, kind, number)


def _gone() -> NotSeen:
    return NotSeen(_("没有找到这份电子文书，或者您不能查看、取用。请核对编号，或者凭授权查找。"))
