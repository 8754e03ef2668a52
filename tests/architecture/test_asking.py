"""Which tests run again on the second engines: what they leave out is asked there by others (tests/asking.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from guiyang_data.accounts.models import Region
from tests.asking import Asked, Choosing, Notes, enough, kind_of, noted_in


@pytest.fixture
def notes() -> Iterator[Notes]:
    made = Notes()
    with made.hearing():
        yield made


def asked(notes: Notes, *numbers: int) -> set[int]:
    """The kinds of statements that ask for these regions."""
    notes.now = Asked()
    list(Region.objects.filter(pk__in=numbers)[: len(numbers)])
    return notes.now.kinds


def test_as_many_are_chosen_as_ask_all_that_is_asked_as_often_as_it_shall_be() -> None:
    all_of_them = {
        "a page": Asked({1, 2, 3}, 9),
        "the same page": Asked({1, 2, 3}, 9),
        "once more": Asked({1, 2, 3}, 9),
        "a part of it": Asked({1, 2}, 5),
        "what nobody else asks": Asked({1, 4}, 50),
        "nothing": Asked(set(), 0),
    }
    chosen = enough(all_of_them, times=2)
    for kind in (1, 2, 3, 4):
        asking = [name for name, one in all_of_them.items() if kind in one.kinds]
        assert sum(kind in all_of_them[name].kinds for name in chosen) >= min(2, len(asking))
    assert "what nobody else asks" in chosen
    assert len(chosen) == 3
    assert chosen == enough(dict(reversed(all_of_them.items())), times=2)

    # and once is the rule
    assert len(enough(all_of_them)) == 2


def test_longer_lists_are_of_one_kind_and_other_columns_of_another() -> None:
    assert kind_of("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s), (%s, %s), (%s, %s)") == kind_of(
        "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)"
    )
    assert kind_of("SELECT a FROM t WHERE a IN (%s, %s) LIMIT 20") == kind_of("SELECT a FROM t WHERE a IN (%s) LIMIT 5")
    assert kind_of("SELECT a FROM t WHERE b = %s") != kind_of("SELECT a FROM t WHERE a = %s")


@pytest.mark.django_db
def test_locks_and_refusals_are_heard_beside_the_statements(notes: Notes) -> None:
    # as many rows as there may be, it is asked the same
    once = asked(notes, 1, 2)
    assert once
    assert asked(notes, 1, 2, 3, 4) == once

    # a lock, of which a statement of SQLite says nothing
    notes.now = Asked()
    list(Region.objects.select_for_update().filter(pk__in=[1, 2])[:2])
    assert notes.now.kinds > once if connection.vendor == "sqlite" else notes.now.kinds

    # a row that is refused
    Region.objects.create(code="520199", name="甲")
    notes.now = Asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.create(code="520199", name="乙")
    refused = notes.now.kinds
    notes.now = Asked()
    Region.objects.create(code="520198", name="丙")
    assert refused > notes.now.kinds


def test_what_one_run_notes_another_reads(tmp_path: Path) -> None:
    notes = Notes()
    notes.by_test = {"one": Asked({1, 2}, 7), "two": Asked({1, 2}, 3), "three": Asked({1}, 3)}
    notes.write(tmp_path, "gw0")
    assert noted_in(tmp_path) == notes.by_test
    assert Choosing(tmp_path).chosen == {"two"}
    assert noted_in(tmp_path / "nothing") == {}
