"""Complaining: who may receive, what is kept of whom, and how it is withdrawn (第二十九条)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from guiyang_data.accounts.models import Agency
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.search.models import SearchDocument
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.complaints.models import Complaint, ComplaintReceipt
from oversight.complaints.receivers import receivers_for
from oversight.complaints.selectors import holder_of_complaint
from oversight.models import Finding
from oversight.workflow import UNANSWERED
from tests.factories import requests as asking
from tests.factories.accounts import citizen, make_agency
from tests.factories.complaints import (
    ANSWER_DUE,
    COMPLAINED_ON,
    MATTER,
    NAMED,
    answered,
    filed_complaint,
    investigating,
    key,
    receipt_of,
    submitted,
    to_outside,
)
from tests.factories.oversight import Cast
from tests.factories.statute import at
from tests.oversight.complaint_world import complaint_world
from tests.oversight.doing import assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


# --- to whom ----------------------------------------------------------------------------------------


def test_superior_supervisory_organ_and_municipal_authority_may_receive(people: Cast) -> None:
    names = {receiver.name: receiver.capacity for receiver in receivers_for(people.town.transport) if receiver.agency}
    assert names == {
        people.town.government.name: "superior",
        people.organ.name: "supervisory",
        people.town.authority.name: "authority",
    }


def test_a_county_authority_receives_only_where_it_is_the_superior(people: Cast) -> None:
    town = people.town
    assert key(town.county_authority) not in {receiver.key for receiver in receivers_for(town.county_department)}
    below = make_agency("云岩区数据中心", region=town.county_authority.region, superiors=(town.county_authority,))
    assert key(town.county_authority) in {receiver.key for receiver in receivers_for(below)}


def test_the_agency_complained_about_never_receives(people: Cast) -> None:
    for agency in (people.town.authority, people.organ, people.town.government):
        receivers = receivers_for(agency)
        assert agency.name not in {receiver.name for receiver in receivers}
        assert len({receiver.name for receiver in receivers}) == len(receivers)


def test_an_organ_entered_as_outside_is_offered_and_handed_off(people: Cast) -> None:
    Agency.objects.filter(pk=people.organ.pk).update(level=Agency.Level.OUTSIDE)
    organ = next(one for one in receivers_for(people.town.transport) if one.name == people.organ.name)
    receipt = submitted(people, to=[organ.key])
    assert (receipt.agency, receipt.outside_name, receipt.status) == (None, people.organ.name, "to-hand-off")


@pytest.mark.parametrize("own", ["transport", "county_authority", "health"])
def test_a_receiver_that_may_not_receive_is_refused(people: Cast, own: str) -> None:
    refusal = assert_refused(
        RuleBroken, lambda: filed_complaint(people, to=[key(getattr(people.town, own))]), complaint_world
    )
    assert "to" in refusal.fields  # type: ignore[attr-defined]


def test_each_of_several_receivers_has_its_own_clock(people: Cast) -> None:
    town = people.town
    filed = filed_complaint(people, to=[key(town.government), key(people.organ), key(town.authority)])
    rows = list(filed.complaint.receipts.order_by("pk"))
    assert [row.keeper for row in rows] == [town.government, people.organ, town.authority]
    for row in rows:
        clock = Clock.objects.get(subject=subject_of(row))
        assert (clock.kind, clock.owed_by, clock.due_on) == ("complaint", row.keeper, ANSWER_DUE)
        assert not clock.statutory
        assert clock.path == f"/desk/complaints/{row.pk}/"


def test_a_complaint_to_an_organ_outside_waits_at_the_municipal_authority(people: Cast) -> None:
    receipt = submitted(people, to=[to_outside(people.town.transport)])
    assert (receipt.keeper, receipt.agency) == (people.town.authority, None)
    assert Clock.objects.get(subject=subject_of(receipt)).owed_by == people.town.authority


def test_what_is_about_the_municipal_authority_is_handed_off_by_the_government(people: Cast) -> None:
    receipt = submitted(people, agency=people.town.authority, to=[to_outside(people.town.authority)])
    assert receipt.keeper == people.town.government


@pytest.mark.parametrize(
    ("name", "capacity"),
    [("贵州省交通运输厅", "superior"), ("贵阳市南明区监察委员会", "supervisory"), ("南明区监委", "supervisory")],
)
def test_a_freely_named_organ_outside_is_taken_as_what_its_name_says(people: Cast, name: str, capacity: str) -> None:
    receipt = submitted(people, to=[], other_receiver=name)
    assert (receipt.outside_name, receipt.status) == (name, "to-hand-off")
    assert receipt.capacity == capacity


# --- what is kept -----------------------------------------------------------------------------------


def test_matter_official_and_complainant_are_encrypted_and_stand_in_no_event_and_no_notice(people: Cast) -> None:
    filed = filed_complaint(people, party=NAMED, official="交通委信息科钱经办")
    stored = Complaint.objects.values().get()
    kept = " ".join(str(value) for value in stored.values())
    said = [MATTER, "钱经办", NAMED.name, NAMED.mail, NAMED.phone]
    assert [word for word in said if word in kept] == []
    found = filed.complaint
    assert (found.matter, found.official, found.name) == (MATTER, "交通委信息科钱经办", NAMED.name)
    records = [str(row) for model in (Event, Notice, Clock) for row in model.objects.values()]
    assert [word for word in said for row in records if word in row] == []
    assert not SearchDocument.objects.exists()


def test_only_the_hash_of_the_code_is_kept_and_the_code_opens_the_complaint(people: Cast) -> None:
    filed = filed_complaint(people)
    assert filed.code not in str(Complaint.objects.values().get())
    holder = holder_of_complaint(filed.complaint.number.lower(), filed.code.replace("-", " "))
    assert holder is not None
    assert holder.number == filed.complaint.number
    assert holder_of_complaint(filed.complaint.number, "AAAA-BBBB-CCCC") is None
    assert holder_of_complaint("TS-2026-09999", filed.code) is None


def test_an_anonymous_complaint_keeps_no_account_no_name_and_no_actor(people: Cast) -> None:
    someone = citizen()
    filed = filed_complaint(people, by=someone, party=NAMED, anonymous=True)
    found = filed.complaint
    assert (found.complainant, found.name, found.mail, found.phone) == (None, "", "", "")
    assert someone.actor_key not in set(Event.objects.values_list("actor", flat=True))
    assert not Notice.objects.filter(recipient=someone).exists()


def test_the_database_itself_keeps_an_anonymous_complaint_without_an_account(people: Cast) -> None:
    filed = filed_complaint(people, anonymous=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=filed.complaint.pk).update(complainant=citizen())


def test_a_complaint_with_an_account_belongs_to_it_and_a_clerks_does_not(people: Cast) -> None:
    someone = citizen()
    assert filed_complaint(people, by=someone).complaint.complainant == someone
    assert filed_complaint(people, by=people.outsider).complaint.complainant is None


def test_the_receivers_and_the_complainant_are_told_and_the_agency_complained_about_is_not(people: Cast) -> None:
    someone = citizen()
    filed_complaint(people, by=someone)
    told = set(Notice.objects.values_list("recipient", flat=True))
    assert told == {someone.pk, people.government.pk}


def test_papers_belong_to_the_complaint(people: Cast) -> None:
    paper = take_in(ContentFile("甲".encode(), name="截图.txt"), subject="draft:1", by=None, at=at(COMPLAINED_ON))
    filed = filed_complaint(people, papers=[paper])
    assert [one.name for one in attachments.of(subject_of(filed.complaint))] == ["截图.txt"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"matter": "不办"}, "matter"),
        ({"concern": "weather"}, "concern"),
        ({"to": []}, "to"),
        ({"case_number": "GY-2026-77777"}, "case_number"),
        ({"case_number": "FH-2026-77777"}, "case_number"),
        ({"official": "甲" * 61}, "official"),
        ({"party": NAMED.__class__(mail="不是邮箱")}, "mail"),
    ],
)
def test_what_is_incomplete_is_refused_and_nothing_is_kept(people: Cast, given: dict[str, Any], field: str) -> None:
    refusal = assert_refused(RuleBroken, lambda: filed_complaint(people, **given), complaint_world)
    assert field in refusal.fields  # type: ignore[attr-defined]
    assert "第二十九条" in refusal.basis  # type: ignore[attr-defined]


def test_the_supervisory_organ_is_not_complained_about_here(people: Cast) -> None:
    refusal = assert_refused(RuleBroken, lambda: filed_complaint(people, agency=people.organ), complaint_world)
    assert "agency" in refusal.fields  # type: ignore[attr-defined]


def test_a_case_is_linked_by_its_number(people: Cast) -> None:
    play = asking.Cast(
        city=people.town,
        steward=people.steward,
        approver=people.approver,
        reviewer=people.supervisor,
        authority_officer=people.officer,
        other_steward=people.outsider,
    )
    waiting = asking.waiting(play)
    assert filed_complaint(people, case_number=waiting.number.lower()).complaint.case_number == waiting.number
    assert filed_complaint(people, case_number="520100-A01/17").complaint.case_number == "520100-A01/17"


def test_one_event_is_written_for_the_complaint(people: Cast) -> None:
    filed = filed_complaint(people)
    event = events_of(filed.complaint).get()
    assert (event.verb, event.actor) == ("file", "public")
    assert "第二十九条" in event.basis


# --- withdrawing ------------------------------------------------------------------------------------


def withdraw(receipt: ComplaintReceipt, by: Any) -> Complaint:
    return services.withdraw_complaint(
        complaint_id=receipt.complaint_id, by=by, on=COMPLAINED_ON, at=at(COMPLAINED_ON, 15)
    )


@pytest.mark.parametrize("status", sorted(state.value for state in UNANSWERED))
def test_an_unanswered_complaint_is_withdrawn_and_its_clock_stops(people: Cast, status: str) -> None:
    someone = citizen()
    receipt = submitted(people, by=someone)
    values: dict[str, Any] = {"status": status}
    if status == "handed-off":
        values |= {"handed_off_on": COMPLAINED_ON, "handed_off_by": people.supervisor, "handed_off_to": "甲"}
    ComplaintReceipt.objects.filter(pk=receipt.pk).update(**values)
    withdraw(receipt, someone)
    receipt.refresh_from_db()
    clock = Clock.objects.get(subject=subject_of(receipt))
    assert (receipt.status, clock.stopped_by, clock.stopped_on) == ("withdrawn", "withdrawn", COMPLAINED_ON)
    assert events_of(receipt).filter(verb="withdraw").count() == 1
    assert Notice.objects.filter(recipient=people.government, title__contains="撤回").count() == 1


@pytest.mark.parametrize("status", ["answered", "declined", "withdrawn"])
def test_what_is_answered_refused_or_withdrawn_is_not_withdrawn_again(people: Cast, status: str) -> None:
    someone = citizen()
    receipt = answered(people, by=someone)
    ComplaintReceipt.objects.filter(pk=receipt.pk).update(status=status)
    assert_refused(WrongState, lambda: withdraw(receipt, someone), complaint_world)


def test_only_the_complainant_withdraws(people: Cast) -> None:
    receipt = submitted(people, by=citizen())
    for user in (citizen(), people.government, people.steward, people.supervisor):
        assert_refused(NotAllowed, lambda by=user: withdraw(receipt, by), complaint_world)


def test_the_holder_of_the_code_withdraws_from_every_receiver(people: Cast) -> None:
    filed = filed_complaint(people, to=[key(people.town.government), key(people.town.authority)], anonymous=True)
    holder = holder_of_complaint(filed.complaint.number, filed.code)
    withdraw(receipt_of(filed), holder)
    assert set(filed.complaint.receipts.values_list("status", flat=True)) == {"withdrawn"}


def test_a_breach_already_drafted_stays_when_the_complaint_is_withdrawn(people: Cast) -> None:
    someone = citizen()
    receipt = investigating(people, by=someone)
    finding = services.draft_complaint_finding(
        receipt_id=receipt.pk, by=people.government, item=6, at=at(COMPLAINED_ON)
    )
    withdraw(receipt, someone)
    assert Finding.objects.get(pk=finding.pk).status == "draft"


def test_a_withdrawal_that_fails_changes_nothing(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = citizen()
    receipt = submitted(people, by=someone)

    def broken(*args: Any, **values: Any) -> None:
        raise RuntimeError("the outbox is full")

    monkeypatch.setattr("oversight.services.complaints.filing.tell_keeper", broken)
    assert_refused(RuntimeError, lambda: withdraw(receipt, someone), complaint_world)


def test_the_day_of_filing_is_the_day_of_receipt_whenever_it_is_registered(people: Cast) -> None:
    receipt = submitted(people)
    later = COMPLAINED_ON + dt.timedelta(days=7)
    services.receive_complaint(receipt_id=receipt.pk, by=people.government, at=at(later))
    clock = Clock.objects.get(subject=subject_of(receipt))
    assert (clock.started_on, clock.due_on) == (COMPLAINED_ON, ANSWER_DUE)
