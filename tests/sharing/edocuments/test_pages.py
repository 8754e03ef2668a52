"""The pages of e-documents: what each shows, to whom, and that a form is never lost (第十六条第一款)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery
from tests.factories import edocuments as made
from tests.factories import sharing
from tests.factories.papers import plain_pdf
from tests.factories.sharing import Scene
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
HOME = "/desk/sharing/edocuments/"


_kept, scene = kept(made.scene)


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    shift = int((sharing.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_from_template_to_taken_document_by_pages_alone(scene: Scene) -> None:
    provider, asker = at(scene.steward), at(scene.asker)
    grant = made.grant(scene)

    # the provider sets a template and issues by it
    form = made.terms().__dict__ | {"submission": "one"}
    entry = f"/desk/sharing/entries/{scene.entry.pk}/"
    assert "设置文书模板" in text(provider.get(entry))
    assert provider.post(f"{entry}document-template/", form)["Location"] == f"{HOME}templates/"
    template = DocumentTemplate.objects.get()
    assert "道路运输经营许可证" in text(provider.get(f"{HOME}templates/"))
    filled = {"key_licence": "YX-001", "case_number": "YK-1", "submission": "two"}
    page = provider.post(f"{HOME}templates/{template.pk}/issue/", filled)["Location"]
    assert provider.post(f"{HOME}templates/{template.pk}/issue/", filled)["Location"] == page
    document = EDocument.objects.get()
    for part in (document.number, made.HOLDER, "有效", "SHA-256"):
        assert part in text(provider.get(page)), part
    assert body(provider.get(f"{page}file/")) == made.file_of(document)

    # the other agency finds and takes it
    assert asker.get(page).status_code == 404
    through = f"grant-{grant.pk}"
    found = asker.post(f"{HOME}find/", {"through": through, "holder": made.HOLDER})
    assert document.number in text(found)
    assert "贵阳****公司" in text(found)
    take = f"{page}take-document/"
    assert asker.get(f"{take}?through={through}").status_code == 200
    taken = asker.post(take, {"through": through, "case_number": made.MATTER, "submission": "three"})["Location"]
    delivery = EDocumentDelivery.objects.get()
    for part in (delivery.number, made.HOLDER, made.MATTER, str(delivery.reading)):
        assert part in text(asker.get(taken)), part
    assert made.MATTER in text(asker.get(f"{HOME}taken/?q=卫生许可"))
    readings = Access.objects.filter(phase="opened").count()
    assert body(asker.get(f"{taken}file/")) == made.file_of(document)
    assert Access.objects.filter(phase="opened").count() == readings + 1
    proof = asker.get(f"{taken}certificate.pdf")
    assert proof.content.startswith(b"%PDF-")
    assert proof["Cache-Control"] == "private, no-store"
    assert scene.requester.name in text(provider.get(page))


def test_a_file_is_registered_on_its_page_and_a_refusal_keeps_what_was_typed(scene: Scene) -> None:
    template, client = made.template(scene), at(scene.steward)
    url = f"{HOME}templates/{template.pk}/register/"
    form = {"holder": made.HOLDER, "issued_on": "2025-03-01", "key_licence": "", "submission": "one"}
    broken = io.BytesIO(b"%PDF-1.7 broken")
    broken.name = "许可证.pdf"
    refused = client.post(url, form | {"file": broken})
    assert refused.status_code == 422
    assert "不能签名" in text(refused)
    assert made.HOLDER in text(refused)
    whole = io.BytesIO(plain_pdf())
    whole.name = "许可证.pdf"
    page = client.post(url, form | {"file": whole})["Location"]
    assert "由已有文件登记" in text(client.get(page))


def test_a_key_that_is_not_there_is_said_at_its_field(scene: Scene) -> None:
    template = made.template(scene)
    url = f"{HOME}templates/{template.pk}/issue/"
    refused = at(scene.steward).post(url, {"key_licence": "YX-999", "submission": "one"})
    assert refused.status_code == 422
    assert "没有这一行" in text(refused)
    assert "YX-999" in text(refused)


def test_nobody_else_sees_a_document_nor_its_file(scene: Scene) -> None:
    delivery = made.taken(scene)
    number, client = delivery.document.number, at(scene.outsider)
    for path in (number, f"{number}/file", f"{number}/revoke-document", f"{number}/take-document"):
        assert client.get(f"{HOME}{path}/").status_code == 404, path
    for path in ("", "file/", "certificate.pdf"):
        assert client.get(f"{HOME}taken/{delivery.number}/{path}").status_code == 404, path
    assert Client().get(f"{HOME}{number}/").status_code == 302


def test_supervision_sees_that_it_is_there_and_not_whose_it_is(scene: Scene) -> None:
    delivery = made.taken(scene)
    client = at(scene.coordinator)
    page = text(client.get(f"{HOME}{delivery.document.number}/"))
    assert delivery.document.number in page
    assert made.HOLDER not in page
    assert made.HOLDER not in text(client.get(f"{HOME}taken/{delivery.number}/"))
    assert client.get(f"{HOME}{delivery.document.number}/file/").status_code == 403
    assert client.get(f"{HOME}taken/{delivery.number}/file/").status_code == 403


def test_the_taker_reads_why_it_was_revoked_and_has_the_certificate_still(scene: Scene) -> None:
    delivery = made.taken(scene)
    made.revoked(scene, delivery.document)
    client, page = at(scene.asker), f"{HOME}taken/{delivery.number}/"
    assert "申请注销" in text(client.get(page))
    assert "不再提供下载" in text(client.get(page))
    assert client.get(f"{page}certificate.pdf").status_code == 200
    assert client.get(f"{HOME}{delivery.document.number}/take-document/").status_code == 409
    assert "申请注销" not in text(at(scene.coordinator).get(f"{HOME}{delivery.document.number}/"))


def test_finding_says_what_is_missing_and_keeps_what_was_typed(scene: Scene) -> None:
    made.issued(scene)
    grant, client = made.grant(scene), at(scene.asker)
    bare = client.post(f"{HOME}find/", {"through": f"grant-{grant.pk}", "holder": " "})
    assert (bare.status_code, "请填写持有人" in text(bare)) == (422, True)
    foreign = client.post(f"{HOME}find/", {"through": "grant-999999", "holder": "甲"})
    assert foreign.status_code == 422
    assert "没有找到" in text(client.post(f"{HOME}find/", {"through": f"grant-{grant.pk}", "holder": "甲乙丙"}))


def test_lists_ask_as_often_for_many_as_for_one(scene: Scene) -> None:
    grant = made.grant(scene)
    made.taken(scene, access=grant)

    def queries(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    pages = [(at(scene.steward), HOME), (at(scene.steward), f"{HOME}templates/"), (at(scene.asker), f"{HOME}taken/")]
    before = [queries(client, path) for client, path in pages]
    for licence in ("YX-002", "YX-004"):
        made.taken(scene, made.issued(scene, licence), access=grant)
    made.template(scene, title="许可证副本")
    assert [queries(client, path) for client, path in pages] == before
