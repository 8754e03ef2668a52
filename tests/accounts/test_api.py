"""Who may know the agencies over REST."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_anyone_finds_an_agency_by_a_word_of_its_name() -> None:
    city = accounts.city()
    answer = Client().get("/api/v1/agencies/", {"q": city.provider.short_name})
    assert answer.status_code == 200
    assert [row["code"] for row in answer.json()["results"]] == [city.provider.code]
    assert set(answer.json()["results"][0]) == {"code", "name", "short_name", "level_name", "region"}


def test_an_agency_that_is_closed_is_not_listed() -> None:
    city = accounts.city()
    city.provider.is_active = False
    city.provider.save()
    codes = [row["code"] for row in Client().get("/api/v1/agencies/?page_size=500").json()["results"]]
    assert codes
    assert city.provider.code not in codes
