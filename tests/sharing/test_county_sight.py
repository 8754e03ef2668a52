"""A county's authority sees what its county shares; the public sees no page of an act between agencies."""

from __future__ import annotations

import pytest
from django.test import Client

from guiyang_data.accounts.roles import Role
from sharing.models import SharingGrant
from tests.factories import catalog, sharing
from tests.factories.accounts import citizen, city, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_an_officer_of_a_county_sees_its_cases_and_no_others(client: Client) -> None:
    # given
    town = city()
    of_county, of_city = (
        sharing.Scene(
            city=town,
            entry=catalog.entry_in_force(provider, sharing_type="conditional"),
            provider=provider,
            requester=town.requester,
            steward=catalog.steward_of(provider),
            approver=catalog.approver_of(provider),
            asker=catalog.steward_of(town.requester),
        )
        for provider in (town.county_department, town.provider)
    )
    inside, outside = sharing.application(of_county), sharing.application(of_city)
    client.force_login(staff(town.county_authority, Role.COUNTY_AUTHORITY))

    # then
    assert client.get(inside.get_absolute_url()).status_code == 200
    assert client.get(outside.get_absolute_url()).status_code == 404


def test_the_public_finds_no_form_of_standing_authorisation_by_sending_one(client: Client) -> None:
    scene = sharing.scene()
    client.force_login(citizen())
    assert client.post(f"/desk/sharing/entries/{scene.entry.pk}/grant/", {}).status_code == 404
    assert not SharingGrant.objects.exists()
