"""A long look at a file is taken before an import is confirmed: while it lasts nobody else waits for the database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from catalog import services
from catalog.models import CatalogImport
from catalog.services import importing
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

RECORDS = [{"标题": f"目录{number}", "资源摘要": "一"} for number in range(3)]


@pytest.fixture
def job(transactional_db: None) -> CatalogImport:
    city = accounts.city()
    make.category()
    uploaded = ContentFile(json.dumps(RECORDS, ensure_ascii=False).encode(), name="目录.json")
    return services.start_import(
        provider=city.provider, uploaded=uploaded, by=make.steward_of(city.provider), at=make.AT
    )


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether a transaction was open, each time the file was read to tell what would become of it."""
    found: list[bool] = []
    read = importing.read_catalogue

    def noted(*given: Any) -> Any:
        found.append(connection.in_atomic_block)
        return read(*given)

    monkeypatch.setattr(importing, "read_catalogue", noted)
    return found


def test_on_the_page(job: CatalogImport, held: list[bool]) -> None:
    # given
    client = Client()
    client.force_login(job.by, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = client.get(job.get_absolute_url()).context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields} | {"sharing_type": "conditional", "is_open": "0"}
    held.clear()

    # when
    answer = client.post(job.get_absolute_url(), chosen | {"closed_ground": "1"})

    # then
    job.refresh_from_db()
    assert (answer.status_code, job.state, held) == (302, "waiting", [False])


def test_over_rest(job: CatalogImport, held: list[bool]) -> None:
    # given
    token = accounts.bearer(accounts.system(job.provider), "catalog:read", "catalog:write")
    body = {"defaults": {"sharing_type": "unconditional", "is_open": True}}
    address = f"/api/v1/catalog/imports/{job.pk}/begin/"

    # when
    answer = Client().post(
        address, body, content_type="application/json", headers={"idempotency-key": "begin"}, **token
    )

    # then
    assert (answer.status_code, held) == (202, [False])
