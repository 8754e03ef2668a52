"""The database itself refuses to change or delete what was recorded, on both engines."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, models, transaction

from guiyang_data.ledger import guards, sealing
from guiyang_data.ledger.models import Access, Event, Seal, SealMember
from guiyang_data.ledger.services import PLATFORM, open_access, record

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
TABLES: list[tuple[type[models.Model], dict[str, object]]] = [
    (Event, {"verb": "other"}),
    (Access, {"purpose": "other"}),
    (Seal, {"root": "0" * 64}),
    (SealMember, {"leaf": 99}),
]


@pytest.fixture
def recorded() -> None:
    record("case:1", "file", by=PLATFORM, at=AT)
    open_access(by=PLATFORM, at=AT, resource="entry:1")
    sealing.seal(at=AT)


@pytest.mark.parametrize(("model", "change"), TABLES)
@pytest.mark.usefixtures("recorded")
def test_the_database_refuses_an_update(model: type[models.Model], change: dict[str, object]) -> None:
    before = list(model._default_manager.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model._default_manager.update(**change)
    assert list(model._default_manager.values()) == before


@pytest.mark.parametrize(("model", "_change"), TABLES)
@pytest.mark.usefixtures("recorded")
def test_the_database_refuses_a_deletion(model: type[models.Model], _change: dict[str, object]) -> None:
    before = model._default_manager.count()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model._default_manager.all()._raw_delete("default")
    assert model._default_manager.count() == before > 0


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only PostgreSQL truncates")
@pytest.mark.usefixtures("recorded")
def test_the_database_refuses_to_truncate() -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_event")
    assert Event.objects.exists()


def test_the_system_check_names_a_missing_guard_and_a_migration_makes_it_again() -> None:
    # given
    guards.drop_guards(connection)
    # when the check runs
    with pytest.raises(SystemCheckError, match=r"ledger_event_guard.* is missing"):
        call_command("check", databases=["default"], tags=["database"])
    # when migrations run again
    guards.after_migrate(sender=None, using="default")  # type: ignore[arg-type]
    # then
    assert guards.missing_guards(connection) == []
