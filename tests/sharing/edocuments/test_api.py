"""E-documents over REST, by the systems of two agencies (第十六条第一款)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from sharing.models import EDocument, EDocumentDelivery
from tests.documents.test_pdf_signing import is_good
from tests.factories import edocuments as made
from tests.factories import sharing
from tests.factories.accounts import bearer, system
from tests.factories.papers import plain_pdf
from tests.factories.sharing import Scene
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
BASE = "/api/v1/sharing/"


_kept, scene = kept(made.scene)


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    shift = int((sharing.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


class Caller:
    """A system with its token."""

    def __init__(self, agency: Any) -> None:
        self.token = bearer(system(agency))
        self.client = Client()

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}", **self.token)

    def post(self, path: str, values: dict[str, Any], **headers: str) -> Any:
        return self.client.post(f"{BASE}{path}", values, content_type="application/json", **self.token, **headers)

    def upload(self, path: str, values: dict[str, Any], **headers: str) -> Any:
        return self.client.post(f"{BASE}{path}", values, **self.token, **headers)


def test_two_systems_go_from_template_to_file(scene: Scene) -> None:
    provider, asker, grant = Caller(scene.provider), Caller(scene.requester), made.grant(scene)

    # issue, once
    set_up = provider.post("edocument-templates/", made.terms().__dict__ | {"entry": scene.entry.resource_code})
    assert set_up.status_code == 201
    call = {"template": set_up.json()["id"], "key": {"licence": "YX-001"}, "case_number": "YK-1"}
    issued = provider.post("edocuments/", call, HTTP_IDEMPOTENCY_KEY="a")
    assert issued.status_code == 201
    assert provider.post("edocuments/", call, HTTP_IDEMPOTENCY_KEY="a").json() == issued.json()
    number = issued.json()["number"]
    assert (issued.json()["holder"], issued.json()["standing"]) == (made.HOLDER, "issued")
    assert provider.get("edocuments/?standing=revoked").json()["count"] == 0
    listed = provider.get("edocuments/?standing=issued").json()["results"]
    assert [(row["number"], row["holder_masked"]) for row in listed] == [(number, "贵阳****公司")]

    # find and take
    assert asker.get(f"edocuments/{number}/").status_code == 404
    through = f"grant-{grant.pk}"
    found = asker.post("edocuments/find/", {"through": through, "holder": made.HOLDER_ID}).json()["results"]
    assert [row["number"] for row in found] == [number]
    bare = asker.post(f"edocuments/{number}/take/", {"through": through})
    assert (bare.status_code, "case_number" in bare.json()["fields"]) == (422, True)
    taken = asker.post(f"edocuments/{number}/take/", {"through": through, "case_number": made.MATTER})
    assert taken.status_code == 201
    file = asker.client.get(taken.json()["file"], **asker.token)
    assert is_good(b"".join(file.streaming_content))
    proof = asker.client.get(taken.json()["proof"], **asker.token)
    assert is_good(proof.content)
    assert asker.get("edocument-deliveries/").json()["count"] == 1
    assert asker.get(f"edocuments/{number}/").json()["holder"] == made.HOLDER

    # revoke
    assert provider.post(f"edocuments/{number}/revoke/", {}).status_code == 422
    done = provider.post(f"edocuments/{number}/revoke/", {"reasons": "有误"}).json()
    assert (done["standing"], done["revoked_reasons"], done["actions"]) == ("revoked", "有误", [])
    assert provider.post(f"edocuments/{number}/revoke/", {"reasons": "有误"}).status_code == 409
    assert asker.post(f"edocuments/{number}/take/", {"through": through, "case_number": "甲"}).status_code == 409


def test_a_file_is_registered_once_for_its_key_and_content(scene: Scene) -> None:
    provider, template = Caller(scene.provider), made.template(scene)

    def call(content: bytes) -> Any:
        file = io.BytesIO(content)
        file.name = "许可证.pdf"
        values = {
            "template": template.pk,
            "file": file,
            "holder": made.HOLDER,
            "issued_on": "2025-03-01",
            "key": '{"licence": "YX-001"}',
        }
        return provider.upload("edocuments/register/", values, HTTP_IDEMPOTENCY_KEY="a")

    first = call(plain_pdf())
    assert first.status_code == 201
    assert call(plain_pdf()).json()["number"] == first.json()["number"]
    assert EDocument.objects.count() == 1
    assert call(b"%PDF-1.7 broken").status_code == 422


def test_the_systems_of_others_find_nothing_there(scene: Scene) -> None:
    delivery = made.taken(scene)
    stranger, number = Caller(scene.city.county_department), delivery.document.number
    for path in (f"edocuments/{number}/", f"edocuments/{number}/file/", f"edocument-deliveries/{delivery.number}/"):
        assert stranger.get(path).status_code == 404, path
    assert stranger.get(f"edocument-deliveries/{delivery.number}/file/").status_code == 404
    assert stranger.get(f"edocument-deliveries/{delivery.number}/certificate.pdf").status_code == 404
    through = f"grant-{delivery.grant_id}"
    assert stranger.post("edocuments/find/", {"through": through, "holder": made.HOLDER}).status_code == 404
    assert stranger.post(f"edocuments/{number}/take/", {"through": through, "case_number": "甲"}).status_code == 404
    assert stranger.post(f"edocuments/{number}/revoke/", {"reasons": "甲"}).status_code == 404
    assert stranger.post("edocuments/", {"template": delivery.document.template_id, "key": {}}).status_code == 404
    assert EDocumentDelivery.objects.count() == 1


def test_scopes_are_asked_for(scene: Scene) -> None:
    account = system(scene.provider)
    client, token = Client(), bearer(account, "catalog:read")
    assert client.get(f"{BASE}edocuments/", **token).status_code == 403
    assert client.post(f"{BASE}edocuments/", {}, content_type="application/json", **token).status_code == 403
    assert client.get(f"{BASE}edocuments/").status_code == 401
