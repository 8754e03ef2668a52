"""Databases made from one another, workers that grow quickly, and a city on the eve of a busy day."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from guiyang_data.notices.sending import send_waiting
from tests.faults import batches, changes, eve
from tests.faults.calendar_model import DAY
from tests.faults.machines import Nursery, Place, copy_of, standing_in
from tests.faults.model import LawModel
from tests.faults.town import Town
from tests.walk.moulds import TABLES, Moulds

MAIL = "guiyang_data.notices.gateways.DemonstrationMail"
"""Where the workers' mail goes: into rows, which can be counted."""


@dataclass(frozen=True)
class Made:
    """A database that others are copied from, with its city in the portal and in the model."""

    database: str
    model: LawModel
    town: Town

    def again(self) -> tuple[LawModel, Town]:
        """Both once more, to go on from here without touching the first."""
        return copy.deepcopy(self.model), copy.deepcopy(self.town)


@pytest.fixture(scope="session")
def broker() -> str:
    """The Redis of this run."""
    return os.environ["GUIYANG_TEST_REDIS_URL"]


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(tmp_path_factory.mktemp("nursery"))
    yield made
    made.end()


@pytest.fixture(scope="session")
def empty(django_db_blocker: Any, moulds: Moulds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with all tables and the seed, and nobody in it."""
    name = f"guiyang_faults_{secrets.token_hex(5)}"
    moulds.copy(TABLES, to=tmp_path_factory.mktemp("empty"), database=name)
    with django_db_blocker.unblock():
        yield name
    moulds.drop(name)


@pytest.fixture
def town(empty: str) -> Iterator[Town]:
    """The people of the city, in a database of their own; nothing has been filed."""
    with copy_of(empty) as name, standing_in(name):
        yield Town.build()


@contextlib.contextmanager
def _lived(empty: str, live: Callable[[LawModel, Town], None], until: dt.date) -> Iterator[Made]:
    """A city that has lived up to a day, with every letter of that time sent."""
    with copy_of(empty) as name:
        with standing_in(name), override_settings(EMAIL_BACKEND=MAIL):
            model, town = LawModel(), Town.build()
            live(model, town)
            while send_waiting(at=town.at(until)):
                pass
        yield Made(name, model, town)


@pytest.fixture(scope="session")
def the_eve(empty: str) -> Iterator[Made]:
    """The city of ``eve``, up to the evening before."""
    with _lived(empty, eve.live, eve.THE_DAY - DAY) as made:
        yield made


@pytest.fixture(scope="session")
def the_batch(empty: str) -> Iterator[Made]:
    """The city of ``batches``, in which a batch waits for its worker."""
    with _lived(empty, batches.live, batches.ON) as made:
        yield made


@pytest.fixture(scope="session")
def the_change(empty: str) -> Iterator[Made]:
    """The city of ``changes``, up to the day on which two keepers change something."""
    with _lived(empty, changes.live, changes.CHANGED_ON) as made:
        yield made


@pytest.fixture
def place_of(tmp_path: Path, nursery: Nursery, broker: str) -> Iterator[Callable[[str], Place]]:
    """Makes the surroundings of workers on a database, and clears them away."""
    made: list[Place] = []

    def make(database: str) -> Place:
        made.append(Place(database, tmp_path, nursery, broker=broker))
        return made[-1]

    yield make
    for place in made:
        place.clear_away()


@dataclass(frozen=True)
class Scene:
    """A copy of a city, which is the default database of this process, and what workers need to go on in it."""

    place: Place
    model: LawModel
    town: Town


@contextlib.contextmanager
def _scene_of(made: Made, place_of: Callable[[str], Place]) -> Iterator[Scene]:
    with copy_of(made.database) as name, standing_in(name):
        place = place_of(name)
        yield Scene(place, *made.again())
        place.clear_away()


@pytest.fixture
def scene(the_eve: Made, place_of: Callable[[str], Place]) -> Iterator[Scene]:
    with _scene_of(the_eve, place_of) as made:
        yield made


@pytest.fixture
def with_a_batch(the_batch: Made, place_of: Callable[[str], Place]) -> Iterator[Scene]:
    with _scene_of(the_batch, place_of) as made:
        yield made


@pytest.fixture
def before_a_change(the_change: Made, place_of: Callable[[str], Place]) -> Iterator[Scene]:
    with _scene_of(the_change, place_of) as made:
        yield made
