"""A long look at a file is taken before an import is confirmed: while it lasts nobody else waits for the database."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry, CatalogImport
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


def test_one_file_imported_twice_at_the_same_moment_makes_each_entry_once(
    job: CatalogImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two imports that are both confirmed
    uploaded = ContentFile(job.landed.read_bytes(), name="目录.json")
    other = services.start_import(provider=job.provider, uploaded=uploaded, by=job.by, at=make.AT)
    decided = {"category": "203001", "sharing_type": "unconditional", "is_open": True, "update_cycle": "yearly"}
    for one in (job, other):
        given = {"mapping": one.mapping, "defaults": decided | {"field": "other"}}
        services.begin_import(import_id=one.pk, by=job.by, at=make.AT, **given)

    # when each would go on as soon as both have seen what is there
    both = threading.Barrier(2)
    foretold, broken = importing.outcomes, []

    def together(*asked: Any) -> Any:
        found = foretold(*asked)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(1)
        return found

    def run(pk: int) -> None:
        try:
            services.run_import(pk, at=make.AT)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
            broken.append(error)
        finally:
            connections.close_all()

    monkeypatch.setattr(importing, "outcomes", together)
    runs = [threading.Thread(target=run, args=(one.pk,)) for one in (job, other)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    # then
    done = CatalogImport.objects.order_by("pk")
    assert (broken, CatalogEntry.objects.count()) == ([], 3)
    assert sorted((one.state, one.created, one.unchanged) for one in done) == [("done", 0, 3), ("done", 3, 0)]
