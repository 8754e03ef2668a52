"""Two agencies, and an entry for which both collect: transport leads, health collects length and day of opening."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from tests.factories import accounts, collecting
from tests.factories import catalog as make

SignIn = Callable[[User], Client]


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


@pytest.fixture
def lead(city: accounts.City) -> User:
    """A steward of the agency that leads."""
    return make.steward_of(city.transport)


@pytest.fixture
def other(city: accounts.City) -> User:
    """A steward of the agency that collects with it."""
    return make.steward_of(city.health)


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return collecting.in_force(city.transport, city.health)


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed


def own(rows: Any = make.ROWS) -> list[dict[str, str]]:
    return collecting.part_of(rows, collecting.OWN)


def others(rows: Any = make.ROWS) -> list[dict[str, str]]:
    return collecting.part_of(rows, collecting.OTHERS)


def push(entry: CatalogEntry, by: User, rows: list[dict[str, str]], **more: Any) -> services.Receipt:
    sent = services.Sent(content=json.dumps({"rows": rows}).encode(), kind="json", key=more.pop("key", "k"))
    return services.receive_batch(entry_id=entry.pk, sent=sent, by=by, at=make.AT, **{"mode": "upsert", **more})
