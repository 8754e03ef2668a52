"""The columns of a list of matters: a correction stays with the import, and the look at its file holds nobody up."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from guiyang_data.errors import NotAllowed
from sharing import services
from sharing.models import MatterImport
from sharing.services.materials import importing
from tests.factories import accounts
from tests.factories import materials as made
from tests.factories.catalog import steward_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

FILE = "事项名称,材料名称,备考\n道路客运经营许可,营业执照,原件\n,公交线路证明,复印件\n".encode()


@pytest.fixture
def job(transactional_db: None) -> MatterImport:
    town = accounts.city()
    uploaded = ContentFile(FILE, name="事项.csv")
    return services.start_matter_import(agency=town.health, uploaded=uploaded, by=steward_of(town.health), at=made.AT)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether a transaction was open, each time the file was read to tell what would become of it."""
    found: list[bool] = []
    read = importing.read_records

    def noted(*given: Any) -> Any:
        found.append(connection.in_atomic_block)
        return read(*given)

    monkeypatch.setattr(importing, "read_records", noted)
    return found


def signed_in(job: MatterImport) -> Client:
    client = Client()
    client.force_login(job.by, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def columns(client: Client, job: MatterImport, **corrected: str) -> dict[str, str]:
    """The form as it stands, with some columns taken as something else."""
    form = client.get(job.get_absolute_url()).context["form"]
    by_name = {str(field.label): field.name for field in form.column_fields()}
    return {field.name: field.value() or "" for field in form.column_fields()} | {
        by_name[name]: target for name, target in corrected.items()
    }


def test_a_correction_that_was_only_previewed_is_there_when_one_comes_back(job: MatterImport) -> None:
    # given
    client = signed_in(job)
    chosen = columns(client, job, 备考="", 材料名称="")

    # when
    seen = client.post(job.get_absolute_url(), chosen | {"preview": "1"})
    again = client.get(job.get_absolute_url())
    job.refresh_from_db()

    # then
    assert (seen.status_code, seen.context["preview"].materials) == (200, 0)
    assert again.context["preview"].materials == 0
    assert job.mapping == {"事项名称": "name", "材料名称": "", "备考": ""}
    assert job.state == "mapping"


def test_another_agency_corrects_nothing(job: MatterImport) -> None:
    stranger = steward_of(accounts.make_agency("贵阳市示范气象局"))
    with pytest.raises(NotAllowed):
        services.keep_matter_mapping(import_id=job.pk, by=stranger, mapping=dict.fromkeys(job.columns, ""))
    before = job.mapping
    job.refresh_from_db()
    assert job.mapping == before


def test_what_has_begun_is_corrected_no_more(job: MatterImport) -> None:
    services.begin_matter_import(import_id=job.pk, by=job.by, at=made.AT, mapping=job.mapping)
    services.keep_matter_mapping(import_id=job.pk, by=job.by, mapping=dict.fromkeys(job.columns, ""))
    before = job.mapping
    job.refresh_from_db()
    assert job.mapping == before


def test_on_the_page_the_file_is_read_before_the_transaction(job: MatterImport, held: list[bool]) -> None:
    # given
    client = signed_in(job)
    chosen = columns(client, job)
    held.clear()

    # when
    answer = client.post(job.get_absolute_url(), chosen)

    # then
    job.refresh_from_db()
    assert (answer.status_code, job.state, held) == (302, "waiting", [False])


def test_over_rest_the_file_is_read_before_the_transaction(job: MatterImport, held: list[bool]) -> None:
    # given
    token = accounts.bearer(accounts.system(job.agency), "sharing:read", "materials:write")
    address = f"/api/v1/materials/imports/{job.pk}/begin/"
    asked: dict[str, Any] = {"content_type": "application/json", "headers": {"idempotency-key": "begin"}}

    # when
    answer = Client().post(address, {"mapping": {}}, **asked, **token)
    again = Client().post(address, {"mapping": {}}, **asked, **token)

    # then
    assert (answer.status_code, again.status_code, held) == (202, 202, [False])
