"""REST for pulls: set up, tried, followed and stopped by the agency's system."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry, Interface, Pull
from tests.catalog.pulls.conftest import MAPPING, Served, bus
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def token(city: accounts.City) -> dict[str, str]:
    return accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")


def post(token: dict[str, str], address: str, content: Any) -> Any:
    return Client().post(address, content, content_type="application/json", **token)


def test_a_system_sets_a_pull_up_and_reads_how_it_went(
    entry: CatalogEntry, interface: Interface, token: dict[str, str], served: Served
) -> None:
    # given
    served.give("/v1/routes", [bus("001")])
    said = {"interface": interface.pk, "path": "/routes", "mapping": MAPPING, "every": 60}
    said |= {"header_name": "X-Key", "header_value": "very-secret"}
    address = f"/api/v1/catalog/entries/{entry.pk}/pulls/"

    # when
    tried = post(token, f"{address}try/", said).json()
    made = post(token, address, said)
    services.run_pulls(at=make.AT.replace(year=2099))

    # then
    pull = made.json()
    assert (tried["found"], tried["rows"][0][0], Pull.objects.count()) == (1, "001", 1)
    assert (made.status_code, pull["every"], "very-secret" in made.content.decode()) == (201, 60, False)
    assert {act["verb"] for act in pull["actions"]} == {"run-pull", "change-pull", "pause-pull", "end-pull"}
    runs = Client().get(f"/api/v1/catalog/pulls/{pull['id']}/runs/", **token).json()
    assert [(run["state"], run["rows"], len(run["loads"])) for run in runs["results"]] == [("received", 1, 1)]


def test_a_system_ends_a_pull_with_reasons(entry: CatalogEntry, interface: Interface, token: dict[str, str]) -> None:
    # given
    made = post(token, f"/api/v1/catalog/entries/{entry.pk}/pulls/", {"interface": interface.pk}).json()
    address = f"/api/v1/catalog/pulls/{made['id']}/"

    # when, then
    assert post(token, f"{address}end/", {}).status_code == 422
    assert post(token, f"{address}end/", {"reasons": "停用。"}).json()["status"] == "ended"
    assert post(token, f"{address}run/", {}).status_code == 409
