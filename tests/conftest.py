"""What every test may use."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from guiyang_data.celery import app as celery_app  # noqa: F401  what acts wake goes to the broker of this run
from guiyang_data.garbage import settle
from guiyang_data.ledger import guards
from sharing.rights import forget_shapes
from tests import asking, remembering, surroundings
from tests.caching import forget, is_redis
from tests.distributing import in_order, put_into_a_group
from tests.factories.statute import plant_seed
from tests.keeping import leave_what_is_kept
from tests.surroundings import pytest_terminal_summary
from tests.walk.moulds import TABLES, Moulds

# how long a busy machine takes is no failure
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "suite")

__all__ = ["pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    if watching := asking.watching():
        config.pluginmanager.register(watching)


def pytest_itemcollected(item: pytest.Item) -> None:
    put_into_a_group(item)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Whatever is loaded and collected stays: nothing is looked for among it meanwhile."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    settle()


def pytest_runtest_setup(item: pytest.Item) -> None:
    surroundings.pytest_runtest_setup(item)
    leave_what_is_kept(item)
    remembering.before_a_test(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        remembering.after_a_test()


@pytest.fixture(scope="session")
def real_input() -> Path:
    """The folder of real files; mark the test with ``real_input`` too."""
    folder = surroundings.real_input()
    if folder is None:
        pytest.skip(surroundings.missing_for("real_input") or "")
    return folder


@pytest.fixture(scope="session")
def moulds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moulds]:
    """Databases and cities that those of this run are copied from, shared by its workers, and by the runs for which
    GUIYANG_MOULDS names a folder.
    """
    mine, named = tmp_path_factory.getbasetemp(), os.environ.get("GUIYANG_MOULDS", "")
    shared = mine.parent if os.environ.get("PYTEST_XDIST_WORKER") else mine
    server = os.environ.get("GUIYANG_TEST_DATABASE_URL", "")
    folder = Path(named) / ("server" if server else "embedded") if named else shared / "moulds"
    made = Moulds(folder, server, stays=bool(named))
    yield made
    made.clear_away()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, moulds: Moulds
) -> Iterator[None]:
    """The database of this process, with its tables."""
    values, name = connection.settings_dict, f"guiyang_test_{secrets.token_hex(5)}"
    with django_db_blocker.unblock():
        connection.close()
        moulds.copy(TABLES, to=settings.DATA_DIR, database=name)
        before, values["NAME"] = values["NAME"], name if moulds.server else values["NAME"]
    yield
    with django_db_blocker.unblock():
        connection.close()
        values["NAME"] = before
        if moulds.server:
            moulds.drop(name)


@pytest.fixture(autouse=True)
def _the_cache_forgets() -> Iterator[None]:
    """What one test counted in the cache must not limit the next. In the database it goes with the test; in Redis,
    which others use too, this run's own keys are taken away.
    """
    yield
    forget_shapes()  # a revision that is rolled back gives its number to another
    if is_redis():
        forget()


@pytest.fixture(autouse=True)
def _ledger_lets_itself_be_flushed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Emptying the tables after a transactional test deletes rows, which the ledger's guards refuse to anybody else.

    The flush sends ``post_migrate``, which raises them again.
    """
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")) and "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    plant_seed()  # the flush of the test before took it away
    yield
    for each in connections.all():
        guards.drop_guards(each)
