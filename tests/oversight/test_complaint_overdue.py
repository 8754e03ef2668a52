"""A complaint that was not answered in its fifteen days: escalated, and, by a person alone, a finding under item 8."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.cases import escalation_acts
from oversight.models import ComplaintReceipt, Escalation, Finding
from oversight.workflow import ESCALATIONS
from tests.factories.accounts import staff
from tests.factories.complaints import ANSWER_DUE, key, overdue_receipt, submitted
from tests.factories.oversight import Cast, overdue_clock, swept
from tests.factories.statute import at
from tests.oversight.complaint_world import complaint_world
from tests.oversight.doing import EVERYBODY, assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
LATE = ANSWER_DUE + DAY


def clock_of(receipt: ComplaintReceipt) -> Clock:
    return Clock.objects.get(subject=subject_of(receipt))


def escalated(people: Cast) -> Escalation:
    """The ignored complaint at the county government, brought before the municipal government."""
    receipt = overdue_receipt(people)
    swept(LATE)
    return Escalation.objects.get(clock=clock_of(receipt), to_agency=people.town.government)


def find(escalation: Escalation, by: Any, on: dt.date = LATE) -> Finding:
    return services.find_ignored(escalation_id=escalation.pk, by=by, on=on, at=at(on))


@pytest.mark.parametrize(("days", "times"), [(0, 0), (1, 1)])
def test_it_is_brought_before_the_superiors_of_the_receiver_on_the_first_day_late(
    people: Cast, days: int, times: int
) -> None:
    receipt = overdue_receipt(people)
    swept(ANSWER_DUE + days * DAY)
    assert Escalation.objects.filter(clock=clock_of(receipt)).count() == times


def test_what_the_municipal_authority_does_not_answer_goes_to_the_municipal_government(people: Cast) -> None:
    receipt = submitted(people, to=[key(people.town.authority)])
    swept(LATE)
    escalation = Escalation.objects.get(clock=clock_of(receipt))
    assert escalation.to_agency == people.town.government


def test_the_portal_drafts_no_finding_from_a_service_target(people: Cast) -> None:
    overdue_receipt(people)
    for weeks in range(4):
        swept(LATE + weeks * 7 * DAY)
    assert not Finding.objects.exists()


def test_notices_of_a_late_complaint_name_neither_matter_nor_agency(people: Cast) -> None:
    receipt = overdue_receipt(people)
    swept(LATE)
    for notice in Notice.objects.filter(kind__in=["clock.overdue", "escalation"]):
        assert receipt.complaint.agency.short_name not in f"{notice.title}{notice.body}"


def test_whoever_is_superior_to_the_receiver_drafts_that_it_ignored_a_complaint(people: Cast) -> None:
    escalation = escalated(people)
    finding = find(escalation, people.government)
    assert (finding.item, finding.agency, finding.status) == (8, people.town.county_government, "draft")
    assert (finding.clock, finding.complaint) == (escalation.clock, None)
    assert events_of(escalation).filter(verb="find-ignored").count() == 1
    assert events_of(finding).get().verb == "draft"
    services.confirm_finding(finding_id=finding.pk, by=people.government, on=LATE, at=at(LATE))


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_else_drafts_it(people: Cast, who: str) -> None:
    escalation, user = escalated(people), getattr(people, who)
    if who in {"government", "organ_member"}:
        assert find(escalation, user).item == 8
    else:
        assert_refused(NotAllowed, lambda: find(escalation, user), complaint_world)


@pytest.mark.parametrize("status", ESCALATIONS.states)
def test_it_is_drafted_while_the_escalation_is_open_only(people: Cast, status: str) -> None:
    escalation = escalated(people)
    Escalation.objects.filter(pk=escalation.pk).update(status=status, conclusion="甲")
    if status in ESCALATIONS["find-ignored"].sources:
        find(escalation, people.government)
        escalation.refresh_from_db()
        assert escalation.status == status
    else:
        assert_refused(WrongState, lambda: find(escalation, people.government), complaint_world)


def test_it_is_drafted_once_and_offered_no_more(people: Cast) -> None:
    escalation = escalated(people)
    assert "find-ignored" in {act.verb for act in escalation_acts(people.government, escalation)}
    find(escalation, people.government)
    assert "find-ignored" not in {act.verb for act in escalation_acts(people.government, escalation)}
    assert_refused(WrongState, lambda: find(escalation, people.government), complaint_world)


def test_what_is_no_complaint_is_not_found_so(people: Cast) -> None:
    clock = overdue_clock(people.town.transport)
    escalation = Escalation.objects.get(clock=clock, to_agency=people.town.government)
    assert "find-ignored" not in {act.verb for act in escalation_acts(people.government, escalation)}
    assert_refused(WrongState, lambda: find(escalation, people.government), complaint_world)


def test_what_was_answered_late_is_not_ignored(people: Cast) -> None:
    escalation = escalated(people)
    receipt = ComplaintReceipt.objects.get()
    handler = staff(people.town.county_government, Role.SUPERVISOR)
    services.receive_complaint(receipt_id=receipt.pk, by=handler, at=at(LATE))
    services.answer_complaint(
        receipt_id=receipt.pk,
        by=handler,
        outcome="unfounded",
        result="经查，已经按期答复申请人。",
        on=LATE,
        at=at(LATE),
    )
    escalation.refresh_from_db()
    assert_refused(WrongState, lambda: find(escalation, people.government), complaint_world)


def test_a_draft_that_fails_leaves_nothing(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    escalation = escalated(people)

    def broken(*args: Any, **values: Any) -> None:
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("oversight.services.findings.record", broken)
    assert_refused(RuntimeError, lambda: find(escalation, people.government), complaint_world)


def test_a_late_due_day_is_needed_to_confirm_it(people: Cast) -> None:
    finding = find(escalated(people), people.government)
    assert_refused(
        RuleBroken,
        lambda: services.confirm_finding(finding_id=finding.pk, by=people.government, on=ANSWER_DUE, at=at(ANSWER_DUE)),
        complaint_world,
    )
