"""Clocks: started, stopped, handed on, counted again, and claimed rung by rung."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from guiyang_data.statute.ladder import due_steps, to_tell
from guiyang_data.statute.models import Clock, ClockGeneration, ClockHolding, Rung
from guiyang_data.statute.selectors import clocks_of, face, owed_by, running, standing
from tests.factories.accounts import City, city, make_agency, staff
from tests.factories.statute import MONDAY, at, load_notice, recounted, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SUBJECT = "requests_app.openrequest:1"
DUE = dt.date(2026, 3, 12)


@pytest.fixture
def town() -> City:
    return city()


def climb(clock: Clock, today: dt.date) -> list[str]:
    """Fire what is due, as a sweep does."""
    fired = clocks.fired_rungs([clock])[clock.pk]
    waiting, following = due_steps(started_on=clock.started_on, due_on=clock.due_on, today=today, fired=fired)
    rungs = tuple(step.rung for step in waiting)
    claim = clocks.Claim(clock=clock, rungs=rungs, told=to_tell(waiting), next_on=following)
    return [rung.rung for rung in clocks.claim([claim], at=at(today))]


def test_a_started_clock_knows_its_due_day_its_steps_and_its_first_rung(town: City) -> None:
    clock = running_clock(town.transport)
    assert (clock.due_on, clock.provisional, clock.generation) == (DUE, False, 1)
    assert clock.statutory
    assert clock.next_rung_on == dt.date(2026, 3, 7)
    generation = clock.generations.get()
    assert generation.due_on == DUE
    assert generation.steps[0]["basis"] == "《中华人民共和国民法典》第二百零一条"
    assert clock.holdings.get().agency == town.transport
    event = events_of(clock).get()
    assert event.verb == "clock.start"
    assert event.payload["due_on"] == "2026-03-12"


def test_the_clock_of_an_organisation_bound_by_reference_only_is_not_statutory(town: City) -> None:
    bus_company = make_agency(kind=Agency.Kind.ENTERPRISE)
    assert not running_clock(bus_company).statutory


def test_a_service_target_is_not_statutory(town: City) -> None:
    assert not running_clock(town.transport, "open-fulfilment").statutory


def test_one_case_has_one_running_clock_of_a_kind_for_an_agency(town: City) -> None:
    running_clock(town.transport)
    with pytest.raises(IntegrityError), transaction.atomic():
        running_clock(town.transport)
    assert running_clock(town.health).owed_by == town.health
    assert Clock.objects.count() == 2


def test_an_order_sets_its_own_day(town: City) -> None:
    clock = running_clock(town.transport, "rectification", due_on=dt.date(2026, 4, 5))
    assert clock.due_on == dt.date(2026, 4, 5)
    assert not clock.provisional


@pytest.mark.parametrize("due_on", [MONDAY, MONDAY - dt.timedelta(1)])
def test_an_order_that_ends_before_it_begins_is_refused_and_leaves_nothing(town: City, due_on: dt.date) -> None:
    with pytest.raises(RuleBroken) as refusal:
        running_clock(town.transport, "rectification", due_on=due_on)
    assert "due_on" in refusal.value.fields
    assert not Clock.objects.exists()
    assert not Event.objects.exists()


def test_a_kind_with_a_length_takes_no_other_day_and_one_without_needs_it(town: City) -> None:
    with pytest.raises(ValueError, match="open-reply"):
        running_clock(town.transport, "open-reply", due_on=dt.date(2026, 5, 1))
    with pytest.raises(ValueError, match="rectification"):
        running_clock(town.transport, "rectification")


@pytest.mark.parametrize(
    ("stopped", "state", "headline"),
    [
        (dt.date(2026, 3, 2), "stopped_on_time", "按时，当天办结"),
        (dt.date(2026, 3, 8), "stopped_on_time", "按时，第 6 天办结"),
        (DUE, "stopped_on_time", "按时，第 10 天办结"),
        (dt.date(2026, 3, 13), "stopped_late", "逾期 1 天，第 11 天办结"),
    ],
)
def test_a_reply_before_on_and_after_the_due_day_is_recorded_as_such(
    town: City, stopped: dt.date, state: str, headline: str
) -> None:
    clock = running_clock(town.transport)
    assert clocks.stop(SUBJECT, "open-reply", on=stopped, at=at(stopped), by=PLATFORM) == clock
    clock.refresh_from_db()
    assert (standing(clock, stopped), face(clock, stopped).headline) == (state, headline)
    assert clock.next_rung_on == (stopped if stopped > DUE else None)  # a late one the sweep looks at once more
    assert clock.holdings.get().until_on == stopped
    event = events_of(clock).last()
    assert event is not None
    assert event.payload == {"cause": "done", "on": stopped.isoformat(), "late_days": max((stopped - DUE).days, 0)}


def test_a_clock_stops_once(town: City) -> None:
    clock = running_clock(town.transport)
    clocks.stop(SUBJECT, "open-reply", on=DUE, at=at(DUE), by=PLATFORM)
    assert clocks.stop(SUBJECT, "open-reply", on=DUE, at=at(DUE), by=PLATFORM) is None
    assert events_of(clock).count() == 2


def test_a_withdrawal_stops_the_clock_and_filing_again_starts_a_new_one(town: City) -> None:
    running_clock(town.transport)
    clocks.stop(SUBJECT, "open-reply", on=DUE, at=at(DUE), by=PLATFORM, cause=Clock.Stop.WITHDRAWN)
    again = running_clock(town.transport, on=DUE)
    assert running(SUBJECT, "open-reply") == again
    assert [face(clock, DUE).headline for clock in clocks_of(SUBJECT)][1] == "已撤回"


def test_stopping_one_provider_leaves_the_others_clock(town: City) -> None:
    running_clock(town.transport)
    other = running_clock(town.health)
    clocks.stop(SUBJECT, "open-reply", on=DUE, at=at(DUE), by=PLATFORM, owed_by=town.transport)
    assert running(SUBJECT, "open-reply") == other


def test_handing_on_keeps_the_due_day_and_remembers_every_hand(town: City) -> None:
    clock = running_clock(town.transport)
    day = dt.date(2026, 3, 6)
    clocks.hand_on(clock, to=town.health, on=day, at=at(day), by=PLATFORM)
    clock.refresh_from_db()
    assert (clock.owed_by, clock.due_on, clock.started_on) == (town.health, DUE, MONDAY)
    assert list(clock.holdings.values_list("agency", "since_on", "until_on")) == [
        (town.transport.pk, MONDAY, day),
        (town.health.pk, day, None),
    ]
    assert events_of(clock).last().verb == "clock.hand-on"  # type: ignore[union-attr]


def test_a_case_with_its_reviewer_is_still_owed_by_the_agency(town: City) -> None:
    clock = running_clock(town.transport, "catalog-update")
    clocks.hand_on(clock, to=town.authority, on=DUE, at=at(DUE), by=PLATFORM, owes=False)
    clock.refresh_from_db()
    assert clock.owed_by == town.transport
    assert ClockHolding.objects.get(clock=clock, until_on=None).agency == town.authority


@pytest.mark.parametrize(
    ("today", "state", "days", "headline"),
    [
        ("2026-03-08", "on_time", 4, "还剩 4 天"),
        ("2026-03-09", "near", 3, "还剩 3 天"),
        ("2026-03-12", "near", 0, "今天到期"),
        ("2026-03-13", "late", 1, "逾期 1 天"),
    ],
)
def test_how_a_clock_stands_is_computed(town: City, today: str, state: str, days: int, headline: str) -> None:
    seen = face(running_clock(town.transport), dt.date.fromisoformat(today))
    assert (seen.state, seen.days, seen.headline) == (state, days, headline)
    assert seen.due_text == "3月12日（周四）24:00 前答复"
    assert seen.article == "第二十一条第一款"


def test_a_clock_into_a_year_without_notice_is_provisional_and_says_why(town: City) -> None:
    clock = running_clock(town.transport, on=dt.date(2026, 12, 22))
    seen = face(clock, dt.date(2026, 12, 23))
    assert clock.provisional
    assert seen.provisional
    assert "2027" in seen.provisional_reason


@pytest.mark.parametrize("kind", ["catalog-update", "sharing-reply", "open-reply", "review-result", "catalog-review"])
@pytest.mark.parametrize("start", ["2026-12-31", "2027-06-01", "2028-02-29", "2030-12-31"])
def test_a_missing_year_never_keeps_a_clock_from_starting(town: City, kind: str, start: str) -> None:
    clock = running_clock(town.transport, kind, on=dt.date.fromisoformat(start))
    assert clock.provisional
    assert clock.due_on > clock.started_on


def test_a_notice_that_moves_nothing_but_certainty_fires_nothing_twice(town: City) -> None:
    clock = running_clock(town.transport, on=dt.date(2026, 12, 22))
    climb(clock, dt.date(2027, 1, 3))
    load_notice(2027, rest=(dt.date(2027, 1, 1), dt.date(2027, 1, 2), dt.date(2027, 1, 3)))
    assert recounted(clock, cause="2027 年放假安排", at=at(dt.date(2027, 1, 3)))
    clock.refresh_from_db()
    assert (clock.due_on, clock.provisional, clock.generation) == (dt.date(2027, 1, 4), False, 2)
    assert climb(clock, dt.date(2027, 1, 3)) == []
    assert climb(clock, dt.date(2027, 1, 5)) == ["overdue"]


def test_an_overdue_rung_whose_due_day_moved_away_is_withdrawn_and_fires_again_later(town: City) -> None:
    clock = running_clock(town.transport, on=dt.date(2026, 12, 22))
    assert "overdue" in climb(clock, dt.date(2027, 1, 5))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    assert recounted(clock, cause="2027 年放假安排", at=at(dt.date(2027, 1, 5)))
    clock.refresh_from_db()
    assert clock.due_on == dt.date(2027, 1, 7)
    assert clock.next_rung_on is not None
    assert clock.next_rung_on <= dt.date(2027, 1, 5)
    withdrawn = Rung.objects.get(clock=clock, rung="overdue")
    assert withdrawn.withdrawn_at is not None
    assert [event.verb for event in events_of(clock)] == ["clock.start", "clock.recompute", "clock.withdraw-rung"]
    assert "overdue" not in climb(clock, dt.date(2027, 1, 7))
    assert climb(clock, dt.date(2027, 1, 8)) == ["overdue"]


def test_counting_again_is_remembered_even_where_the_day_stays(town: City) -> None:
    clock = running_clock(town.transport)
    [again] = recounted(clock, cause="2026年放假安排", at=at(DUE))
    assert not again.moved
    assert list(ClockGeneration.objects.filter(clock=clock).values_list("number", "due_on")) == [(1, DUE), (2, DUE)]
    assert [event.verb for event in events_of(clock)] == ["clock.start", "clock.recompute"]


def test_a_stopped_clock_and_a_day_that_an_order_set_never_move(town: City) -> None:
    start = dt.date(2026, 12, 22)
    stopped = running_clock(town.transport, on=start)
    clocks.stop(SUBJECT, "open-reply", on=start, at=at(start), by=PLATFORM)
    ordered = running_clock(town.transport, "rectification", on=start, due_on=dt.date(2027, 1, 2))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    for clock in (stopped, ordered):
        due = clock.due_on
        assert not recounted(clock, cause="2027 年放假安排", at=at(start))
        clock.refresh_from_db()
        assert clock.due_on == due


def test_a_rung_is_claimed_once(town: City) -> None:
    clock = running_clock(town.transport)
    claim = clocks.Claim(clock=clock, rungs=("overdue",), told={"overdue"}, next_on=DUE)
    first = clocks.claim([claim], at=at(DUE))
    again = clocks.claim([claim], at=at(DUE))
    assert [rung.rung for rung in first] == ["overdue"]
    assert again == []


def test_the_sweep_is_offered_running_clocks_only_the_longest_waiting_first(town: City) -> None:
    late = running_clock(town.transport)
    later = running_clock(town.health, on=MONDAY + dt.timedelta(1))
    running_clock(town.authority, on=dt.date(2026, 6, 1))
    running_clock(town.township, on=MONDAY)
    clocks.stop(SUBJECT, "open-reply", on=DUE, at=at(DUE), by=PLATFORM, owed_by=town.township)
    assert clocks.due_for_sweep(dt.date(2026, 3, 13), most=10) == [late.pk, later.pk]
    assert clocks.due_for_sweep(dt.date(2026, 3, 13), most=1) == [late.pk]
    assert clocks.due_for_sweep(dt.date(2026, 3, 6), most=10) == []


def test_what_i_owe_goes_by_my_roles_in_the_owing_agency_soonest_first(town: City) -> None:
    later = running_clock(town.transport, on=MONDAY + dt.timedelta(7), subject="a.b:2")
    sooner = running_clock(town.transport)
    running_clock(town.health, subject="a.b:3")
    review = running_clock(town.authority, "review-result", subject="a.b:4")
    assert list(owed_by(staff(town.transport, Role.DATA_STEWARD))) == [sooner, later]
    assert list(owed_by(staff(town.transport, Role.SUPERVISOR))) == []
    assert list(owed_by(staff(town.authority, Role.REVIEWER))) == [review]
    assert list(owed_by(staff(town.authority, Role.DATA_STEWARD))) == []


def test_what_i_owe_is_one_query_however_many_clocks(town: City, django_assert_num_queries: object) -> None:
    steward = staff(town.transport, Role.DATA_STEWARD)
    for number in range(12):
        running_clock(town.transport, subject=f"a.b:{number}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len([face(clock, DUE).owed_by for clock in owed_by(steward)]) == 12
