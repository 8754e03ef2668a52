"""Issuing from a row and from a file: what the document says, what is on record, what is refused (第十六条第一款)."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from typing import Any

import pytest
from django.conf import settings as portal
from pypdf import PdfReader

from guiyang_data.accounts.protection import decrypt
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Access, Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from sharing import services
from sharing.edocuments.signing import record_holds
from sharing.models import DocumentTemplate, EDocument
from tests.documents.test_documents import codes_on, text_of
from tests.documents.test_pdf_signing import is_good
from tests.factories import edocuments as made
from tests.factories import sharing
from tests.factories.accounts import staff, system
from tests.factories.catalog import gather, revised_entry
from tests.factories.papers import locked_pdf, plain_pdf
from tests.factories.sharing import Scene
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


_kept, scene = kept(made.scene)


def data_in(content: bytes) -> dict[str, Any]:
    (inside,) = PdfReader(io.BytesIO(content)).attachments["edocument.json"]
    return dict(json.loads(inside))


# --- templates ---------------------------------------------------------------------------------------


def test_a_new_template_of_the_same_title_replaces_the_one_before(scene: Scene) -> None:
    first = made.template(scene)
    second = made.template(scene, items=["licence", "name"], holder_id_item="", valid_until_item="")
    first.refresh_from_db()
    assert not first.is_in_use
    assert list(DocumentTemplate.objects.filter(ended_at=None)) == [second]
    assert [event.verb for event in events_of(first)] == ["set-document-template", "end-document-template"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"items": []}, "items"),
        ({"items": ["nothing"]}, "items"),
        ({"holder_item": "county"}, "holder_item"),
        ({"holder_id_item": "county"}, "holder_id_item"),
        ({"valid_until_item": "name"}, "valid_until_item"),
        ({"kind": "stamp"}, "kind"),
        ({"title": "证" * 81}, "title"),
    ],
)
def test_a_template_that_cannot_work_is_refused_at_its_field(scene: Scene, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.template(scene, **changed)
    assert field in refused.value.fields
    assert not DocumentTemplate.objects.exists()


def test_an_ended_template_issues_nothing_and_is_ended_once(scene: Scene) -> None:
    template = made.template(scene)
    services.end_document_template(template_id=template.pk, by=scene.steward, at=sharing.AT, reasons="改版")
    with pytest.raises(WrongState):
        services.end_document_template(template_id=template.pk, by=scene.steward, at=sharing.AT, reasons="再次")
    with pytest.raises(WrongState):
        services.issue_document(template_id=template.pk, by=scene.steward, at=sharing.AT, key={"licence": "YX-001"})
    assert not EDocument.objects.exists()


# --- from a row --------------------------------------------------------------------------------------


def test_a_row_becomes_a_signed_pdf_that_says_it_in_words_in_data_and_in_a_code(scene: Scene) -> None:
    # when
    document = made.issued(scene, case_number="YK-2026-7")
    content, code = made.file_of(document), decrypt(document.code_encrypted)

    # then
    assert is_good(content)
    assert hashlib.sha256(content).hexdigest() == document.sha256
    text, address = text_of(content), f"{portal.PUBLIC_ADDRESS}/edocuments/verify/{code}/"
    for part in ("道路运输经营许可证", made.HOLDER, made.HOLDER_ID, "YX-001", "2029年12月31日", "第十六条第一款", code):
        assert part in text, part
    assert codes_on(content) == [address]
    data = data_in(content)
    assert data["holder"] == {"name": made.HOLDER, "id": made.HOLDER_ID}
    assert [item["value"] for item in data["items"]] == ["YX-001", made.HOLDER, made.HOLDER_ID, "2029-12-31"]
    assert data["source"] == {
        "resource_code": scene.entry.resource_code,
        "data_version": 1,
        "original_sha256": "",
    }
    assert (data["provenance"]["case_number"], data["provenance"]["reading"]) == ("YK-2026-7", str(document.reading))
    assert b"pdfaid" in content


def test_what_persons_are_called_stands_neither_in_the_event_nor_in_clear_in_the_database(scene: Scene) -> None:
    document = made.issued(scene)
    (event,) = events_of(document)
    assert (event.verb, event.payload["sha256"]) == ("issue-document", document.sha256)
    opened = Access.objects.get(phase="opened")
    kept = [json.dumps(event.payload, ensure_ascii=False), json.dumps(opened.query), opened.purpose]
    kept += [str(value) for value in EDocument.objects.values().get(pk=document.pk).values()]
    code = decrypt(document.code_encrypted)
    assert [text for text in kept for secret in (made.HOLDER, made.HOLDER_ID, code) if secret in text] == []
    assert opened.reading == document.reading
    assert Access.objects.get(phase="closed").rows == 1


def test_the_record_is_signed_over_content_and_provenance(scene: Scene) -> None:
    document = EDocument.objects.get(pk=made.issued(scene).pk)
    assert record_holds(document)
    for name, value in {"sha256": "0" * 64, "valid_until": dt.date(2040, 1, 1), "title": "驾驶证"}.items():
        changed = EDocument.objects.get(pk=document.pk)
        setattr(changed, name, value)
        assert not record_holds(changed), name


def test_a_row_has_one_good_document_at_a_time(scene: Scene) -> None:
    first = made.issued(scene)
    with pytest.raises(RuleBroken, match=first.number) as refused:
        made.issued(scene)
    assert "licence" in refused.value.fields
    made.revoked(scene, first)
    assert made.issued(scene, at=sharing.later(4)).number != first.number


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ({"licence": "YX-999"}, "没有这一行"),
        ({"licence": " "}, "请填写许可证编号"),
        ({}, "请填写许可证编号"),
        ({"licence": "YX-003"}, "有效期已经过去"),
    ],
)
def test_a_row_that_makes_no_document_is_refused_at_its_key(scene: Scene, key: dict[str, str], message: str) -> None:
    template = made.template(scene)
    with pytest.raises(RuleBroken, match=message) as refused:
        services.issue_document(template_id=template.pk, by=scene.steward, at=sharing.AT, key=key)
    assert "licence" in refused.value.fields
    assert not EDocument.objects.exists()
    assert not Attachment.objects.exists()


def test_a_name_that_no_font_shows_is_not_printed_without_it() -> None:
    scene = made.scene(rows=[{**made.ROWS[1], "经营者名称": "王\u0378"}])
    with pytest.raises(RuleBroken, match="印不出来"):
        made.issued(scene, "YX-002")
    assert not EDocument.objects.exists()


def test_a_row_without_an_end_is_good_without_an_end(scene: Scene) -> None:
    document = made.issued(scene, "YX-002")
    assert document.valid_until is None
    assert "长期" in text_of(made.file_of(document))


def test_only_the_agency_whose_data_it_is_issues_and_only_its_approver_revokes(scene: Scene) -> None:
    template, document = made.template(scene), made.issued(scene)
    events = Event.objects.count()
    for by in (scene.asker, scene.outsider, scene.coordinator, staff(scene.provider, "supervisor")):
        with pytest.raises(NotAllowed):
            services.issue_document(template_id=template.pk, by=by, at=sharing.AT, key={"licence": "YX-002"})
        with pytest.raises(NotAllowed):
            made.registered(scene, by=by)
    for by in (scene.steward, scene.asker):
        with pytest.raises(NotAllowed):
            services.revoke_document(document_id=document.pk, by=by, at=sharing.AT, reasons="理由")
    assert (Event.objects.count(), EDocument.objects.count()) == (events, 1)
    services.issue_document(
        template_id=template.pk, by=system(scene.provider).user, at=sharing.AT, key={"licence": "YX-002"}
    )


def test_items_that_left_the_catalogue_are_issued_no_more(scene: Scene) -> None:
    made.template(scene)
    revised_entry(scene.entry, items=[item for item in made.ITEMS if item.code != "credit_code"])
    gather(scene.entry, [{k: v for k, v in row.items() if k != "统一社会信用代码"} for row in made.ROWS])
    with pytest.raises(RuleBroken, match="更新文书模板"):
        made.issued(scene, "YX-002")


# --- from a file -------------------------------------------------------------------------------------


def test_a_file_keeps_its_bytes_in_front_of_its_data_and_the_signature(scene: Scene) -> None:
    original = plain_pdf()
    document = made.registered(scene, original, key={"licence": "YX-001"})
    content = made.file_of(document)
    assert content.startswith(original)
    assert is_good(content)
    assert document.original_sha256 == hashlib.sha256(original).hexdigest()
    data = data_in(content)
    assert (data["holder"]["name"], data["original_number"]) == (made.HOLDER, "黔交运管许可520100号")
    assert data["issued_on"] == "2025-03-01"
    assert [event.verb for event in events_of(document)] == ["register-document"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"holder": " "}, "holder"),
        ({"holder": "甲" * 201}, "holder"),
        ({"issued_on": dt.date(2026, 11, 3)}, "issued_on"),
        ({"valid_until": dt.date(2026, 11, 1)}, "valid_until"),
        ({"original_number": "号" * 81}, "original_number"),
        ({"case_number": "件" * 121}, "case_number"),
        ({"key": {"licence": "YX-999"}}, "licence"),
    ],
)
def test_what_does_not_fit_a_file_is_refused_at_its_field(scene: Scene, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.registered(scene, **changed)
    assert field in refused.value.fields
    assert not EDocument.objects.exists()


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing", b"%PDF-1.7 broken", locked_pdf(), plain_pdf()[:400]])
def test_what_is_no_whole_pdf_is_refused_and_nothing_is_kept(scene: Scene, content: bytes) -> None:
    with pytest.raises(RuleBroken) as refused:
        made.registered(scene, content)
    assert "file" in refused.value.fields
    assert not EDocument.objects.exists()
    assert not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_not_even_read(scene: Scene, settings: Any) -> None:
    settings.ATTACHMENT_LIMIT_BYTES = 500
    with pytest.raises(RuleBroken, match="没有登记"):
        made.registered(scene)


# --- revoked -----------------------------------------------------------------------------------------


def test_revoking_needs_reasons_happens_once_and_tells_whoever_took_it_without_naming_anybody(scene: Scene) -> None:
    document = made.taken(scene).document
    with pytest.raises(RuleBroken) as refused:
        services.revoke_document(document_id=document.pk, by=scene.approver, at=sharing.AT, reasons=" ")
    assert "reasons" in refused.value.fields
    made.revoked(scene, document)
    with pytest.raises(WrongState):
        made.revoked(scene, document)
    notice = Notice.objects.get(recipient=scene.asker, title__contains="已撤销")
    event = events_of(document).get(verb="revoke-document")
    assert "王示三" not in notice.title + notice.body + json.dumps(event.payload, ensure_ascii=False)
