"""The calendar changes by two persons, and running clocks are counted again: each change logged and told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from guiyang_data.accounts.models import Person, User
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from guiyang_data.statute import clocks
from guiyang_data.statute.models import CalendarDay, CalendarYear, Clock, ClockGeneration, Rung
from guiyang_data.statute.selectors import calendar
from oversight import services
from oversight.models import CalendarProposal, Escalation, Finding, Recount
from oversight.workflow import ProposalStatus
from tests.factories import complaints, requests, sharing
from tests.factories.accounts import citizen
from tests.factories.oversight import cast as oversight_cast
from tests.factories.oversight import swept
from tests.factories.rulebook import NOTICE_2027, PROPOSED_ON, Keepers, confirmed, keepers, proposed
from tests.factories.statute import at, load_notice, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

STARTED = dt.date(2026, 12, 22)
BY_FIXED_HOLIDAYS = dt.date(2027, 1, 4)
BY_NOTICE = dt.date(2027, 1, 5)


@pytest.fixture
def people() -> Keepers:
    return keepers()


def recounted(on: dt.date = PROPOSED_ON, **values: object) -> int:
    return services.run_recounts(at=at(on, 11), on=on, **values)  # type: ignore[arg-type]


def state_of(clock: Clock) -> tuple[dt.date, bool, int]:
    clock.refresh_from_db()
    return clock.due_on, clock.provisional, clock.generation


# --- two persons -------------------------------------------------------------------------------------------


def test_a_notice_waits_for_the_second_person_and_changes_nothing_before(people: Keepers) -> None:
    # given a clock into a year without notice
    clock = running_clock(people.town.transport, on=STARTED)

    # when one person enters the notice
    proposal = proposed(people)

    # then it waits, with what its text says of itself
    assert proposal.status == ProposalStatus.PROPOSED
    assert (proposal.document_number, proposal.issued_on) == ("国办发明电〔2026〕9号", dt.date(2026, 12, 25))
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert state_of(clock) == (BY_FIXED_HOLIDAYS, True, 1)
    assert [event.verb for event in events_of(proposal)] == ["propose"]


def test_the_second_person_is_told_that_something_waits_and_the_first_is_not(people: Keepers) -> None:
    # when one person enters a notice
    proposal = proposed(people)

    # then whoever may confirm it is told once, with the way there
    told = Notice.objects.get(recipient=people.second, kind="calendar")
    assert told.title.startswith("请核定：2027")
    assert told.path == proposal.get_absolute_url()
    assert not Notice.objects.filter(recipient=people.officer, kind="calendar").exists()


def test_a_second_person_confirms_and_the_year_is_in_force(people: Keepers) -> None:
    proposal = confirmed(people)
    assert proposal.status == ProposalStatus.CONFIRMED
    year = CalendarYear.objects.get(year=2027)
    assert (year.document_number, year.loaded_by) == ("国办发明电〔2026〕9号", people.second)
    assert not calendar([2026, 2027]).is_working(dt.date(2027, 1, 4))
    assert calendar([2026, 2027]).is_working(dt.date(2027, 1, 9))
    assert [event.verb for event in events_of(proposal)] == ["propose", "confirm"]
    assert Notice.objects.filter(recipient=people.officer, kind="calendar").count() == 1


def _nothing_changed(proposal: CalendarProposal) -> None:
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.PROPOSED
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert not Recount.objects.exists()


def test_nobody_confirms_their_own_proposal_nor_under_another_account(people: Keepers) -> None:
    proposal = proposed(people)
    both = Person.objects.create(name_encrypted="x", id_number_encrypted="x", id_number_index="x")
    User.objects.filter(pk__in=[people.officer.pk, people.second.pk]).update(person=both)
    for who in (people.officer, people.second):
        who.refresh_from_db()
        CalendarProposal.objects.filter(pk=proposal.pk).update(proposed_by=people.officer)
        with pytest.raises(NotAllowed, match="另一个人核定"):
            services.confirm_calendar(proposal_id=proposal.pk, by=who, on=PROPOSED_ON, at=at(PROPOSED_ON))
        _nothing_changed(proposal)


def test_the_database_itself_refuses_one_person_in_both_parts(people: Keepers) -> None:
    proposal = proposed(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarProposal.objects.filter(pk=proposal.pk).update(status="confirmed", decided_by=people.officer)


@pytest.mark.parametrize("who", ["steward", "county_officer"])
def test_others_neither_propose_nor_decide(people: Keepers, who: str) -> None:
    proposal, user = proposed(people), getattr(people, who)
    with pytest.raises(NotAllowed):
        services.propose_calendar(text=NOTICE_2027, by=user, on=PROPOSED_ON, at=at(PROPOSED_ON))
    with pytest.raises(NotAllowed):
        services.confirm_calendar(proposal_id=proposal.pk, by=user, on=PROPOSED_ON, at=at(PROPOSED_ON))
    with pytest.raises(NotAllowed):
        services.reject_calendar(proposal_id=proposal.pk, by=user, reasons="不对", at=at(PROPOSED_ON))
    _nothing_changed(proposal)


def test_a_proposal_is_sent_back_with_reasons_and_a_new_one_takes_its_place(people: Keepers) -> None:
    proposal = proposed(people)
    with pytest.raises(RuleBroken) as refusal:
        services.reject_calendar(proposal_id=proposal.pk, by=people.supervisor, reasons=" ", at=at(PROPOSED_ON))
    assert "reasons" in refusal.value.fields
    with pytest.raises(WrongState, match="等待核定"):
        proposed(people)
    services.reject_calendar(proposal_id=proposal.pk, by=people.supervisor, reasons="文号不对", at=at(PROPOSED_ON))
    assert events_of(proposal).last().verb == "reject"  # type: ignore[union-attr]
    assert proposed(people).pk != proposal.pk


@pytest.mark.parametrize("status", ["confirmed", "rejected"])
def test_what_is_decided_is_not_decided_again(people: Keepers, status: str) -> None:
    proposal = proposed(people)
    CalendarProposal.objects.filter(pk=proposal.pk).update(status=status, decided_by=people.second)
    with pytest.raises(WrongState):
        services.confirm_calendar(proposal_id=proposal.pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))
    with pytest.raises(WrongState):
        services.reject_calendar(proposal_id=proposal.pk, by=people.second, reasons="晚了", at=at(PROPOSED_ON))
    assert not Recount.objects.exists()


def test_a_proposal_on_a_year_that_changed_meanwhile_is_not_confirmed(people: Keepers) -> None:
    proposal = proposed(people)
    load_notice(2027, rest=(dt.date(2027, 1, 1),))
    with pytest.raises(WrongState, match="在录入之后已经改变"):
        services.confirm_calendar(proposal_id=proposal.pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))
    assert CalendarDay.objects.filter(year=2027).count() == 1


@pytest.mark.parametrize(
    ("text", "values", "field", "said"),
    [
        (NOTICE_2027.replace("共7天", "共8天"), {}, "text", "第 7 行：春节写明共 8 天"),
        (NOTICE_2027.replace("国办发明电〔2026〕9号", ""), {}, "document_number", "请填写文号"),
        (NOTICE_2027.split("国务院办公厅\n2026年")[0], {}, "issued_on", "请填写印发日期"),
        (NOTICE_2027.replace("12月25日", "12月29日"), {}, "issued_on", "还没有到"),
        (NOTICE_2027.replace("2027年", "2031年"), {}, "text", "2031 年不在"),
        ("day,working,name\n2027-01-04,0,元旦\n", {"scope": "days"}, "text", "全年安排还没有录入"),
    ],
)
def test_a_text_with_mistakes_is_refused_whole_and_says_what_to_do(
    people: Keepers, text: str, values: dict[str, object], field: str, said: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        proposed(people, text, **values)
    assert said in refusal.value.fields[field]
    assert not CalendarProposal.objects.exists()


def test_the_same_year_again_is_said_to_be_no_different(people: Keepers) -> None:
    confirmed(people)
    with pytest.raises(RuleBroken) as refusal:
        proposed(people)
    assert "没有不同" in refusal.value.fields["text"]


# --- counting again ----------------------------------------------------------------------------------------


def test_a_provisional_clock_moves_in_a_new_generation_that_says_why(people: Keepers) -> None:
    clock = running_clock(people.town.transport, on=STARTED)
    confirmed(people)
    assert recounted() == 1
    assert state_of(clock) == (BY_NOTICE, False, 2)
    generation = ClockGeneration.objects.get(clock=clock, number=2)
    assert generation.cause == "2027年放假安排（国办发明电〔2026〕9号）"
    event = events_of(clock).last()
    assert event is not None
    assert event.verb == "clock.recompute"
    assert (event.payload["from"], event.payload["to"], event.payload["provisional"]) == (
        "2027-01-04",
        "2027-01-05",
        False,
    )
    notice = Notice.objects.get(recipient=people.steward, kind="clock.recompute")
    assert "到期日由 2027年1月4日（周一） 改为 2027年1月5日（周二）" in notice.body


def test_a_late_clock_is_counted_again_and_what_followed_from_it_is_taken_back(people: Keepers) -> None:
    # given a clock that ran out on a provisional day
    clock = running_clock(people.town.transport, on=STARTED)
    swept(BY_NOTICE)
    assert Escalation.objects.filter(clock=clock, status="open").exists()
    finding = Finding.objects.get(clock=clock)
    with pytest.raises(RuleBroken, match="暂定"):
        services.confirm_finding(finding_id=finding.pk, by=people.supervisor, on=BY_NOTICE, at=at(BY_NOTICE))

    # when the notice gives it one more day
    confirmed(people, on=BY_NOTICE)
    recounted(BY_NOTICE)

    # then it is not late, and drafts and escalations are withdrawn at once
    assert state_of(clock) == (BY_NOTICE, False, 2)
    finding.refresh_from_db()
    assert finding.status == "withdrawn"
    assert not Escalation.objects.filter(clock=clock).exclude(status="withdrawn").exists()
    assert Rung.objects.get(clock=clock, rung="overdue").withdrawn_at is not None

    # and when it runs out after all, it is brought again, on a day that is certain
    swept(BY_NOTICE + dt.timedelta(1))
    finding.refresh_from_db()
    assert finding.status == "draft"
    services.confirm_finding(finding_id=finding.pk, by=people.supervisor, on=dt.date(2027, 1, 6), at=at(BY_NOTICE))


def test_a_finding_that_people_confirmed_stays_and_is_marked(people: Keepers) -> None:
    # given a confirmed finding on a clock that ran out on 12 March 2026
    clock = running_clock(people.town.transport)
    on = dt.date(2026, 3, 13)
    swept(on)
    finding = services.confirm_finding(
        finding_id=Finding.objects.get(clock=clock).pk, by=people.supervisor, on=on, at=at(on)
    )

    # when that day becomes one of rest by an emergency change
    table = "day,working,name\n2026-03-12,0,应急放假\n2026-03-13,0,应急放假\n"
    days = {"scope": "days", "document_number": "国办发明电〔2026〕1号", "issued_on": on}
    confirmed(people, table, on=on, **days)
    recounted(on)

    # then the decision stands, and its file says what became of its ground
    finding.refresh_from_db()
    assert finding.status == "confirmed"
    assert events_of(finding).last().verb == "due-day-moved"  # type: ignore[union-attr]
    assert state_of(clock)[0] == dt.date(2026, 3, 16)


def test_stopped_clocks_and_days_that_a_paper_set_never_move(people: Keepers) -> None:
    stopped = running_clock(people.town.transport, on=STARTED)
    clocks.stop(stopped.subject, "open-reply", on=STARTED, at=at(STARTED), by=PLATFORM)
    ordered = running_clock(people.town.transport, "rectification", on=STARTED, due_on=dt.date(2027, 1, 2))
    confirmed(people)
    assert recounted() == 0
    assert state_of(stopped) == (BY_FIXED_HOLIDAYS, True, 1)
    assert state_of(ordered) == (dt.date(2027, 1, 2), False, 1)


def test_clocks_that_the_change_does_not_touch_are_left_alone(people: Keepers) -> None:
    before = running_clock(people.town.transport, on=dt.date(2026, 12, 1), subject="a.b:1")
    after = running_clock(people.town.transport, on=dt.date(2027, 5, 10), subject="a.b:2")
    confirmed(people)
    # the later one waited for the notice of its year: nothing but its certainty changes
    assert recounted() == 1
    assert state_of(before)[2] == 1
    assert state_of(after) == (dt.date(2027, 5, 20), False, 2)
    assert "不变，不再是暂定" in Notice.objects.get(recipient=people.steward, kind="clock.recompute").body


def test_an_emergency_change_moves_what_ends_in_it_and_marks_what_spans_it(people: Keepers) -> None:
    ends = running_clock(people.town.transport, on=dt.date(2026, 9, 28), subject="a.b:1")  # Thursday 8 October
    spans = running_clock(people.town.transport, on=dt.date(2026, 10, 2), subject="a.b:2")  # Monday 12 October
    table = "day,working,name\n2026-10-08,0,国庆节\n"
    values = {"scope": "days", "document_number": "国办发明电〔2026〕3号", "issued_on": dt.date(2026, 9, 29)}
    confirmed(people, table, on=dt.date(2026, 9, 29), **values)
    assert CalendarYear.objects.get(year=2026).document_number == "国办发明电〔2025〕7号"
    assert recounted(dt.date(2026, 9, 29)) == 2
    assert state_of(ends) == (dt.date(2026, 10, 9), False, 2)
    assert state_of(spans) == (dt.date(2026, 10, 12), False, 2)
    assert Notice.objects.filter(kind="clock.recompute").count() == 1


def test_two_hundred_clocks_are_counted_in_batches_and_once(people: Keepers) -> None:
    for number in range(200):
        running_clock(people.town.transport, on=STARTED, subject=f"a.b:{number}", number=f"GY-{number}")
    confirmed(people)
    assert recounted(batch=64) == 200
    assert set(Clock.objects.values_list("due_on", "provisional", "generation")) == {(BY_NOTICE, False, 2)}
    assert Notice.objects.filter(recipient=people.steward, kind="clock.recompute").count() == 200
    job = Recount.objects.get()
    assert (job.counted, job.moved, job.left_over) == (200, 200, [])
    assert job.finished_at is not None
    assert events_of(job.proposal).last().verb == "recounted"  # type: ignore[union-attr]
    assert recounted() == 0
    assert ClockGeneration.objects.count() == 400


def test_a_run_that_is_cut_short_is_gone_on_with_and_counts_nothing_twice(people: Keepers) -> None:
    made = [running_clock(people.town.transport, on=STARTED, subject=f"a.b:{number}") for number in range(5)]
    confirmed(people)
    assert recounted(batch=2, patience=0.0) == 0
    # a sweep first finishes the count: on the fourth nobody is late any more
    swept(BY_NOTICE)
    assert [state_of(clock) for clock in made] == [(BY_NOTICE, False, 2)] * 5
    assert not Escalation.objects.exists()
    assert ClockGeneration.objects.count() == 10


def test_nothing_fires_on_a_clock_that_still_waits_to_be_counted_again(
    people: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_clock(people.town.transport, on=STARTED)
    confirmed(people)
    monkeypatch.setattr("oversight.services.sweeping.run_recounts", lambda **values: 0)
    swept(BY_NOTICE)
    assert not Rung.objects.exists()


def test_a_reply_between_the_change_and_the_recount_is_judged_by_the_changed_calendar(people: Keepers) -> None:
    # given a day that becomes one of rest, and no run since
    clock = running_clock(people.town.transport)
    due = dt.date(2026, 3, 12)
    days = {"scope": "days", "document_number": "国办发明电〔2026〕1号", "issued_on": due}
    confirmed(people, "day,working,name\n2026-03-12,0,应急放假\n", on=due, **days)

    # when the agency replies on the next working day
    after = dt.date(2026, 3, 13)
    clocks.stop(clock.subject, clock.kind, on=after, at=at(after), by=people.steward)

    # then it is on time, by a count that is remembered, and nothing is set going
    assert state_of(clock) == (after, False, 2)
    assert [event.verb for event in events_of(clock)] == ["clock.start", "clock.recompute", "clock.stop"]
    swept(dt.date(2026, 3, 14))
    assert not Finding.objects.exists()
    assert Recount.objects.get().counted == 0


def test_a_clock_that_starts_after_the_change_is_not_counted_twice(people: Keepers) -> None:
    confirmed(people)
    late_comer = running_clock(people.town.transport, on=STARTED)
    assert recounted() == 0
    assert state_of(late_comer) == (BY_NOTICE, False, 1)


def test_the_applicant_is_told_too() -> None:
    play = requests.cast()
    people = keepers(play.city)
    request = requests.waiting(play, on=STARTED, by=citizen())
    confirmed(people)
    recounted()
    told = Notice.objects.filter(kind="open-request", key__startswith=f"{request.number}:recount")
    assert [notice.title for notice in told] == [f"到期日变更为 2027年1月5日（周二）：{request.number}"]


def test_the_requesting_agency_is_told_too() -> None:
    case = sharing.scene()
    people = keepers(case.city)
    application = sharing.application(case, at=at(STARTED))
    confirmed(people)
    recounted()
    told = Notice.objects.filter(recipient=case.asker, key__startswith=f"sharing:{application.number}:recount")
    assert [notice.title for notice in told] == [f"到期日变更为 2027年1月5日（周二）：{application.number}"]


def test_whoever_complained_is_told_too() -> None:
    cast = oversight_cast()
    people = keepers(cast.town)
    complainant = citizen()
    receipt = complaints.submitted(cast, by=complainant, on=dt.date(2026, 12, 17))
    confirmed(people)
    recounted()
    assert (
        Notice.objects.filter(recipient=complainant, key__startswith=f"{receipt.complaint.number}:recount").count() == 1
    )


def test_an_operator_proposes_from_the_shell_and_a_keeper_confirms(people: Keepers) -> None:
    proposal = services.propose_calendar(text=NOTICE_2027, by=PLATFORM, on=PROPOSED_ON, at=at(PROPOSED_ON))
    assert proposal.proposed_by is None
    done = services.confirm_calendar(proposal_id=proposal.pk, by=people.officer, on=PROPOSED_ON, at=at(PROPOSED_ON))
    assert done.status == ProposalStatus.CONFIRMED


def test_nothing_is_half_done_where_confirming_fails(people: Keepers, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = proposed(people)

    def broken(*args: object, **values: object) -> None:
        raise DomainError("坏了")

    monkeypatch.setattr("oversight.services.rulebook.calendar.record", broken)
    with pytest.raises(DomainError):
        services.confirm_calendar(proposal_id=proposal.pk, by=people.second, on=PROPOSED_ON, at=at(PROPOSED_ON))
    _nothing_changed(proposal)
