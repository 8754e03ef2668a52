"""How the tests of a run are shared out among its workers (xdist's ``loadgroup``) and in which order they come."""

from __future__ import annotations

import itertools

import pytest

from tests.keeping import begins_with_kept

TRANSACTIONAL = {"transactional_db", "live_server"}


def put_into_a_group(item: pytest.Item) -> None:
    """Tests of a file that use the database stay together: what its fixtures make for the module is made once.

    Transactional ones empty the tables. They stay single, so that they come when the others are over.
    """
    marker = item.get_closest_marker("django_db")
    if marker and not item.get_closest_marker("xdist_group") and not is_transactional(item, marker):
        item.add_marker(pytest.mark.xdist_group(item.location[0]))


def is_transactional(item: pytest.Item, marker: pytest.Mark) -> bool:
    """Whether what the test does is committed."""
    return bool(marker.kwargs.get("transaction")) or not TRANSACTIONAL.isdisjoint(getattr(item, "fixturenames", ()))


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """What starts processes of its own and fault runs of minutes come first: no worker is left with them in the end.

    In each module, whoever begins with what is kept for it comes first.
    """
    ordered = sorted(items, key=lambda item: not (_starts_processes(item) or _takes_minutes(item)))
    modules = itertools.groupby(ordered, key=lambda item: item.path)
    return [item for _path, some in modules for item in sorted(some, key=lambda one: not begins_with_kept(one))]


def _starts_processes(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("browser", "services", "real_input"))
    return marked and not item.get_closest_marker("django_db")


def _takes_minutes(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("faults")
    return bool(marker and marker.kwargs.get("long"))
