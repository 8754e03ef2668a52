"""What the pages of e-documents have in common: their home, their views, how a document reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import decrypt
from guiyang_data.faces.text import file_size, zh_date
from guiyang_data.personal import masked
from sharing.edocuments.policies import issues_for, knows_holder
from sharing.edocuments.selectors import access_key
from sharing.models import EDocument, SharingGrant
from sharing.named_rights import called
from sharing.policies import working_agencies
from sharing.rights import Access
from sharing.views.shared import HOME as SHARING
from sharing.views.shared import SHELL as SHARING_SHELL
from sharing.views.shared import crumbs as sharing_crumbs
from sharing.views.shared import named

HOME = f"{SHARING}edocuments/"
SHELL = SHARING_SHELL
STANDING = {
    "issued": (gettext_lazy("有效"), "tag--on_time"),
    "expired": (gettext_lazy("已过有效期"), "tag--near"),
    "revoked": (gettext_lazy("已撤销"), "tag--late"),
}
"""Word and look of how a document stands."""


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the home of sharing on."""
    return sharing_crumbs((_("电子文书"), HOME), *steps)


def tabs(user: User) -> list[dict[str, Any]]:
    """The views of e-documents: those of whoever issues, and those of whoever takes."""
    found = [
        {"key": "find", "label": _("查找与取用"), "url": f"{HOME}find/"},
        {"key": "taken", "label": _("取用记录"), "url": f"{HOME}taken/"},
    ]
    issued = [{"key": "issued", "label": _("签发的文书"), "url": HOME}]
    if any(issues_for(user, agency) for agency in working_agencies(user)):
        issued.append({"key": "templates", "label": _("文书模板"), "url": f"{HOME}templates/"})
    return [*issued, *found]


def look(document: EDocument, on: dt.date) -> tuple[Any, str]:
    """How it stands on a day: the word, and its tag."""
    return STANDING[document.standing_on(on)]


def rights_to_choose(accesses: Iterable[Access]) -> list[tuple[str, str]]:
    """Rights as a form offers them."""
    return [(access_key(access), _named(access)) for access in accesses]


def _named(access: Access) -> str:
    what_for = access.purpose if isinstance(access, SharingGrant) else access.duty
    return f"{access.title}（{access.entry.provider.short_name}）· {called(access)} · {what_for[:40]}"


def document_facts(document: EDocument, user: User) -> list[tuple[Any, ...]]:
    """What a document is; whose, only for those who may read it."""
    names = {item.code: item.name for item in document.entry.in_force.items.all()} if document.entry.in_force else {}
    facts: list[tuple[Any, ...]] = [
        (_("类别"), document.get_kind_display()),
        (_("签发机关"), document.issuer.name),
    ]
    if knows_holder(user, document):
        number = decrypt(document.holder_id_encrypted) if document.holder_id_encrypted else ""
        facts.append((_("持有人"), decrypt(document.holder_encrypted)))
        facts += [(_("证件号码"), masked(number))] if number else []
        facts.append((_("核验码"), decrypt(document.code_encrypted)))
    until = zh_date(document.valid_until, with_year=True) if document.valid_until else _("长期")
    facts += [
        (_("签发日期"), zh_date(document.issued_on, with_year=True)),
        (_("有效期至"), until),
        (_("来源"), _source(document)),
        (_("载明的信息项"), named(document.items, names)),
    ]
    if document.original_number:
        facts.append((_("文件所载的编号"), document.original_number))
    if document.case_number:
        facts.append((_("签发事项编号"), document.case_number))
    return [*facts, *_technical(document)]


def _source(document: EDocument) -> str:
    version = _("，第 %(number)s 版数据") % {"number": document.version.number} if document.version else ""
    return f"{document.get_source_display()}：{document.entry.resource_code}{version}"


def _technical(document: EDocument) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("读取编号"), document.reading),
        (_("文件"), f"PDF · {file_size(document.size)}"),
        (_("文件校验值"), f"SHA-256 {document.sha256}"),
        (_("签名证书指纹"), document.certificate),
    ]
    if document.original_sha256:
        facts.append((_("原文件校验值"), f"SHA-256 {document.original_sha256}"))
    return facts
