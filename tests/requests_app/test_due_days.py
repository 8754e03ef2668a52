"""The ten days from filing, over holidays, swapped days and years without a notice (第二十一条第一款)."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.accounts.models import Agency
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, expected_due_day
from requests_app import services
from tests.factories.accounts import make_agency
from tests.factories.requests import AGREE, Cast, accepted, at, cast, replied, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.date


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.mark.parametrize(
    ("filed_on", "due_on"),
    [
        (DAY(2025, 1, 15), DAY(2025, 1, 26)),
        (DAY(2025, 9, 21), DAY(2025, 10, 9)),
        (DAY(2026, 2, 5), DAY(2026, 2, 24)),
        (DAY(2026, 9, 30), DAY(2026, 10, 10)),
        (DAY(2026, 11, 3), DAY(2026, 11, 13)),
        (DAY(2026, 11, 13), DAY(2026, 11, 23)),
        (DAY(2026, 2, 28), DAY(2026, 3, 10)),
        (DAY(2026, 11, 4), DAY(2026, 11, 16)),
    ],
)
def test_reply_is_due_on_the_tenth_day_or_the_working_day_after(play: Cast, filed_on: DAY, due_on: DAY) -> None:
    # given / when
    request = waiting(play, on=filed_on)

    # then
    clock = clocks_of(request).get()
    assert (clock.kind, clock.started_on, clock.due_on, clock.statutory) == ("open-reply", filed_on, due_on, True)
    assert expected_due_day("open-reply", filed_on).on == due_on


def test_request_that_runs_into_a_year_without_a_notice_is_taken_and_marked_provisional(play: Cast) -> None:
    # when
    request = waiting(play, on=DAY(2026, 12, 25))

    # then
    clock = clocks_of(request).get()
    assert clock.provisional
    assert clock.due_on.year == 2027


def test_an_enterprise_that_joined_answers_without_a_statutory_clock(play: Cast) -> None:
    # given
    enterprise = make_agency("贵阳市公交公司", kind=Agency.Kind.ENTERPRISE)

    # when
    request = waiting(play, agency=enterprise)

    # then
    assert not clocks_of(request).get().statutory


@pytest.mark.parametrize(
    ("delivered_on", "late_days"), [(DAY(2026, 11, 12), 0), (DAY(2026, 11, 13), 0), (DAY(2026, 11, 14), 1)]
)
def test_reply_after_the_due_day_is_accepted_and_marked_late(play: Cast, delivered_on: DAY, late_days: int) -> None:
    # when
    request = replied(play, on=delivered_on)

    # then
    reply = request.replies.get()
    assert (reply.due_on, reply.late_days, reply.is_late) == (DAY(2026, 11, 13), late_days, late_days > 0)
    clock = clocks_of(request).get(kind="open-reply")
    assert (clock.stopped_on, clock.stopped_by) == (delivered_on, Clock.Stop.DONE)


def test_an_agreement_starts_a_target_that_is_not_statutory(play: Cast) -> None:
    # when
    request = replied(play, AGREE, on=DAY(2026, 11, 9))

    # then
    clock = clocks_of(request).get(kind="open-fulfilment")
    assert (clock.started_on, clock.due_on, clock.statutory) == (DAY(2026, 11, 9), DAY(2026, 11, 24), False)
    assert clock.owed_by == play.city.provider


def test_result_of_a_review_is_due_ten_days_from_acceptance(play: Cast) -> None:
    # when
    review = accepted(play, on=DAY(2026, 11, 16))

    # then
    clock = clocks_of(review).get(kind="review-result")
    assert (clock.started_on, clock.due_on, clock.statutory) == (DAY(2026, 11, 16), DAY(2026, 11, 26), True)
    assert clock.owed_by == play.city.authority


def test_transfer_keeps_the_due_day_and_the_days_each_agency_held(play: Cast) -> None:
    # given
    request = waiting(play)
    before = clocks_of(request).get().due_on

    # when
    services.transfer(
        request_id=request.pk,
        by=play.steward,
        to=play.city.health,
        reasons="这项数据由卫生健康部门采集和管理。",
        on=DAY(2026, 11, 6),
        at=at(DAY(2026, 11, 6)),
    )

    # then
    clock = clocks_of(request).get()
    assert (clock.due_on, clock.started_on, clock.owed_by) == (before, DAY(2026, 11, 3), play.city.health)
    assert list(clock.holdings.values_list("agency", "since_on", "until_on")) == [
        (play.city.transport.pk, DAY(2026, 11, 3), DAY(2026, 11, 6)),
        (play.city.health.pk, DAY(2026, 11, 6), None),
    ]


def test_a_question_stops_no_clock(play: Cast) -> None:
    # given
    request = waiting(play)

    # when
    day = DAY(2026, 11, 5)
    services.ask_question(request_id=request.pk, by=play.steward, text="需要哪一年的？", on=day, at=at(day))

    # then
    clock = clocks_of(request).get()
    assert clock.is_running
    assert clock.due_on == DAY(2026, 11, 13)
