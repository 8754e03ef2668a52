"""The form of an act is shown to those who may carry it out, and to nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from guiyang_data.ledger.models import Event
from tests.factories.accounts import citizen
from tests.factories.oversight import Cast, confirmed_finding, reported_order

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_agency_concerned_gets_no_form_of_an_order_against_itself(
    people: Cast, client: Client, method: str
) -> None:
    path = f"{confirmed_finding(people).get_absolute_url()}order/"
    acts = Event.objects.filter(refused=False).count()
    client.force_login(people.approver)
    assert getattr(client, method)(path).status_code == 403
    assert Event.objects.filter(refused=False).count() == acts


@pytest.mark.parametrize("act", ["accept", "reject"])
def test_who_only_watches_gets_no_form_to_judge_a_correction(people: Cast, client: Client, act: str) -> None:
    path = f"{reported_order(people).get_absolute_url()}{act}/"
    client.force_login(people.supervisor)
    assert client.get(path).status_code == 403
    client.force_login(people.government)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("name", ["escalations", "findings", "orders"])
def test_the_public_finds_no_list_of_oversight(people: Cast, client: Client, name: str) -> None:
    client.force_login(citizen())
    assert client.get(f"/desk/oversight/{name}/").status_code == 404
