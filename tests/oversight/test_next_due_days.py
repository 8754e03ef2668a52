"""The soonest due day that stands beside a case is what its clocks say, whatever was done to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from guiyang_data.statute.cases import TimedCase, soonest
from guiyang_data.statute.clocks import stop
from guiyang_data.statute.models import Clock
from oversight.complaints.models import ComplaintReceipt
from requests_app.models import OpenRequest, ReviewApplication
from sharing.models import SharingApplication
from tests.factories import complaints, oversight, requests, sharing

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def _requests_and_reviews() -> None:
    play = requests.cast()
    requests.waiting(play)
    requests.withdrawn(play)
    requests.replied(play, requests.AGREE)
    requests.objected(play)
    requests.decided(play)


def _complaints() -> None:
    people = oversight.cast()
    complaints.submitted(people)
    complaints.answered(people)


def _applications() -> None:
    scene = sharing.scene()
    sharing.refused_application(scene)
    sharing.application(scene)


WORLDS: dict[type[TimedCase], Callable[[], None]] = {
    OpenRequest: _requests_and_reviews,
    ReviewApplication: _requests_and_reviews,
    ComplaintReceipt: _complaints,
    SharingApplication: _applications,
}
"""By kind of case, a city in which some run and some have ended."""


def _by_clocks(model: type[TimedCase]) -> dict[int, dt.date | None]:
    rows = model._default_manager.annotate(by_clocks=soonest(model._meta.label_lower))
    return dict(rows.values_list("pk", "by_clocks"))


def _written(model: type[TimedCase]) -> dict[int, dt.date | None]:
    return dict(model._default_manager.values_list("pk", "next_due_on"))


@pytest.mark.parametrize("model", WORLDS, ids=lambda model: model.__name__)
def test_the_acts_write_down_when_a_case_is_due(model: type[TimedCase]) -> None:
    # when
    WORLDS[model]()

    # then
    assert _written(model) == _by_clocks(model)
    assert None in _written(model).values()
    assert set(_written(model).values()) - {None}


def test_of_two_clocks_the_sooner_counts_and_the_other_stays_when_it_stops() -> None:
    # given a request in whose second round a reply is owed while nothing else runs
    play = requests.cast()
    case = requests.waiting(play)
    first = Clock.objects.get(subject=f"requests_app.openrequest:{case.pk}")
    later = first.due_on + dt.timedelta(days=5)
    Clock.objects.create(
        **{name: getattr(first, name) for name in ("subject", "number", "title", "path", "owed_by", "rule")},
        kind="open-fulfilment",
        statutory=False,
        started_on=first.started_on,
        due_on=later,
    )

    # when
    stop(case, "open-reply", on=first.started_on, at=requests.at(first.started_on), by=play.steward)

    # then
    case.refresh_from_db()
    assert case.next_due_on == later
