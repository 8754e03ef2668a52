"""Orders to correct: given, reported, judged, and what follows when nothing was corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import running
from oversight import policies, services
from oversight.models import DisciplineRecommendation, Escalation, Finding, RectificationOrder
from oversight.workflow import ORDERS, RECOMMENDATIONS
from tests.factories.oversight import (
    DUE,
    LATE,
    ORDER_DUE,
    Cast,
    confirmed_finding,
    overdue_clock,
    reported_order,
    standing_order,
    swept,
)
from tests.factories.statute import at
from tests.oversight.doing import (
    EVERYBODY,
    accept,
    assert_refused,
    confirm,
    drop,
    order,
    recommend,
    reject,
    report,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)


# --- orders ---------------------------------------------------------------------------------------


def test_an_order_starts_its_own_clock_and_the_agency_is_told(people: Cast) -> None:
    made = order(confirmed_finding(people), people.government)
    assert (made.number, made.ordered_by_agency, made.status) == ("ZG-2026-00001", people.town.government, "ordered")
    clock = running(made, "rectification")
    assert clock is not None
    assert (clock.owed_by, clock.due_on, clock.number) == (people.town.transport, ORDER_DUE, made.number)
    assert clock.path == f"/desk/oversight/orders/{made.number}/"
    assert Notice.objects.filter(kind="order.order", recipient=people.steward).count() == 1
    assert events_of(made).get().verb == "order"
    assert events_of(made.finding).last().verb == "order"  # type: ignore[union-attr]


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_superior_or_the_supervisory_organ_orders(people: Cast, who: str) -> None:
    finding = confirmed_finding(people)
    if who in {"government", "organ_member"}:
        assert order(finding, getattr(people, who)).status == "ordered"
    else:
        assert_refused(NotAllowed, lambda: order(finding, getattr(people, who)))


def test_a_big_data_authority_orders_where_it_is_the_superior(people: Cast) -> None:
    overdue_clock(people.town.county_authority, "open-reply")
    finding = Finding.objects.get()
    confirm(finding, people.supervisor)
    assert order(finding, people.supervisor).ordered_by_agency == people.town.authority


def test_each_superior_of_an_agency_may_order(people: Cast) -> None:
    overdue_clock(people.town.county_department)
    finding = Finding.objects.get()
    assert policies.ordering_agency(people.county_government, finding.agency) == people.town.county_government
    assert policies.ordering_agency(people.approver, finding.agency) == people.town.transport
    assert policies.ordering_agency(people.steward, finding.agency) is None
    assert policies.ordering_agency(people.county_officer, finding.agency) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": " "}, "text"),
        ({"circular": ""}, "circular"),
        ({"due_on": LATE}, "due_on"),
        ({"due_on": DUE}, "due_on"),
    ],
)
def test_an_order_needs_its_text_its_circular_and_a_day_to_come(
    people: Cast, values: dict[str, Any], field: str
) -> None:
    finding = confirmed_finding(people)
    refusal = assert_refused(RuleBroken, lambda: order(finding, people.government, **values))
    assert field in refusal.fields  # type: ignore[attr-defined]


@pytest.mark.parametrize(("verb", "act"), [("report", report), ("accept", accept), ("reject", reject)])
@pytest.mark.parametrize("status", ORDERS.states)
def test_acts_on_an_order_start_from_their_states_only(
    people: Cast, verb: str, act: Callable[..., Any], status: str
) -> None:
    made = reported_order(people)
    RectificationOrder.objects.filter(pk=made.pk).update(status=status)
    by = people.approver if verb == "report" else people.government
    if status in ORDERS[verb].sources:
        assert act(made, by).status == ORDERS[verb].target
    else:
        assert_refused(WrongState, lambda: act(made, by))


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_reports_and_who_judges(people: Cast, who: str) -> None:
    user = getattr(people, who)
    made = standing_order(people)
    assert policies.may(user, "report", made) is (who in {"steward", "approver"})
    for verb in ("accept", "reject"):
        assert policies.may(user, verb, made) is (who == "government")
    if who != "government":
        reported = report(made, people.approver)
        assert_refused(NotAllowed, lambda: accept(reported, user))


@pytest.mark.parametrize("act", [report, reject])
def test_reports_and_refusals_need_words(people: Cast, act: Callable[..., Any]) -> None:
    made = standing_order(people) if act is report else reported_order(people)
    by = people.approver if act is report else people.government
    assert_refused(RuleBroken, lambda: act(made, by, ""))


def test_a_correction_reported_in_time_and_accepted_later_was_in_time(people: Cast) -> None:
    made = reported_order(people, ORDER_DUE)
    swept(ORDER_DUE + DAY)
    swept(ORDER_DUE + 9 * DAY)
    assert not DisciplineRecommendation.objects.exists()
    accept(made, people.government)
    clock = Clock.objects.get(number=made.number)
    assert clock.stopped_on == ORDER_DUE
    swept(ORDER_DUE + 20 * DAY)
    assert not DisciplineRecommendation.objects.exists()
    assert not Escalation.objects.filter(clock=clock).exists()


def test_a_correction_reported_in_time_and_not_accepted_runs_out(people: Cast) -> None:
    made = reported_order(people, ORDER_DUE)
    swept(ORDER_DUE + DAY)
    services.reject_rectification(
        number=made.number, by=people.government, on=ORDER_DUE + 2 * DAY, at=at(ORDER_DUE), reasons="没有改正。"
    )
    swept(ORDER_DUE + 2 * DAY)
    assert DisciplineRecommendation.objects.get().status == "draft"


@pytest.mark.parametrize(("days", "drafted"), [(0, False), (1, True)])
def test_what_is_not_corrected_in_time_leads_to_a_draft_for_a_person(people: Cast, days: int, drafted: bool) -> None:
    made = standing_order(people)
    swept(ORDER_DUE + days * DAY)
    swept(ORDER_DUE + days * DAY)
    assert DisciplineRecommendation.objects.filter(order=made, status="draft").exists() is drafted
    assert DisciplineRecommendation.objects.count() == int(drafted)


def expired_order(people: Cast) -> RectificationOrder:
    made = standing_order(people)
    swept(ORDER_DUE + DAY)
    return made


@pytest.mark.parametrize(("verb", "act"), [("recommend-discipline", recommend), ("drop-discipline", drop)])
@pytest.mark.parametrize("status", RECOMMENDATIONS.states)
def test_a_recommendation_is_decided_once(people: Cast, verb: str, act: Callable[..., Any], status: str) -> None:
    made = expired_order(people)
    DisciplineRecommendation.objects.update(status=status, text="甲", decided_by=people.government)
    if status in RECOMMENDATIONS[verb].sources:
        done = act(made, people.government)
        assert (done.status, done.decided_by) == (RECOMMENDATIONS[verb].target, people.government)
        assert events_of(made).filter(verb=verb).exists()
    else:
        assert_refused(WrongState, lambda: act(made, people.government))


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("act", [recommend, drop])
def test_only_who_ordered_decides_on_discipline_and_with_words(people: Cast, who: str, act: Callable[..., Any]) -> None:
    made = expired_order(people)
    if who == "government":
        assert_refused(RuleBroken, lambda: act(made, people.government, " "))
    else:
        assert_refused(NotAllowed, lambda: act(made, getattr(people, who)))
