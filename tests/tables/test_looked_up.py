"""Single rows of a long table are found by an index; where there is none, by reading, with the same answer."""

from __future__ import annotations

import pytest

from guiyang_data.tables import reading_rows
from guiyang_data.tables.query import Filter, build_view, open_version, query
from tests.tables.conftest import MANY

LINES = [f"{n},{'甲' if n % 2 else '乙'}" for n in range(20_000)]
NUMBER, GROUP = (column.code for column in MANY)


@pytest.fixture
def indexed(load_lines, table, monkeypatch):
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 20_000)
    load_lines(LINES, header="序号,组", columns=MANY)
    build_view(table, 0, looked_up=[NUMBER, "gone"])
    return table


def asked(table, *filters: Filter, **options):
    return query(table, 0, columns=MANY, filters=filters, **options)


def test_a_long_table_has_an_index_of_what_it_is_looked_up_by(indexed):
    with open_version(indexed, 0) as opened:
        assert opened.indexed == {NUMBER}


def test_a_short_table_has_none(load_lines, table, monkeypatch):
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 20_001)
    load_lines(LINES, header="序号,组", columns=MANY)
    build_view(table, 0, looked_up=[NUMBER])
    with open_version(table, 0) as opened:
        assert opened.indexed == frozenset()
    assert asked(table, Filter(NUMBER, "eq", "7")).rows == [(7, "甲")]


@pytest.mark.parametrize(
    ("filters", "condition", "rows"),
    [
        ([Filter(NUMBER, "eq", "7")], [], [(7, "甲")]),
        ([Filter(GROUP, "eq", "甲"), Filter(NUMBER, "eq", "7")], [], [(7, "甲")]),
        ([Filter(GROUP, "eq", "乙"), Filter(NUMBER, "eq", "7")], [], []),
        ([Filter(NUMBER, "eq", "7"), Filter(NUMBER, "eq", "8")], [], []),
        ([Filter(NUMBER, "eq", "7")], [Filter(GROUP, "eq", "甲")], [(7, "甲")]),
        ([Filter(NUMBER, "eq", "7")], [Filter(GROUP, "eq", "乙")], []),
        ([Filter(NUMBER, "eq", "7")], [Filter(NUMBER, "ne", "7")], []),
    ],
)
def test_other_tests_and_the_condition_of_a_grant_hold_beside_the_index(indexed, filters, condition, rows):
    for order in ([], [GROUP], [f"-{NUMBER}"]):
        page = asked(indexed, *filters, row_condition=condition, sort=order)
        assert (page.rows, page.total) == (rows, len(rows))


def test_an_index_that_finds_many_rows_gives_them_in_order_page_by_page(load_lines, table, monkeypatch):
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 1)
    load_lines(LINES, header="序号,组", columns=MANY)
    build_view(table, 0, looked_up=[GROUP])
    page = asked(table, Filter(GROUP, "eq", "乙"), offset=9_998, limit=3)
    assert ([row[0] for row in page.rows], page.total) == ([19_996, 19_998], 10_000)
    beyond = asked(table, Filter(GROUP, "eq", "乙"), offset=20_000, limit=3)
    assert (beyond.rows, beyond.total) == ([], 10_000)
    assert asked(table, Filter(GROUP, "eq", "乙"), limit=0).total == 10_000


def test_a_few_rows_that_an_index_finds_come_in_order_too(load_lines, table, monkeypatch):
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 1)
    load_lines([f"{n},{n % 50}" for n in range(5_000)], header="序号,组", columns=MANY)
    build_view(table, 0, looked_up=[GROUP])
    for order in ([], [NUMBER]):
        page = asked(table, Filter(GROUP, "eq", "7"), Filter(NUMBER, "ge", "100"), offset=1, limit=2, sort=order)
        assert ([row[0] for row in page.rows], page.total) == ([157, 207], 98)
    beyond = asked(table, Filter(GROUP, "eq", "7"), offset=200, limit=2)
    assert (beyond.rows, beyond.total) == ([], 100)


def test_where_there_is_no_room_for_an_index_rows_are_found_without(load_lines, table, monkeypatch, caplog):
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 1)
    monkeypatch.setattr(reading_rows, "MEMORY", "20MiB")
    load_lines([f"{n},{n:060}" for n in range(120_000)], header="序号,组", columns=MANY)
    build_view(table, 0, looked_up=[GROUP])
    with open_version(table, 0) as opened:
        assert opened.indexed == frozenset()
    assert "no room for an index" in caplog.text
    assert asked(table, Filter(GROUP, "eq", f"{7:060}")).rows == [(7, f"{7:060}")]
