"""What the sweep brings about: acceptance by silence, and promises seen to be kept."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.models import CatalogEntry
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.selectors import clocks_of
from requests_app import reactions, services
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.services import Decision, ReplyText
from requests_app.statistics import year_in_numbers
from requests_app.workflow import RequestStatus, ReviewStatus
from tests.factories.catalog import ROWS, entry_in_force
from tests.factories.opendata import carried_out
from tests.factories.requests import AGREE, REFUSE, Cast, at, cast, decided, objected, replied, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = dt.date(2026, 11, 23)


@pytest.fixture
def play() -> Cast:
    return cast()


def test_silence_is_noticed_after_days_without_a_sweep_and_only_once(play: Cast) -> None:
    # given
    review = objected(play)

    # when
    assert reactions.lapse(at(LATER), LATER) == 1
    after = snapshot()
    assert reactions.lapse(at(LATER), LATER) == 0

    # then
    assert snapshot() == after
    review = ReviewApplication.objects.get()
    assert (review.status, review.accepted_on) == (ReviewStatus.ACCEPTED, dt.date(2026, 11, 19))
    assert events_of(review).last().actor == "platform"


def test_nothing_is_accepted_while_the_five_days_run(play: Cast) -> None:
    objected(play)
    before = snapshot()
    assert reactions.lapse(at(dt.date(2026, 11, 19)), dt.date(2026, 11, 19)) == 0
    assert snapshot() == before


def _agreed(play: Cast, entry: CatalogEntry, agreed_to: str) -> OpenRequest:
    request = waiting(play, entry=entry)
    day = dt.date(2026, 11, 6)
    text = ReplyText(outcome="agree", agreed_to=agreed_to)
    services.draft_reply(request_id=request.pk, by=play.steward, text=text, entry=entry, on=day, at=at(day))
    services.deliver_reply(request_id=request.pk, by=play.approver, on=day, at=at(day))
    request.refresh_from_db()
    return request


def test_listing_and_opening_are_seen_in_the_ledger_and_each_stops_its_own_promise(play: Cast) -> None:
    # given: an entry that is listed as open, whose data is not open yet
    entry = entry_in_force(play.city.provider, rows=ROWS, is_open=True)
    listed, opened = _agreed(play, entry, "list"), _agreed(play, entry, "open")
    seal(at=at(LATER))

    # when the catalogue's approval is followed
    assert reactions.react(at(LATER), LATER) == 1

    # then the entry is listed, not open
    listed.refresh_from_db()
    opened.refresh_from_db()
    assert (listed.status, listed.fulfilled_on) == (RequestStatus.FULFILLED, LATER)
    assert opened.status == RequestStatus.AGREED
    assert clocks_of(listed).get(kind="open-fulfilment").stopped_on == LATER

    # when the data is opened
    dataset = carried_out(entry)
    seal(at=at(LATER))
    assert reactions.react(at(LATER), LATER) == 1
    assert reactions.react(at(LATER), LATER) == 0

    # then
    opened.refresh_from_db()
    assert (opened.status, opened.fulfilment_link) == (RequestStatus.FULFILLED, dataset.get_absolute_url())


def test_what_a_review_changed_decides_which_promise_is_kept(play: Cast) -> None:
    # given: refused, then changed by a review to listing
    request = replied(play, REFUSE)
    OpenRequest.objects.filter(pk=request.pk).update(entry=entry_in_force(play.city.provider, rows=ROWS, is_open=True))
    change = Decision(outcome="change", reasons="应当列入开放目录，理由如上。", changed_to="list")
    decided(play, change, request=request)
    seal(at=at(LATER))

    # when / then
    assert reactions.react(at(LATER), LATER) == 1
    request.refresh_from_db()
    assert request.status == RequestStatus.FULFILLED


def test_filing_for_an_entry_counts_as_demand_for_it(play: Cast) -> None:
    entry = entry_in_force(play.city.provider)
    waiting(play, entry=entry)
    assert entry.demand.get().requests == 1


def test_numbers_stand_beside_every_share(play: Cast) -> None:
    # given: one on time, one late, one running and late
    replied(play, AGREE, on=dt.date(2026, 11, 9))
    replied(play, REFUSE, on=dt.date(2026, 11, 20))
    waiting(play)

    # when
    numbers = year_in_numbers(2026, today=LATER)

    # then
    assert (numbers.filed, numbers.replied, numbers.on_time, numbers.late) == (3, 2, 1, 1)
    assert (numbers.agreed, numbers.refused, numbers.overdue_now) == (1, 1, 1)
    assert (numbers.on_time_percent, numbers.is_few, numbers.median_days) == (None, True, 11.5)
    assert year_in_numbers(2026, today=LATER, agency=play.city.health).on_time_percent is None
