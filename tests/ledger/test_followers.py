"""Following the ledger: each sealed event once, and next to nothing where nothing was sealed since."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event, LedgerCursor
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.services import PLATFORM, record

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 11, 3, 10, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def seals(settings: object, tmp_path: Path) -> Path:
    settings.SEAL_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def _followed() -> list[str]:
    seen: list[Event] = []
    follow("somebody", verbs={"gather"}, handle=seen.append)
    return [event.subject for event in seen]


def test_every_sealed_event_is_handed_on_once() -> None:
    for subject in ("a.b:1", "a.b:2"):
        record(subject, "gather", by=PLATFORM, at=AT)
    record("a.b:1", "other", by=PLATFORM, at=AT)
    assert _followed() == []
    seal(at=AT)
    assert _followed() == ["a.b:1", "a.b:2"]
    assert _followed() == []


def test_where_nothing_was_sealed_since_two_reads_say_so_and_nothing_is_written(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    # given a follower that has seen everything
    record("a.b:1", "gather", by=PLATFORM, at=AT)
    seal(at=AT)
    _followed()
    before = LedgerCursor.objects.get(pk="somebody").seal
    # when
    with django_assert_num_queries(2) as asked:
        assert _followed() == []
    # then
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)
    assert LedgerCursor.objects.get(pk="somebody").seal == before
