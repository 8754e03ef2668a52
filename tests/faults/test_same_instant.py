"""Reply, withdrawal and expiry at the same instant: one of the people wins, the other is told, the law is kept."""

from __future__ import annotations

import contextlib

import pytest
from django.db import OperationalError, transaction

from guiyang_data.statute.models import Clock
from oversight.services.sweeping import climb
from requests_app.models import OpenRequest
from tests.faults.amount import TIMES
from tests.faults.calendar_model import DAY
from tests.faults.eve import day
from tests.faults.machines import assert_as_the_law_says
from tests.faults.model import LawModel
from tests.faults.racing import race
from tests.faults.town import Town, moment

pytestmark = pytest.mark.faults(long=True)

ROUNDS = 100
PARTS = range(2 * TIMES)
"""Twice a hundred rounds; ``make faults`` plays more."""
FILED_ON, LATE_ON = day(3, 9), day(3, 20)
"""Due on Thursday the 19th: at 00:00 of the 20th it has run out."""


def expire(town: Town, label: str) -> None:
    """What the sweep does with the clock of a request, at the stroke of midnight; it may have to give way."""
    clock = Clock.objects.get(number=town.requests[label].number)
    with contextlib.suppress(OperationalError), transaction.atomic():
        # one that gives way to a person is taken up again by the next sweep
        climb([clock.pk], at=moment(LATE_ON), on=LATE_ON)


@pytest.mark.parametrize("part", PARTS)
def test_reply_withdrawal_and_expiry_at_one_instant_end_in_one_outcome(town: Town, part: int) -> None:
    # given requests with a drafted reply, whose last day has just ended
    model = LawModel()
    for number in range(ROUNDS):
        for side in (model, town):
            side.file(f"r{number}", "transport", "none", FILED_ON)
        town.draft(f"r{number}", "refuse", FILED_ON)

    for side in (model, town):
        side.sweep(LATE_ON - DAY)

    # when
    held = race(
        ROUNDS,
        reply=lambda number: town.deliver(f"r{number}", LATE_ON),
        withdrawal=lambda number: town.withdraw(f"r{number}", LATE_ON),
        expiry=lambda number: expire(town, f"r{number}"),
    )

    # then one of the two people won each round, and the other was told who and when
    for number in range(ROUNDS):
        label = f"r{number}"
        told = list(held.told(number).values())
        assert len(told) == 1
        status = OpenRequest.objects.get(pk=town.requests[label].pk).status
        if status == "withdrawn":
            model.withdraw(label, LATE_ON)
            assert "社会公众已于3月20日 09:" in told[0]
        else:
            model.reply(label, "refuse", LATE_ON)
            assert "市交通委" in told[0]
            assert "已于3月20日 09:" in told[0]

    # and that it was late is recorded once, whoever came first
    town.sweep(LATE_ON)
    model.sweep(LATE_ON)
    assert_as_the_law_says(model, town.labels)
