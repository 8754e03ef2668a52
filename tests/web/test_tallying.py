"""Numbers asked for together are those that each would be by itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency
from guiyang_data.tallying import tally
from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_each_is_counted_for_itself_in_one_query() -> None:
    accounts.city()
    agencies = Agency.objects.order_by("-code")
    named = agencies.filter(short_name__in=["'", "%s", "市大数据局"])
    with CaptureQueriesContext(connection) as captured:
        numbers = tally(agencies, named, agencies.none(), agencies.filter(pk__in=[]), agencies[:2])
    assert numbers == [agencies.count(), named.count(), 0, 0, 2]
    assert numbers[0] > 2
    assert len(captured) == 1
