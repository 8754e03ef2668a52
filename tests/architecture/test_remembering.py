"""What is remembered of a factory is what its acts did, and is not taken for what they would do elsewhere.

On PostgreSQL nothing is remembered: there every call is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from catalog.models import CatalogEntry
from catalog.selectors import columns_of
from guiyang_data.accounts.models import Agency
from guiyang_data.tables.query import query
from tests.factories import catalog
from tests.factories.accounts import city, make_agency
from tests.remembering import MEMORY, remembered

pytestmark = pytest.mark.django_db

carried_out: list[str] = []


@remembered
def renamed(agency: Agency, name: str) -> Agency:
    carried_out.append(name)
    agency.name = name
    agency.save(update_fields=["name"])
    transaction.on_commit(lambda: carried_out.append("committed"))
    return agency


@remembered
def renamed_by_name(agency: Agency, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_agency SET name = %(name)s WHERE id = %(pk)s", {"name": name, "pk": agency.pk})


@remembered
def refused(agency: Agency) -> Agency:
    carried_out.append("refused")
    renamed(agency, "改了一半")
    raise ValueError(agency.name)


@remembered
def lazily(agency: Agency) -> Any:
    carried_out.append("lazily")
    return (one for one in [agency])


@pytest.fixture(autouse=True)
def _nothing_yet() -> None:
    carried_out.clear()
    MEMORY.made.clear()


def twice(make: Callable[[], Any]) -> tuple[Any, Any]:
    """What ``make`` gives, made twice from one state."""
    point = transaction.savepoint()
    first = make()
    transaction.savepoint_rollback(point)
    return first, make()


def once_of(*names: str) -> list[str]:
    """What two equal calls carry out."""
    return [*names] if MEMORY.is_listening else [*names, *names]


def whole_database() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def test_the_same_call_from_the_same_state_is_carried_out_once() -> None:
    agency = make_agency("贵阳市甲局")
    first, again = twice(lambda: renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局"))
    assert carried_out == once_of("贵阳市乙局")
    assert (first.pk, first.name) == (again.pk, again.name)
    assert Agency.objects.get(pk=agency.pk).name == "贵阳市乙局"


def test_statements_with_named_values_are_written_again() -> None:
    agency = make_agency("贵阳市甲局")
    twice(lambda: renamed_by_name(Agency.objects.get(pk=agency.pk), "贵阳市乙局"))
    assert Agency.objects.get(pk=agency.pk).name == "贵阳市乙局"


def test_every_row_that_acts_wrote_is_written_again_and_every_file_lies_there(
    settings: LazySettings, tmp_path: Path
) -> None:
    def make() -> tuple[CatalogEntry, dict[str, list[str]]]:
        settings.ROWS_DIR = tmp_path / str(len(carried_out))  # empty, as it is when a test begins
        carried_out.append("made")
        return catalog.entry_in_force(city().provider, rows=catalog.ROWS), whole_database()

    # when
    (_first, before), (entry, after) = twice(make)

    # then
    if MEMORY.is_listening:
        assert after == before
    assert entry.current_data is not None
    columns = columns_of(entry.current_data.revision)
    assert len(query(entry.table, entry.current_data.table_version, columns=columns).rows) == len(catalog.ROWS)
    with entry.loads.get().landed.open("rb") as landed:
        assert landed.read() == catalog.csv_bytes(catalog.ROWS)


def test_arguments_are_as_the_call_left_them_and_remain_the_same_objects() -> None:
    agency = make_agency("贵阳市甲局")

    def make() -> tuple[Agency, Agency]:
        mine = Agency.objects.get(pk=agency.pk)
        return mine, renamed(mine, "贵阳市乙局")

    _first, (mine, given_back) = twice(make)
    assert given_back is mine
    assert mine.name == "贵阳市乙局"


def test_from_another_state_everything_is_carried_out() -> None:
    agency = make_agency("贵阳市甲局")

    def after_another_act() -> None:
        make_agency("贵阳市丙局")
        renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")

    point = transaction.savepoint()
    renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")
    transaction.savepoint_rollback(point)
    after_another_act()
    assert carried_out == ["贵阳市乙局", "贵阳市乙局"]


def test_under_other_settings_everything_is_carried_out(settings: LazySettings) -> None:
    agency = make_agency("贵阳市甲局")

    def make() -> None:
        renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")
        settings.UPLOAD_LIMIT_BYTES = 7

    twice(make)
    assert carried_out == ["贵阳市乙局", "贵阳市乙局"]


def test_a_factory_that_fails_fails_each_time() -> None:
    agency = make_agency("贵阳市甲局")

    def make() -> None:
        with pytest.raises(ValueError, match="改了一半"), transaction.atomic():
            refused(Agency.objects.get(pk=agency.pk))

    twice(make)
    assert carried_out.count("refused") == 2
    assert Agency.objects.get(pk=agency.pk).name == "贵阳市甲局"


def test_what_cannot_be_kept_is_carried_out_each_time() -> None:
    agency = make_agency("贵阳市甲局")
    twice(lambda: list(lazily(Agency.objects.get(pk=agency.pk))))
    assert carried_out == ["lazily", "lazily"]


def test_what_waits_for_the_commit_waits_again(django_capture_on_commit_callbacks: Any) -> None:
    agency = make_agency("贵阳市甲局")
    point = transaction.savepoint()
    renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")
    transaction.savepoint_rollback(point)
    with django_capture_on_commit_callbacks(execute=True):
        renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")
    assert carried_out == [*once_of("贵阳市乙局"), "committed"]


def test_whoever_changes_the_portals_own_code_has_everything_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    agency = make_agency("贵阳市甲局")

    def make() -> None:
        renamed(Agency.objects.get(pk=agency.pk), "贵阳市乙局")
        monkeypatch.setattr("catalog.services.gathering.build_view", None)

    twice(make)
    assert carried_out == ["贵阳市乙局", "贵阳市乙局"]
