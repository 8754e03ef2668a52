"""Why this day: for everyone where the public waits, for staff where agencies wait for each other."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from guiyang_data.accounts.roles import Role
from tests.factories.accounts import city, staff
from tests.factories.statute import running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

START = dt.date(2026, 11, 2)


@pytest.mark.parametrize(
    ("kind", "nobody", "somebody"), [("open-reply", 200, 200), ("review-result", 200, 200), ("sharing-reply", 404, 200)]
)
def test_a_clock_explains_itself_to_those_who_wait(client: Client, kind: str, nobody: int, somebody: int) -> None:
    # given a clock of a provider
    play = city()
    clock = running_clock(play.provider, kind, on=START)
    # then its page is there for the public where the public waits, and for staff always
    assert client.get(f"/clocks/{clock.pk}/").status_code == nobody
    client.force_login(staff(play.requester, Role.DATA_STEWARD))
    answer = client.get(f"/clocks/{clock.pk}/")
    assert answer.status_code == somebody
    assert "怎么算出来的" in answer.content.decode()
