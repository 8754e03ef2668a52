"""Every role asks for every address by every method, and the answer is the one that the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.architecture.matrix.asking import Asker
from tests.architecture.matrix.people import COLUMNS, SERVICES
from tests.architecture.matrix.routes import routes
from tests.architecture.matrix.tables import Row, rows
from tests.architecture.matrix.world import NOW, build
from tests.caching import forget

pytestmark = pytest.mark.django_db

TABLE = rows()


@pytest.fixture(scope="module")
def asker(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Asker]:
    """Everybody, and everything they ask for, made once; all of it is taken back at the end."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        yield Asker(build())
        transaction.set_rollback(True)


def test_every_address_stands_in_the_tables_and_nothing_else() -> None:
    # given
    known = {(route.name, method) for route in routes() for method in route.methods}
    names = {name for name, _method in known}

    # when
    missing = sorted(
        f"{method} {name}" for name, method in known if not any(_covers(row, name, method) for row in TABLE)
    )
    stale = sorted(str(row) for row in TABLE if not any(fnmatchcase(name, row.route) for name in names))

    # then
    assert missing == []
    assert stale == []


def _covers(row: Row, name: str, method: str) -> bool:
    return row.method == method and fnmatchcase(name, row.route)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_row_has_one_letter_for_every_column(row: Row) -> None:
    assert len(row.letters) == len(COLUMNS)
    asked_nowhere = {name for name, letter in zip(COLUMNS, row.letters, strict=True) if letter == "-"}
    assert asked_nowhere <= set(SERVICES)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_everybody_gets_the_answer_of_the_table(row: Row, asker: Asker) -> None:
    forget()
    answers = ""
    for name, letter in zip(COLUMNS, row.letters, strict=True):
        got = "-" if letter == "-" else asker.ask(row, name)
        answers += "*" if letter == "*" and got in ".u" else got
    assert answers == row.letters
