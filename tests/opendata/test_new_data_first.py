"""What is new since the regulation is in force opens first (第二十条第一款)."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.models import CatalogEntry
from opendata import selectors, services
from tests.factories.accounts import city
from tests.factories.catalog import ROWS, entry_in_force

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LAST_HOUR_BEFORE = dt.datetime(2017, 4, 30, 15, 59, tzinfo=dt.UTC)
"""23:59 in Guiyang on the day before the regulation came into force."""
FIRST_HOUR = dt.datetime(2017, 4, 30, 16, 0, tzinfo=dt.UTC)


def test_data_from_the_first_day_of_the_regulation_on_comes_before_older_data_however_much_that_is_asked_for() -> None:
    # given two entries that wait, one minute apart at the beginning of 1 May 2017, the older one asked for
    provider = city().provider
    older = entry_in_force(provider, rows=ROWS, title="旧数据")
    newer = entry_in_force(provider, rows=ROWS, title="新增数据", field="other")
    CatalogEntry.objects.filter(pk=older.pk).update(created_at=LAST_HOUR_BEFORE)
    CatalogEntry.objects.filter(pk=newer.pk).update(created_at=FIRST_HOUR)
    services.record_demand(entry_id=older.pk, on=dt.date(2026, 9, 1), requests=100)
    # when the queue is read
    queue = list(selectors.opening_queue(CatalogEntry.objects.all(), state="waiting"))
    # then the new one stands first, and the screen says so of it alone
    assert queue == [newer, older]
    assert "新增数据，先行开放" in selectors.reasons_for(queue[0])
    assert "新增数据，先行开放" not in selectors.reasons_for(queue[1])
