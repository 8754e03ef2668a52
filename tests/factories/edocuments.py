"""E-documents in every state, made by the acts themselves. Plain functions, named for what they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile

from catalog.services import ItemSpec
from sharing import services
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery, SharingGrant
from sharing.rights import Access
from sharing.services import Facts, Matter, TemplateTerms
from tests.factories import sharing as made
from tests.factories.catalog import entry_in_force
from tests.factories.papers import plain_pdf
from tests.factories.sharing import Scene
from tests.remembering import remembered

ITEMS = (
    ItemSpec(name="许可证编号", code="licence", data_type="C", length=20, required=True, is_key=True, meaning="编号"),
    ItemSpec(name="经营者名称", code="name", data_type="C", length=60, required=True, meaning="经营者"),
    ItemSpec(name="统一社会信用代码", code="credit_code", data_type="C", length=18, meaning="代码"),
    ItemSpec(name="有效期至", code="until", data_type="D", meaning="最后一天"),
    ItemSpec(name="区县", code="county", data_type="C", length=20, meaning="所在区县"),
)
HOLDER, HOLDER_ID = "贵阳黔味示例餐饮有限公司", "91520102MA6DSL0017"
ROWS = (
    {
        "许可证编号": "YX-001",
        "经营者名称": HOLDER,
        "统一社会信用代码": HOLDER_ID,
        "有效期至": "2029-12-31",
        "区县": "南明区",
    },
    {"许可证编号": "YX-002", "经营者名称": "王示三", "统一社会信用代码": "", "有效期至": "", "区县": "云岩区"},
    {
        "许可证编号": "YX-003",
        "经营者名称": "贵阳过期示例商行",
        "统一社会信用代码": "",
        "有效期至": "2026-01-01",
        "区县": "云岩区",
    },
    {
        "许可证编号": "YX-004",
        "经营者名称": "贵阳快到期示例商行",
        "统一社会信用代码": "",
        "有效期至": "2026-11-10",
        "区县": "南明区",
    },
)
EVERY = ("licence", "name", "credit_code", "until", "county")
MATTER = "公共场所卫生许可 2026-0318"


@remembered
def scene(**entry: Any) -> Scene:
    """A provider of licences, conditionally shared, and an agency that needs them."""
    return made.scene(rows=entry.pop("rows", ROWS), items=ITEMS, **{"title": "道路运输经营许可", **entry})


def terms(**changed: Any) -> TemplateTerms:
    """What a licence says."""
    values: dict[str, Any] = {
        "kind": "licence",
        "title": "道路运输经营许可证",
        "items": ["licence", "name", "credit_code", "until"],
        "holder_item": "name",
        "holder_id_item": "credit_code",
        "valid_until_item": "until",
    }
    return TemplateTerms(**(values | changed))


@remembered
def template(at_scene: Scene, **changed: Any) -> DocumentTemplate:
    """A template in use."""
    return services.set_document_template(
        entry_id=at_scene.entry.pk, by=at_scene.steward, at=made.AT, terms=terms(**changed)
    )


def _template(at_scene: Scene) -> DocumentTemplate:
    found = DocumentTemplate.objects.filter(entry=at_scene.entry, ended_at=None).first()
    return found or template(at_scene)


@remembered
def issued(at_scene: Scene, licence: str = "YX-001", *, at: dt.datetime = made.AT, **changed: Any) -> EDocument:
    """A licence made from a row."""
    return services.issue_document(
        template_id=_template(at_scene).pk, by=at_scene.steward, at=at, key={"licence": licence}, **changed
    )


def facts(**changed: Any) -> Facts:
    """What a registered file is."""
    values: dict[str, Any] = {
        "holder": HOLDER,
        "holder_id": HOLDER_ID,
        "issued_on": dt.date(2025, 3, 1),
        "original_number": "黔交运管许可520100号",
    }
    return Facts(**(values | changed))


@remembered
def registered(at_scene: Scene, content: bytes = b"", *, at: dt.datetime = made.AT, **changed: Any) -> EDocument:
    """A licence made from the agency's own PDF."""
    given = {name: changed.pop(name) for name in ("key", "case_number", "by") if name in changed}
    return services.register_document(
        template_id=_template(at_scene).pk,
        at=at,
        uploaded=ContentFile(content or plain_pdf(), name="许可证.pdf"),
        facts=facts(**changed),
        **({"by": at_scene.steward} | given),
    )


@remembered
def revoked(at_scene: Scene, document: EDocument | None = None) -> EDocument:
    """A licence that was revoked."""
    found = document or issued(at_scene)
    return services.revoke_document(
        document_id=found.pk, by=at_scene.approver, at=made.later(3), reasons="经营者王示三申请注销。"
    )


@remembered
def grant(at_scene: Scene, items: Sequence[str] = EVERY, **changed: Any) -> SharingGrant:
    """A right of the other agency to read the licences."""
    return made.standing_grant(at_scene, items=items, **changed)


@remembered
def taken(
    at_scene: Scene,
    document: EDocument | None = None,
    *,
    access: Access | None = None,
    at: dt.datetime | None = None,
    matter: str = MATTER,
) -> EDocumentDelivery:
    """A licence that the other agency took."""
    found = document or issued(at_scene)
    return services.take_document(
        document_id=found.pk,
        by=at_scene.asker,
        at=at or made.later(1),
        access=access or grant(at_scene),
        matter=Matter(case_number=matter),
    )


def file_of(document: EDocument) -> bytes:
    """The bytes as they are kept."""
    assert document.file is not None
    with document.file.file.open("rb") as content:
        return bytes(content.read())


def scene_beside(at_scene: Scene) -> Scene:
    """The same people, with another entry of the same kind."""
    entry = entry_in_force(
        at_scene.provider, title="水路运输经营许可", items=ITEMS, rows=ROWS, sharing_type="conditional"
    )
    return replace(at_scene, entry=entry)
