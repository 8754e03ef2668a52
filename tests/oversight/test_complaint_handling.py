"""Handling a complaint: by its receiver, never by its target; what each act needs, writes and tells (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.accounts.models import Person, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.complaints.models import ComplaintReceipt
from oversight.complaints.policies import HANDLERS, RECEIPT_POLICY, visible_receipts
from oversight.complaints.selectors import complaint_statistics
from oversight.models import Finding
from oversight.workflow import RECEIPTS
from tests.factories.accounts import citizen, make_agency, staff, system
from tests.factories.complaints import (
    ANSWER_DUE,
    COMPLAINED_ON,
    NAMED,
    RESULT,
    answered,
    asked,
    filed_complaint,
    handed_off,
    investigating,
    key,
    submitted,
    to_hand_off,
)
from tests.factories.oversight import Cast
from tests.factories.statute import at
from tests.oversight.complaint_world import complaint_world
from tests.oversight.doing import EVERYBODY, assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)
REASONS = "这是医疗纠纷，不属于政府数据共享开放，请向卫生健康部门提出。"
Doing = Callable[[Cast, ComplaintReceipt, Any], Any]


def _refused(error: type[Exception], act: Callable[[], Any]) -> Exception:
    return assert_refused(error, act, complaint_world)


def _act(name: str, **given: Any) -> Doing:
    def do(people: Cast, receipt: ComplaintReceipt, by: Any) -> Any:
        values = {key: value(people) if callable(value) else value for key, value in given.items()}
        return getattr(services, name)(receipt_id=receipt.pk, by=by, at=at(COMPLAINED_ON, 14), **values)

    return do


ACTS: dict[str, Doing] = {
    "receive": _act("receive_complaint"),
    "ask-question": _act("ask_complainant", text="是哪一天打的电话？"),
    "ask-statement": _act("ask_statement", matter="请说明三月以来的答复情况。"),
    "add-note": _act("note_investigation", text="已调取电话记录。"),
    "answer": _act("answer_complaint", outcome="founded", result=RESULT, on=COMPLAINED_ON),
    "draft-finding": _act("draft_complaint_finding", item=6),
    "decline": _act("decline_complaint", reasons=REASONS, on=COMPLAINED_ON),
    "transfer": _act(
        "transfer_complaint",
        to=lambda people: key(people.organ),
        reasons="涉及工作人员失职，由监察机关处理。",
        on=COMPLAINED_ON,
    ),
    "hand-off": _act("hand_off_complaint", handed_to="办公室收文", on=COMPLAINED_ON),
    "record-answer": _act("record_outside_answer", outcome="unfounded", result=RESULT, on=COMPLAINED_ON),
}
OUTSIDE = ("hand-off", "record-answer")
CLOSED = {
    "outcome": "founded",
    "result_encrypted": "甲",
    "decided_on": COMPLAINED_ON,
    "handed_off_on": COMPLAINED_ON,
    "handed_off_to": "甲",
}


def _fitting(people: Cast, verb: str) -> ComplaintReceipt:
    return to_hand_off(people) if verb in OUTSIDE else submitted(people)


def _handler(people: Cast, verb: str) -> User:
    return people.supervisor if verb in OUTSIDE else people.government


def _put(receipt: ComplaintReceipt, status: str, by: User) -> None:
    values = {"status": status, "decided_by": by, "handed_off_by": by, **CLOSED}
    ComplaintReceipt.objects.filter(pk=receipt.pk).update(**values)


# --- each act, its states, its event ----------------------------------------------------------------


@pytest.mark.parametrize("status", RECEIPTS.states)
@pytest.mark.parametrize("verb", ACTS)
def test_each_act_starts_from_its_states_and_from_no_other(people: Cast, verb: str, status: str) -> None:
    receipt, by = _fitting(people, verb), _handler(people, verb)
    _put(receipt, status, by)
    if status in RECEIPTS[verb].sources:
        ACTS[verb](people, receipt, by)
        receipt.refresh_from_db()
        assert receipt.status == (RECEIPTS[verb].target or status)
        event = events_of(receipt).filter(verb=verb).get()
        assert (event.actor, event.basis) == (by.actor_key, str(RECEIPTS[verb].basis))
    else:
        _refused(WrongState, lambda: ACTS[verb](people, receipt, by))


@pytest.mark.parametrize("verb", ACTS)
def test_an_act_that_fails_half_way_changes_nothing(people: Cast, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt, by = _fitting(people, verb), _handler(people, verb)
    _put(receipt, sorted(RECEIPTS[verb].sources)[0], by)

    def broken(*args: Any, **values: Any) -> None:
        raise RuntimeError("the ledger is full")

    for module in ("handling", "deciding", "passing"):
        monkeypatch.setattr(f"oversight.services.complaints.{module}.record", broken)
    _refused(RuntimeError, lambda: ACTS[verb](people, receipt, by))


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("verb", ACTS)
def test_the_receiver_handles_it_and_nobody_else(people: Cast, verb: str, who: str) -> None:
    receipt, user = _fitting(people, verb), getattr(people, who)
    _put(receipt, sorted(RECEIPTS[verb].sources)[0], people.outsider)
    receipt.refresh_from_db()
    allowed = who == ("supervisor" if verb in OUTSIDE else "government")
    assert RECEIPT_POLICY.may(user, verb, receipt) is allowed
    if not allowed:
        _refused(NotAllowed, lambda: ACTS[verb](people, receipt, user))


@pytest.mark.parametrize("role", HANDLERS)
def test_each_handling_role_of_the_receiver_handles(people: Cast, role: Role) -> None:
    receipt = submitted(people, to=[key(people.organ)])
    assert RECEIPT_POLICY.may(staff(people.organ, role), "receive", receipt)


def test_a_handler_who_also_belongs_to_the_agency_complained_about_may_not(people: Cast) -> None:
    receipt = submitted(people)
    both = staff(people.town.government, Role.GOVERNMENT_APPROVER)
    staff_role = people.steward.roles.get()
    both.roles.create(agency=staff_role.agency, role=Role.DATA_STEWARD, started_on=staff_role.started_on)
    both.forget_roles()
    _refused(NotAllowed, lambda: ACTS["receive"](people, receipt, both))
    assert not visible_receipts(both, ComplaintReceipt.objects.all()).exists()


def test_nobody_handles_a_complaint_about_themselves(people: Cast) -> None:
    User.objects.filter(pk=people.government.pk).update(display_name="蒋示例")
    people.government.refresh_from_db()
    receipt = submitted(people, official="蒋示例，原交通委信息科长")
    _refused(NotAllowed, lambda: ACTS["receive"](people, receipt, people.government))


def test_nobody_handles_their_own_complaint_under_another_account(people: Cast) -> None:
    someone = citizen()
    receipt = submitted(people, by=someone)
    _same_person(someone, people.government)
    receipt.complaint.complainant.refresh_from_db()  # type: ignore[union-attr]
    _refused(NotAllowed, lambda: ACTS["receive"](people, receipt, people.government))


def _same_person(*users: User) -> None:
    person = Person.objects.create(name_encrypted="甲", id_number_encrypted="甲", id_number_index="甲")
    for user in users:
        user.person = person
        user.save(update_fields=["person"])


def test_a_system_of_the_receiver_asks_and_notes_and_decides_nothing(people: Cast) -> None:
    receipt = investigating(people)
    machine: Principal = system(people.town.government).user
    allowed = {verb for verb in ACTS if RECEIPT_POLICY.may(machine, verb, receipt)}
    assert allowed == {"receive", "ask-question", "ask-statement", "add-note"}
    assert not RECEIPT_POLICY.may(system(people.town.transport).user, "add-note", receipt)


# --- who sees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "knows", "reads"),
    [
        ("government", True, True),
        ("supervisor", True, False),
        ("officer", True, False),
        ("organ_member", True, False),
        ("steward", False, False),
        ("approver", False, False),
        ("outsider", False, False),
        ("county_officer", False, False),
        ("county_government", False, False),
    ],
)
def test_who_knows_of_a_complaint_and_who_reads_it(people: Cast, who: str, knows: bool, reads: bool) -> None:
    receipt, user = submitted(people), getattr(people, who)
    assert visible_receipts(user, ComplaintReceipt.objects.all()).exists() is knows
    assert RECEIPT_POLICY.may(user, "read-matter", receipt) is reads


def test_whoever_hands_it_off_reads_it(people: Cast) -> None:
    receipt = to_hand_off(people)
    assert RECEIPT_POLICY.may(people.supervisor, "read-matter", receipt)
    assert not RECEIPT_POLICY.may(people.officer, "read-matter", receipt)


def test_the_municipal_supervision_knows_nothing_of_a_complaint_about_its_own_authority(people: Cast) -> None:
    submitted(people, agency=people.town.authority)
    assert not visible_receipts(people.supervisor, ComplaintReceipt.objects.all()).exists()
    assert visible_receipts(people.government, ComplaintReceipt.objects.all()).exists()


def test_the_superior_of_a_receiver_knows_of_the_complaint(people: Cast) -> None:
    receipt = submitted(people, agency=people.town.county_department, to=[key(people.town.county_government)])
    seen = visible_receipts(people.government, ComplaintReceipt.objects.all())
    assert list(seen) == [receipt]
    assert not RECEIPT_POLICY.may(people.government, "read-matter", receipt)


def test_the_public_and_strangers_know_of_no_complaint(people: Cast) -> None:
    someone = citizen()
    submitted(people, by=someone)
    for user in (someone, citizen(), staff(make_agency(), Role.APPROVER), system(people.town.transport).user):
        assert not visible_receipts(user, ComplaintReceipt.objects.all()).exists()


# --- answering --------------------------------------------------------------------------------------


def test_the_result_stops_the_clock_and_is_fed_back_without_its_text(people: Cast) -> None:
    someone = citizen(email="x@example.cn")
    receipt = answered(people, by=someone)
    clock = Clock.objects.get(subject=subject_of(receipt))
    assert (clock.stopped_on, receipt.decided_on, receipt.due_on) == (
        COMPLAINED_ON + 2 * DAY,
        COMPLAINED_ON + 2 * DAY,
        ANSWER_DUE,
    )
    assert receipt.result == RESULT
    told = Notice.objects.get(recipient=someone, title__contains="处理结果")
    assert "属实" in told.body
    assert RESULT not in told.body
    assert told.path == receipt.complaint.get_absolute_url()
    assert Delivery.objects.filter(notice__key__endswith=f"decided:{receipt.pk}:address", channel="sms").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"result": "属实。"}, "result"),
        ({"outcome": "unfounded", "item": 6}, "item"),
        ({"item": 12}, "item"),
    ],
)
def test_an_answer_needs_outcome_and_reasons(people: Cast, given: dict[str, Any], field: str) -> None:
    receipt = investigating(people)
    values = {"outcome": "founded", "result": RESULT} | given
    refusal = _refused(
        RuleBroken,
        lambda: services.answer_complaint(
            receipt_id=receipt.pk, by=people.government, on=COMPLAINED_ON, at=at(COMPLAINED_ON), **values
        ),
    )
    assert field in refusal.fields  # type: ignore[attr-defined]


def test_it_is_refused_only_with_reasons(people: Cast) -> None:
    receipt = submitted(people)
    refusal = _refused(
        RuleBroken,
        lambda: services.decline_complaint(
            receipt_id=receipt.pk, by=people.government, reasons="不归我管", on=COMPLAINED_ON, at=at(COMPLAINED_ON)
        ),
    )
    assert "reasons" in refusal.fields  # type: ignore[attr-defined]


# --- findings ---------------------------------------------------------------------------------------


def test_a_founded_complaint_leads_to_a_draft_that_a_person_confirms_and_to_an_order(people: Cast) -> None:
    receipt = answered(people, item=6)
    finding = Finding.objects.get()
    assert (finding.complaint, finding.clock, finding.item, finding.status) == (receipt, None, 6, "draft")
    assert finding.title == "投诉举报：到期没有答复"
    day = COMPLAINED_ON + 3 * DAY
    services.confirm_finding(finding_id=finding.pk, by=people.government, on=day, at=at(day))
    order = services.order_rectification(
        finding_id=finding.pk,
        by=people.government,
        on=day,
        at=at(day),
        due_on=day + 10 * DAY,
        text="三日内答复申请人。",
        circular="予以通报批评。",
    )
    assert order.ordered_by_agency == people.town.government
    assert Clock.objects.filter(kind="rectification", owed_by=people.town.transport).count() == 1


def test_the_municipal_authority_finds_and_does_not_order_where_it_is_no_superior(people: Cast) -> None:
    receipt = submitted(people, to=[key(people.town.authority)])
    services.receive_complaint(receipt_id=receipt.pk, by=people.supervisor, at=at(COMPLAINED_ON))
    finding = services.draft_complaint_finding(
        receipt_id=receipt.pk, by=people.supervisor, item=6, at=at(COMPLAINED_ON)
    )
    services.confirm_finding(finding_id=finding.pk, by=people.supervisor, on=COMPLAINED_ON, at=at(COMPLAINED_ON))
    _refused(
        NotAllowed,
        lambda: services.order_rectification(
            finding_id=finding.pk,
            by=people.supervisor,
            on=COMPLAINED_ON,
            at=at(COMPLAINED_ON),
            due_on=COMPLAINED_ON + 9 * DAY,
            text="三日内答复。",
            circular="予以通报批评。",
        ),
    )


def test_the_same_item_is_drafted_once(people: Cast) -> None:
    receipt = answered(people, item=6)
    _refused(WrongState, lambda: ACTS["draft-finding"](people, receipt, people.government))


def test_an_unfounded_complaint_leads_to_no_finding(people: Cast) -> None:
    receipt = answered(people, outcome="unfounded")
    _refused(WrongState, lambda: ACTS["draft-finding"](people, receipt, people.government))


def test_no_finding_is_drafted_against_an_enterprise_that_the_regulation_does_not_bind(people: Cast) -> None:
    bus = make_agency("贵阳公交公司", kind="enterprise", superiors=(people.town.government,))
    receipt = investigating(people, agency=bus)
    refusal = _refused(RuleBroken, lambda: ACTS["draft-finding"](people, receipt, people.government))
    assert "参照" in refusal.message  # type: ignore[attr-defined]


# --- the record -------------------------------------------------------------------------------------


def test_no_event_and_no_notice_of_the_whole_handling_says_what_or_who(people: Cast) -> None:
    receipt = investigating(people, official="钱经办")
    asked(people, receipt)
    for verb in ("add-note", "ask-statement", "answer"):
        ACTS[verb](people, receipt, people.government)
    said = (receipt.complaint.matter, "钱经办", NAMED.name, NAMED.mail, NAMED.phone, RESULT, "已调取电话记录")
    rows = [str(row) for model in (Event, Notice) for row in model.objects.values()]
    assert [word for word in said for row in rows if word in row] == []


def test_the_published_numbers_count_complaints_receivers_and_outcomes(people: Cast) -> None:
    answered(people)
    answered(people, outcome="unfounded")
    handed_off(people)
    late = investigating(people)
    services.answer_complaint(
        receipt_id=late.pk,
        by=people.government,
        outcome="in-part",
        result=RESULT,
        on=ANSWER_DUE + DAY,
        at=at(ANSWER_DUE + DAY),
    )
    filed_complaint(people, to=[key(people.organ), key(people.town.authority)])
    numbers = complaint_statistics(2026, today=ANSWER_DUE + DAY)
    assert (numbers.filed, numbers.receivers, numbers.answered, numbers.on_time) == (5, 6, 3, 2)
    assert (numbers.founded, numbers.in_part, numbers.unfounded, numbers.handed_off) == (1, 1, 1, 1)
    assert (numbers.running, numbers.overdue_now, numbers.on_time_percent) == (3, 2, "66.7%")
    assert complaint_statistics(2025, today=ANSWER_DUE).filed == 0
