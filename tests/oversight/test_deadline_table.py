"""Deadlines to the millisecond: filed at one moment in Guiyang, met or missed at another, over two years' holidays."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Rung
from guiyang_data.statute.selectors import standing
from guiyang_data.timekeeping import now, today
from oversight import services
from tests.factories.rulebook import NOTICE_2027, Keepers, keepers
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LAST = "23:59:59.999"
FIRST = "00:00:00.000"


@pytest.fixture
def people() -> Keepers:
    return keepers()


def moment(text: str) -> dt.datetime:
    """``2026-09-30 23:59:59.999`` in Guiyang."""
    return dt.datetime.fromisoformat(f"{text}+08:00")


TABLE = [
    # kind, filed, due, provisional
    ("open-reply", f"2025-01-15 {FIRST}", "2025-01-26", False),  # a swapped working Sunday
    ("open-reply", f"2025-01-15 {LAST}", "2025-01-26", False),
    ("open-reply", f"2025-01-16 {FIRST}", "2025-01-26", False),  # ten days later is that Sunday itself
    ("open-reply", f"2025-01-17 {FIRST}", "2025-01-27", False),
    ("open-reply", f"2025-01-18 {FIRST}", "2025-02-05", False),  # the Spring Festival of 2025
    ("open-reply", f"2025-09-21 {LAST}", "2025-10-09", False),
    ("open-reply", f"2025-12-21 {LAST}", "2025-12-31", False),
    ("open-reply", f"2025-12-22 {FIRST}", "2026-01-04", False),  # onto a swapped working Sunday
    ("open-reply", f"2026-02-04 {LAST}", "2026-02-14", False),  # due on a swapped working Saturday
    ("open-reply", f"2026-02-05 {FIRST}", "2026-02-24", False),
    ("open-reply", f"2026-02-14 {LAST}", "2026-02-24", False),  # filed on a swapped working Saturday
    ("open-reply", f"2026-02-28 {FIRST}", "2026-03-10", False),
    ("catalog-update", f"2026-01-31 {LAST}", "2026-02-24", False),
    ("catalog-update", f"2025-01-13 {LAST}", "2025-02-05", False),
    ("review-acceptance", f"2026-09-30 {LAST}", "2026-10-13", False),
    ("review-acceptance", f"2025-09-26 {FIRST}", "2025-10-10", False),  # the swapped Sunday counts
    ("open-reply", f"2026-09-30 {LAST}", "2026-10-10", False),
    ("open-reply", f"2026-10-01 {FIRST}", "2026-10-12", False),
    ("open-reply", f"2026-12-17 {LAST}", "2026-12-28", True),  # the notice of 2027 may reach back here
    ("open-reply", f"2026-12-15 {LAST}", "2026-12-25", False),
    ("open-reply", f"2026-12-22 {LAST}", "2027-01-04", True),
    ("review-acceptance", f"2026-12-28 {FIRST}", "2027-01-05", True),
]


@pytest.mark.parametrize(("kind", "filed", "due", "provisional"), TABLE)
def test_a_period_ends_at_midnight_after_its_due_day(
    people: Keepers, kind: str, filed: str, due: str, provisional: bool
) -> None:
    # given a case filed at that moment
    with time_machine.travel(moment(filed), tick=False):
        clock = running_clock(people.town.transport, kind, on=today())
    assert clock.started_on.isoformat() == filed[:10]
    assert (clock.due_on.isoformat(), clock.provisional) == (due, provisional)

    # when the last millisecond of its due day is there, it is not late
    with time_machine.travel(moment(f"{due} {LAST}"), tick=False):
        assert standing(clock, today()) == "near"
        services.sweep(at=now(), on=today(), following=())
    assert not Rung.objects.filter(rung="overdue").exists()

    # and one millisecond later it is
    after = dt.date.fromisoformat(due) + dt.timedelta(1)
    with time_machine.travel(moment(f"{after} {FIRST}"), tick=False):
        assert standing(clock, today()) == "late"
        services.sweep(at=now(), on=today(), following=())
    assert Rung.objects.filter(rung="overdue", withdrawn_at=None).count() == 1


@pytest.mark.parametrize(("time", "state"), [(LAST, "stopped_on_time"), (FIRST, "stopped_late")])
def test_a_reply_in_the_last_millisecond_is_on_time_and_one_at_midnight_is_late(
    people: Keepers, time: str, state: str
) -> None:
    clock = running_clock(people.town.transport, on=dt.date(2026, 9, 30))
    day = "2026-10-10" if time == LAST else "2026-10-11"
    with time_machine.travel(moment(f"{day} {time}"), tick=False):
        clocks.stop(clock.subject, clock.kind, on=today(), at=now(), by=PLATFORM)
        clock.refresh_from_db()
        assert standing(clock, today()) == state


def test_into_a_year_without_its_notice_and_then_with_it(people: Keepers) -> None:
    # given a case that runs into 2027 while its notice is not there
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    assert (clock.due_on, clock.provisional) == (dt.date(2027, 1, 4), True)

    # when it comes, on the day before
    on = dt.date(2027, 1, 3)
    proposal = services.propose_calendar(text=NOTICE_2027, by=people.officer, on=on, at=at(on))
    services.confirm_calendar(proposal_id=proposal.pk, by=people.second, on=on, at=at(on))
    services.sweep(at=at(on, 12), on=on, following=())

    # then the case is due a day later, for certain, and what was to fire on the old day does not
    clock.refresh_from_db()
    assert (clock.due_on, clock.provisional, clock.generation) == (dt.date(2027, 1, 5), False, 2)
    for day, overdue in ((5, 0), (6, 1)):
        moved_on = dt.date(2027, 1, day)
        services.sweep(at=at(moved_on, 0), on=moved_on, following=())
        assert Rung.objects.filter(rung="overdue").count() == overdue
