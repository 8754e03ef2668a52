"""Urging and finding: every act from every state, by everybody, and nothing half done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from oversight import policies
from oversight.models import Escalation, Finding, Urging
from oversight.workflow import ESCALATIONS, FINDINGS
from tests.factories.oversight import (
    LATE,
    Cast,
    drafted_finding,
    escalation_to,
    overdue_clock,
    stopped,
)
from tests.factories.statute import at, load_notice, recounted
from tests.oversight.doing import (
    EVERYBODY,
    assert_refused,
    conclude,
    confirm,
    dismiss,
    order,
    urge,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

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
    recounted(clock, cause="2027 年放假安排", at=at(dt.date(2027, 1, 6)))
    assert confirm(Finding.objects.get(), people.supervisor, dt.date(2027, 1, 6)).status == "confirmed"
