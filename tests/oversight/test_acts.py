"""Urging, finding, ordering: every act from every state, by everybody, and nothing half done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import running
from oversight import policies, services
from oversight.models import DisciplineRecommendation, Escalation, Finding, RectificationOrder, Urging
from oversight.workflow import ESCALATIONS, FINDINGS, ORDERS, RECOMMENDATIONS
from tests.factories.accounts import staff
from tests.factories.oversight import (
    DUE,
    LATE,
    ORDER_DUE,
    Cast,
    confirmed_finding,
    drafted_finding,
    escalation_to,
    overdue_clock,
    reported_order,
    standing_order,
    stopped,
    swept,
)
from tests.factories.statute import at, load_notice, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
EVERYBODY = (
    "steward",
    "approver",
    "supervisor",
    "officer",
    "government",
    "county_officer",
    "county_government",
    "organ_member",
    "outsider",
)


def the_world() -> list[Any]:
    """Everything an act may change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Escalation, Urging, Finding, RectificationOrder, DisciplineRecommendation, Clock, Event, Notice)
    ]


def assert_refused(error: type[Exception], act: Callable[[], Any]) -> Exception:
    before = the_world()
    with pytest.raises(error) as refusal:
        act()
    assert the_world() == before
    return refusal.value


def urge(escalation: Escalation, by: Any, words: str = "请三日内答复。") -> Escalation:
    return services.urge(escalation_id=escalation.pk, by=by, words=words, at=at(LATE))


def conclude(escalation: Escalation, by: Any, conclusion: str = "已答复，约谈承办科室。") -> Escalation:
    return services.conclude(escalation_id=escalation.pk, by=by, conclusion=conclusion, at=at(LATE))


def confirm(finding: Finding, by: Any, on: dt.date = LATE) -> Finding:
    return services.confirm_finding(finding_id=finding.pk, by=by, on=on, at=at(on), note="情况属实。")


def dismiss(finding: Finding, by: Any, reasons: str = "申请人已同意延后。") -> Finding:
    return services.dismiss_finding(finding_id=finding.pk, by=by, reasons=reasons, at=at(LATE))


def order(finding: Finding, by: Any, **values: Any) -> RectificationOrder:
    given = {"due_on": ORDER_DUE, "text": "三日内答复。", "circular": "予以通报批评。"} | values
    return services.order_rectification(finding_id=finding.pk, by=by, on=LATE, at=at(LATE), **given)


def report(made: RectificationOrder, by: Any, text: str = "已答复。", on: dt.date = LATE) -> RectificationOrder:
    return services.report_rectification(number=made.number, by=by, on=on, at=at(on), report=text)


def accept(made: RectificationOrder, by: Any) -> RectificationOrder:
    return services.accept_rectification(number=made.number, by=by, at=at(LATE))


def reject(made: RectificationOrder, by: Any, reasons: str = "受理流程没有整改。") -> RectificationOrder:
    return services.reject_rectification(number=made.number, by=by, on=LATE, at=at(LATE), reasons=reasons)


def recommend(made: RectificationOrder, by: Any, text: str = "建议依法给予处分。") -> DisciplineRecommendation:
    return services.recommend_discipline(number=made.number, by=by, at=at(LATE), text=text)


def drop(made: RectificationOrder, by: Any, reasons: str = "已在期限后第二天改正。") -> DisciplineRecommendation:
    return services.drop_discipline(number=made.number, by=by, at=at(LATE), reasons=reasons)


# --- urging and concluding ------------------------------------------------------------------------


def test_an_urging_reaches_those_who_owe_in_its_words(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    assert urge(escalation, people.supervisor).status == "urged"
    assert urge(escalation, people.supervisor, "请今天答复。").status == "urged"
    assert list(Urging.objects.values_list("words", flat=True)) == ["请三日内答复。", "请今天答复。"]
    notices = Notice.objects.filter(kind="urge", recipient=people.steward)
    assert set(notices.values_list("body", flat=True)) == {"请三日内答复。", "请今天答复。"}
    assert events_of(escalation).filter(verb="urge").count() == 2


def test_a_case_that_still_runs_can_not_be_concluded_and_stays(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    refusal = assert_refused(RuleBroken, lambda: conclude(escalation, people.supervisor))
    assert "还没有办结" in str(refusal)


def test_a_case_whose_duty_was_done_late_is_concluded_with_words(people: Cast) -> None:
    clock = stopped(overdue_clock(people.town.transport), LATE)
    escalation = escalation_to(people.town.authority, clock)
    done = conclude(escalation, people.supervisor)
    assert (done.status, done.concluded_by, done.conclusion) == (
        "concluded",
        people.supervisor,
        "已答复，约谈承办科室。",
    )
    assert events_of(escalation).last().verb == "conclude"  # type: ignore[union-attr]
    assert escalation_to(people.town.government, clock).status == "open"


@pytest.mark.parametrize("act", [urge, conclude])
def test_words_are_needed_for_urging_and_concluding(people: Cast, act: Callable[..., Any]) -> None:
    escalation = escalation_to(people.town.authority, stopped(overdue_clock(people.town.transport), LATE))
    refusal = assert_refused(RuleBroken, lambda: act(escalation, people.supervisor, "  "))
    assert set(refusal.fields) & {"words", "conclusion"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("verb", "act"), [("urge", urge), ("conclude", conclude)])
@pytest.mark.parametrize("status", ESCALATIONS.states)
def test_urging_and_concluding_start_from_their_states_only(
    people: Cast, verb: str, act: Callable[..., Any], status: str
) -> None:
    escalation = escalation_to(people.town.authority, stopped(overdue_clock(people.town.transport), LATE))
    Escalation.objects.filter(pk=escalation.pk).update(status=status, conclusion="甲")
    if status in ESCALATIONS[verb].sources:
        assert act(escalation, people.supervisor).status == ESCALATIONS[verb].target
    else:
        assert_refused(WrongState, lambda: act(escalation, people.supervisor))


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_urge_about_a_municipal_agency(people: Cast, who: str) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    user = getattr(people, who)
    if who in {"supervisor", "officer", "government", "organ_member"}:
        assert urge(escalation, user).status == "urged"
    else:
        assert_refused(NotAllowed, lambda: urge(escalation, user))


@pytest.mark.parametrize(
    ("to", "who", "allowed"),
    [
        ("county_authority", "county_officer", True),
        ("county_government", "county_government", True),
        ("county_government", "county_officer", False),
        ("transport", "approver", True),
        ("transport", "steward", False),
        ("county_authority", "supervisor", True),
        ("county_authority", "outsider", False),
    ],
)
def test_who_may_urge_about_a_county_agency(people: Cast, to: str, who: str, allowed: bool) -> None:
    clock = overdue_clock(people.town.county_department, "catalog-update")
    assert policies.may(getattr(people, who), "urge", escalation_to(getattr(people.town, to), clock)) is allowed


def test_the_municipal_authority_does_not_urge_itself(people: Cast) -> None:
    escalation = escalation_to(people.town.government, overdue_clock(people.town.authority, "review-result"))
    assert_refused(NotAllowed, lambda: urge(escalation, people.supervisor))
    assert urge(escalation, people.government).status == "urged"


# --- findings -------------------------------------------------------------------------------------


def test_a_confirmed_finding_is_a_persons_decision_and_the_agency_hears_of_it(people: Cast) -> None:
    finding = confirm(drafted_finding(people), people.supervisor)
    assert (finding.status, finding.decided_by, finding.note) == ("confirmed", people.supervisor, "情况属实。")
    event = events_of(finding).get(verb="confirm")
    assert (event.actor, event.basis) == (people.supervisor.actor_key, "《贵阳市政府数据共享开放条例》第三十条")
    told = Notice.objects.filter(kind="finding").values_list("recipient", flat=True)
    assert set(told) == {people.steward.pk, people.approver.pk}


def test_dismissing_needs_reasons(people: Cast) -> None:
    finding = drafted_finding(people)
    refusal = assert_refused(RuleBroken, lambda: dismiss(finding, people.supervisor, " "))
    assert "reasons" in refusal.fields  # type: ignore[attr-defined]
    assert dismiss(finding, people.supervisor).status == "dismissed"


@pytest.mark.parametrize(("verb", "act"), [("confirm", confirm), ("dismiss", dismiss), ("order", order)])
@pytest.mark.parametrize("status", FINDINGS.states)
def test_acts_on_a_finding_start_from_their_states_only(
    people: Cast, verb: str, act: Callable[..., Any], status: str
) -> None:
    finding = drafted_finding(people)
    Finding.objects.filter(pk=finding.pk).update(status=status, decided_by=people.supervisor)
    if status in FINDINGS[verb].sources:
        act(finding, people.government)
        finding.refresh_from_db()
        assert finding.status == FINDINGS[verb].target
    else:
        assert_refused(WrongState, lambda: act(finding, people.government))


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize(("verb", "act"), [("confirm", confirm), ("dismiss", dismiss)])
def test_who_may_decide_a_finding(people: Cast, who: str, verb: str, act: Callable[..., Any]) -> None:
    finding = drafted_finding(people)
    if who in {"supervisor", "officer", "government", "organ_member"}:
        assert act(finding, getattr(people, who)).status == FINDINGS[verb].target
    else:
        assert_refused(NotAllowed, lambda: act(finding, getattr(people, who)))


def test_nobody_decides_on_a_breach_of_their_own_agency(people: Cast) -> None:
    overdue_clock(people.town.authority, "review-result")
    finding = Finding.objects.get()
    assert_refused(NotAllowed, lambda: confirm(finding, people.supervisor))
    assert confirm(finding, people.government).status == "confirmed"


def test_a_finding_is_never_confirmed_on_a_provisional_day(people: Cast) -> None:
    late_on = dt.date(2027, 1, 5)
    overdue_clock(people.town.transport, on=dt.date(2026, 12, 22))
    finding = Finding.objects.get()
    refusal = assert_refused(RuleBroken, lambda: confirm(finding, people.supervisor, late_on))
    assert "暂定" in str(refusal)
    assert dismiss(finding, people.supervisor).status == "dismissed"


def test_a_year_without_notice_never_gives_a_final_finding_though_the_clock_has_stopped(people: Cast) -> None:
    clock = overdue_clock(people.town.transport, on=dt.date(2026, 12, 22))
    stopped(clock, dt.date(2027, 1, 6))
    finding = Finding.objects.get()
    assert_refused(RuleBroken, lambda: confirm(finding, people.supervisor, dt.date(2027, 1, 7)))
    assert Finding.objects.get().status == "draft"


@pytest.mark.parametrize(("rest_until", "confirmed"), [(3, True), (5, False)])
def test_once_the_notice_is_there_a_stopped_clock_is_judged_by_it(
    people: Cast, rest_until: int, confirmed: bool
) -> None:
    clock = overdue_clock(people.town.transport, on=dt.date(2026, 12, 22))
    stopped(clock, dt.date(2027, 1, 6))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, rest_until + 1)))
    finding = Finding.objects.get()
    if confirmed:
        assert confirm(finding, people.supervisor, dt.date(2027, 1, 7)).status == "confirmed"
    else:
        refusal = assert_refused(RuleBroken, lambda: confirm(finding, people.supervisor, dt.date(2027, 1, 7)))
        assert "没有逾期" in str(refusal)


def test_a_finding_is_confirmed_after_the_clock_was_counted_again_for_good(people: Cast) -> None:
    clock = overdue_clock(people.town.transport, on=dt.date(2026, 12, 22))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in (1, 2, 3)))
    clocks.recompute(clock, cause="2027 年放假安排", at=at(dt.date(2027, 1, 6)), by=PLATFORM)
    assert confirm(Finding.objects.get(), people.supervisor, dt.date(2027, 1, 6)).status == "confirmed"


# --- orders ---------------------------------------------------------------------------------------


def test_an_order_starts_its_own_clock_and_the_agency_is_told(people: Cast) -> None:
    made = order(confirmed_finding(people), people.government)
    assert (made.number, made.ordered_by_agency, made.status) == ("ZG-2026-00001", people.town.government, "ordered")
    clock = running(made, "rectification")
    assert clock is not None
    assert (clock.owed_by, clock.due_on, clock.number) == (people.town.transport, ORDER_DUE, made.number)
    assert clock.path == f"/work/oversight/orders/{made.number}/"
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


# --- sight ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("supervisor", {"市交通委", "云岩区交通运输局"}),
        ("officer", {"市交通委", "云岩区交通运输局"}),
        ("government", {"市交通委", "云岩区交通运输局"}),
        ("organ_member", {"市交通委", "云岩区交通运输局"}),
        ("county_officer", {"云岩区交通运输局"}),
        ("county_government", {"云岩区交通运输局"}),
        ("approver", {"云岩区交通运输局"}),
        ("steward", set()),
        ("outsider", set()),
    ],
)
def test_who_sees_which_overdue_case(people: Cast, who: str, seen: set[str]) -> None:
    overdue_clock(people.town.transport, subject="a.b:1")
    overdue_clock(people.town.county_department, subject="a.b:2")
    visible = policies.visible_escalations(getattr(people, who), Escalation.objects.all())
    assert {escalation.clock.owed_by.short_name for escalation in visible} == seen


def test_another_countys_authority_sees_nothing_of_this_one(people: Cast) -> None:
    overdue_clock(people.town.township)
    other = staff(people.town.health, Role.SUPERVISOR)
    assert not policies.visible_escalations(other, Escalation.objects.all()).exists()
    assert Agency.objects.get(pk=people.town.township.pk).region_id.startswith("520103")


def test_an_agency_sees_a_finding_against_it_once_it_is_decided(people: Cast) -> None:
    finding = drafted_finding(people)
    assert not policies.visible_findings(people.approver, Finding.objects.all()).exists()
    confirm(finding, people.supervisor)
    assert policies.visible_findings(people.approver, Finding.objects.all()).get() == finding
    assert not policies.visible_findings(people.outsider, Finding.objects.all()).exists()


def test_a_running_clock_in_time_is_no_case_for_anyone(people: Cast) -> None:
    running_clock(people.town.transport)
    swept(DUE)
    assert not policies.visible_escalations(people.supervisor, Escalation.objects.all()).exists()
