"""An entry whose provider has an interface on a real server, and pulls from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Interface, Pull
from catalog.services import PullFacts
from guiyang_data.accounts.models import User
from tests.catalog.systems.conftest import Served, served
from tests.factories import accounts, systems
from tests.factories import catalog as make

__all__ = ["Served", "served"]

MAPPING = {"no": "线路编号", "/names/full": "线路名称", "km": "长度"}


def bus(code: str, name: str = "环线", km: object = 12.5) -> dict[str, object]:
    """A route as the system's interface tells it."""
    return {"no": code, "names": {"full": name}, "km": km, "colour": {"r": 1}}


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


@pytest.fixture
def steward(city: accounts.City) -> User:
    return make.steward_of(city.provider)


@pytest.fixture
def interface(city: accounts.City, steward: User, served: Served) -> Interface:
    system = systems.system_in_use(city.provider)
    facts = systems.interface_facts(served.url("/v1"), header_name="X-API-Key", header_value="from-the-interface")
    return services.add_interface(system_id=system.pk, by=steward, at=make.AT, facts=facts)


@pytest.fixture
def facts(interface: Interface) -> Callable[..., PullFacts]:
    """What a pull says: all routes, whole; ``changed`` says other things."""

    def said(**changed: Any) -> PullFacts:
        usual: dict[str, Any] = {"interface": interface.pk, "path": "/routes", "mapping": MAPPING}
        return PullFacts(**usual | changed)

    return said


@pytest.fixture
def add(entry: CatalogEntry, steward: User, facts: Callable[..., PullFacts]) -> Callable[..., Pull]:
    """A pull set up."""

    def made(**changed: Any) -> Pull:
        return services.add_pull(entry_id=entry.pk, by=steward, at=make.AT, facts=facts(**changed))

    return made
