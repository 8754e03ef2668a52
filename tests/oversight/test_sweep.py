"""The sweep: what fires when, before whom it is brought, once each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from guiyang_data.accounts.models import Agency
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock, Rung
from oversight import services, tasks
from oversight.models import Escalation, Finding, SweepRun
from oversight.reactions import Reaction, reactions
from oversight.selectors import dry_run, last_sweep_at
from oversight.services.sweeping import KEPT
from tests.factories import requests
from tests.factories.accounts import citizen, make_agency
from tests.factories.oversight import DUE, LATE, Cast, overdue_clock, stopped, swept
from tests.factories.statute import MONDAY, at, load_notice, recounted, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

WEEK = dt.timedelta(days=7)


def overdue_events(clock: Clock) -> list[str]:
    return [event.payload["rung"] for event in events_of(clock.subject) if event.verb == "clock.overdue"]


def told(kind: str) -> list[str]:
    return sorted(notice.recipient.username for notice in Notice.objects.filter(kind=kind) if notice.recipient)


def state_of_the_world() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Rung, Event, Notice, Escalation, Finding))


@pytest.mark.parametrize(
    ("day", "words"), [("2026-03-07", "还剩 5 天"), ("2026-03-09", "还剩 3 天"), ("2026-03-11", "还剩 1 天")]
)
def test_whoever_owes_is_reminded_five_three_and_one_day_before(people: Cast, day: str, words: str) -> None:
    running_clock(people.town.transport)
    swept(dt.date.fromisoformat(day))
    notices = Notice.objects.filter(kind="clock.reminder")
    assert {notice.recipient for notice in notices} == {people.steward, people.approver}
    assert all(notice.title.startswith(words) for notice in notices)
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(("day", "fires"), [("2026-03-11", 0), ("2026-03-12", 0), ("2026-03-13", 1)])
def test_a_clock_runs_out_at_midnight_after_its_due_day(people: Cast, day: str, fires: int) -> None:
    clock = running_clock(people.town.transport)
    swept(dt.date.fromisoformat(day))
    assert len(overdue_events(clock)) == fires
    assert Finding.objects.count() == fires


def test_what_ran_out_is_brought_before_the_authority_and_the_superiors_without_anyone_acting(people: Cast) -> None:
    clock = overdue_clock(people.town.transport)
    escalations = Escalation.objects.filter(clock=clock)
    assert {escalation.to_agency for escalation in escalations} == {people.town.authority, people.town.government}
    assert {escalation.basis for escalation in escalations} == {"《贵阳市政府数据共享开放条例》第二十一条第一款"}
    assert {escalation.days_late(LATE) for escalation in escalations} == {1}
    assert told("escalation") == sorted(
        user.username for user in (people.supervisor, people.officer, people.government)
    )
    assert told("clock.overdue") == sorted(user.username for user in (people.steward, people.approver))
    event = events_of(clock.subject).get(verb="clock.overdue")
    assert event.basis == "《贵阳市政府数据共享开放条例》第二十一条第一款"
    assert event.actor == "platform"


@pytest.mark.parametrize(
    ("kind", "owing", "expected"),
    [
        ("catalog-update", "county_department", ["county_authority", "authority", "county_government", "transport"]),
        ("catalog-update", "transport", ["authority", "government"]),
        ("sharing-reply", "county_department", ["authority", "county_government", "transport"]),
        ("open-reply", "township", ["authority", "county_government"]),
        ("open-reply", "authority", ["government"]),
        ("review-result", "authority", ["government"]),
        ("coordination", "authority", ["government"]),
        ("catalog-review", "county_authority", []),
    ],
)
def test_before_whom_a_clock_is_brought_is_the_table_of_clocks(
    people: Cast, kind: str, owing: str, expected: list[str]
) -> None:
    overdue_clock(getattr(people.town, owing), kind)
    found = {escalation.to_agency for escalation in Escalation.objects.all()}
    assert found == {getattr(people.town, name) for name in expected}


@pytest.mark.parametrize(
    ("kind", "owing", "item"),
    [("catalog-update", "transport", 3), ("sharing-reply", "transport", 6), ("review-result", "authority", 6)],
)
def test_a_breach_is_drafted_under_its_item_of_article_thirty(people: Cast, kind: str, owing: str, item: int) -> None:
    overdue_clock(getattr(people.town, owing), kind)
    finding = Finding.objects.get()
    assert (finding.item, finding.status, finding.agency) == (item, "draft", getattr(people.town, owing))


def test_no_breach_is_drafted_for_a_service_target_or_against_those_not_bound(people: Cast) -> None:
    overdue_clock(people.town.authority, "coordination", subject="a.b:1")
    overdue_clock(make_agency("贵阳市公共交通集团", kind=Agency.Kind.ENTERPRISE), subject="a.b:2")
    assert not Finding.objects.exists()
    assert Escalation.objects.count() == 2


def test_after_a_transfer_the_finding_names_whoever_held_it_when_it_ran_out(people: Cast) -> None:
    clock = running_clock(people.town.health)
    clocks.hand_on(clock, to=people.town.transport, on=DUE, at=at(DUE), by=PLATFORM)
    swept(LATE)
    assert Finding.objects.get().agency == people.town.transport


def test_a_transfer_after_the_due_day_leaves_the_breach_with_whoever_let_it_run_out(people: Cast) -> None:
    clock = running_clock(people.town.health)
    clocks.hand_on(clock, to=people.town.transport, on=LATE, at=at(LATE), by=PLATFORM)
    swept(LATE + WEEK)
    assert Finding.objects.get().agency == people.town.health


def test_a_catalogue_update_that_ran_out_with_its_reviewer_is_the_reviewers_breach(people: Cast) -> None:
    clock = running_clock(people.town.transport, "catalog-update")
    clocks.hand_on(clock, to=people.town.authority, on=DUE, at=at(DUE), by=PLATFORM, owes=False)
    swept(clock.due_on + dt.timedelta(1))
    assert Finding.objects.get().agency == people.town.authority


def test_sweeping_twice_fires_once(people: Cast) -> None:
    running_clock(people.town.transport)
    assert swept(LATE).rungs == 4
    before = state_of_the_world()
    assert swept(LATE).rungs == 0
    assert state_of_the_world() == before


def test_after_a_three_day_gap_reminders_collapse_into_one(people: Cast) -> None:
    clock = running_clock(people.town.transport)
    swept(dt.date(2026, 3, 6))
    swept(dt.date(2026, 3, 9))
    assert told("clock.reminder") == sorted(user.username for user in (people.steward, people.approver))
    told_of_it = Notice.objects.exclude(kind="sealing")  # nothing is sealed here
    assert set(told_of_it.values_list("title", flat=True)) == {f"还剩 3 天：{clock.title}"}
    assert list(Rung.objects.order_by("rung").values_list("rung", "told")) == [
        ("reminder-3", True),
        ("reminder-5", False),
    ]


def test_after_weeks_without_a_sweep_every_legal_rung_still_fires_and_no_reminder(people: Cast) -> None:
    clock = running_clock(people.town.transport)
    swept(LATE + 2 * WEEK)
    assert overdue_events(clock) == ["overdue", "overdue-week-1", "overdue-week-2"]
    assert not Notice.objects.filter(kind="clock.reminder").exists()
    assert set(Escalation.objects.values_list("times", "rung")) == {(3, "overdue-week-2")}
    assert Finding.objects.count() == 1


def test_each_further_week_it_is_brought_again_as_one_row(people: Cast) -> None:
    clock = overdue_clock(people.town.transport)
    for weeks in range(1, 4):
        swept(LATE + weeks * WEEK - dt.timedelta(1))
        swept(LATE + weeks * WEEK)
    assert overdue_events(clock) == ["overdue", "overdue-week-1", "overdue-week-2", "overdue-week-3"]
    assert set(Escalation.objects.values_list("times", flat=True)) == {4}
    assert Notice.objects.filter(kind="escalation", recipient=people.supervisor).count() == 4


def test_a_stopped_clock_fires_no_more_and_what_was_brought_stays(people: Cast) -> None:
    clock = stopped(overdue_clock(people.town.transport), LATE)
    swept(LATE + 5 * WEEK)
    assert overdue_events(clock) == ["overdue"]
    assert set(Escalation.objects.values_list("status", flat=True)) == {"open"}
    assert Finding.objects.get().status == "draft"


def test_a_reply_on_the_due_day_is_never_late(people: Cast) -> None:
    stopped(running_clock(people.town.transport), DUE)
    assert swept(LATE).rungs == 0
    assert not Escalation.objects.exists()


def test_the_applicant_of_an_open_request_is_told_of_article_twenty_nine() -> None:
    applicant = citizen()
    request = requests.waiting(requests.cast(), by=applicant)
    clock = Clock.objects.get(number=request.number, kind="open-reply")
    for days in (1, 1, 8):
        swept(clock.due_on + dt.timedelta(days))
    notice = Notice.objects.get(recipient=applicant, title__contains="已超过答复期限")
    assert "第二十九条" in notice.body


def test_a_due_day_that_moved_away_takes_back_escalations_and_drafts(people: Cast) -> None:
    clock = overdue_clock(people.town.transport, on=dt.date(2026, 12, 22))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    recounted(clock, cause="2027 年放假安排", at=at(dt.date(2027, 1, 6)))
    swept(dt.date(2027, 1, 6))
    assert set(Escalation.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert Finding.objects.get().status == "withdrawn"
    swept(dt.date(2027, 1, 8))
    assert set(Escalation.objects.values_list("status", flat=True)) == {"open"}
    assert Finding.objects.get().status == "draft"


def break_escalating(clock: Clock) -> None:
    """From now on the database refuses every escalation of this clock."""
    refuse = "BEFORE INSERT ON oversight_escalation"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION pg_temp.broken() RETURNS trigger AS $$ BEGIN "
                f"IF NEW.clock_id = {clock.pk} THEN RAISE EXCEPTION 'broken'; END IF; RETURN NEW; END; "
                "$$ LANGUAGE plpgsql"
            )
            cursor.execute(f"CREATE TRIGGER broken {refuse} FOR EACH ROW EXECUTE FUNCTION pg_temp.broken()")
        else:
            cursor.execute(
                f"CREATE TRIGGER broken {refuse} WHEN NEW.clock_id = {clock.pk} "
                "BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )


def mend_escalating() -> None:
    on = " ON oversight_escalation" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER broken{on}")


def test_one_broken_clock_stops_no_other_and_is_tried_again(people: Cast) -> None:
    broken = running_clock(people.town.transport, subject="a.b:1")
    whole = running_clock(people.town.health, subject="a.b:2")
    break_escalating(broken)
    run = swept(LATE)
    assert (run.failures, run.clocks) == (1, 1)
    assert overdue_events(whole) == ["overdue"]
    assert overdue_events(broken) == []
    assert not Rung.objects.filter(clock=broken).exists()
    mend_escalating()
    assert swept(LATE).failures == 0
    assert overdue_events(broken) == ["overdue"]
    assert overdue_events(whole) == ["overdue"]


@pytest.mark.parametrize("error", [RuleBroken("出错"), DatabaseError("broken"), OperationalError("no broker")])
def test_a_reaction_that_fails_is_counted_and_the_others_go_on(people: Cast, error: Exception) -> None:
    reached: list[tuple[dt.datetime, dt.date]] = []

    def fails(at: dt.datetime, on: dt.date) -> None:
        raise error

    def works(at: dt.datetime, on: dt.date) -> None:
        reached.append((at, on))

    following = (Reaction(name="fails", react=fails), Reaction(name="works", react=works))
    run = services.sweep(at=at(LATE), on=LATE, following=following)
    assert reached == [(at(LATE), LATE)]
    assert (run.failures, run.notes) == (1, {"fails": "failed"})


def test_every_installed_app_with_reactions_takes_part_the_lower_ones_first(people: Cast) -> None:
    names = [reaction.name for reaction in reactions()]
    assert names == ["ledger", "catalog", "sharing", "opendata", "requests_app"]
    assert services.sweep(at=at(LATE), on=LATE).failures == 0


def test_a_run_is_remembered_and_forgotten_after_thirty_days(people: Cast) -> None:
    old = swept(MONDAY)
    run = services.sweep(at=old.started_at + KEPT + dt.timedelta(seconds=1), on=LATE, following=())
    assert list(SweepRun.objects.all()) == [run]
    assert last_sweep_at() == run.finished_at


def test_a_run_takes_on_only_as_much_as_it_is_told_the_longest_waiting_first(people: Cast) -> None:
    later = running_clock(people.town.health, on=MONDAY + dt.timedelta(1), subject="a.b:2")
    sooner = running_clock(people.town.transport, subject="a.b:1")
    services.sweep(at=at(LATE), on=LATE + WEEK, most=1, following=())
    assert overdue_events(sooner) != []
    assert overdue_events(later) == []
    services.sweep(at=at(LATE), on=LATE + WEEK, most=1, following=())
    assert overdue_events(later) != []


def queries_of_a_sweep(people: Cast, clocks_running: int, count: Any) -> int:
    for number in range(clocks_running):
        running_clock(people.town.transport, subject=f"a.b{clocks_running}:{number}")
    with count() as captured:
        swept(LATE)
    return len(captured)


def test_a_sweep_costs_as_many_queries_for_nine_clocks_as_for_one(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    def count() -> Any:
        return django_assert_max_num_queries(100_000)

    running_clock(people.town.transport)
    swept(LATE)  # which also tells that nothing is sealed here
    one = queries_of_a_sweep(people, 1, count)
    assert queries_of_a_sweep(people, 9, count) == one


def test_a_batch_that_fails_is_halved_until_the_broken_clock_stands_alone(people: Cast) -> None:
    # given
    running = [running_clock(people.town.transport, subject=f"a.b:{number}") for number in range(9)]
    broken = running[4]
    break_escalating(broken)
    batches: list[int] = []
    # when
    run = services.sweep(at=at(LATE), on=LATE, batch=5, before_each=lambda pks: batches.append(len(pks)), following=())
    # then
    assert batches == [5, 4]
    assert (run.failures, run.clocks, run.rungs) == (1, 8, 32)
    assert [overdue_events(clock) for clock in running if clock != broken] == [["overdue"]] * 8
    assert not Rung.objects.filter(clock=broken).exists()
    broken.refresh_from_db()
    assert broken.next_rung_on is not None
    assert broken.next_rung_on <= LATE


def test_a_run_whose_time_is_over_begins_no_further_batch_and_the_next_goes_on(people: Cast) -> None:
    for number in range(3):
        running_clock(people.town.transport, subject=f"a.b:{number}")
    over = services.sweep(at=at(LATE), on=LATE, batch=1, patience=-1, following=())
    assert (over.clocks, over.failures, list(over.notes)) == (0, 0, ["clocks"])
    assert swept(LATE).clocks == 3


def test_the_events_of_many_clocks_on_one_case_stand_in_one_unbroken_chain(people: Cast) -> None:
    for agency in (people.town.transport, people.town.health):
        running_clock(agency)
    swept(LATE + WEEK)
    chain = list(events_of("requests_app.openrequest:1").order_by("sequence"))
    assert [event.payload["rung"] for event in chain if event.verb == "clock.overdue"] == [
        "overdue",
        "overdue-week-1",
    ] * 2
    assert [event.sequence for event in chain] == list(range(1, len(chain) + 1))
    assert [event.previous_hash for event in chain[1:]] == [event.hash for event in chain[:-1]]


def test_the_dry_run_tells_what_would_fire_by_a_day_and_fires_nothing(people: Cast) -> None:
    clock = running_clock(people.town.transport)
    swept(dt.date(2026, 3, 8))
    before = state_of_the_world()
    firings = dry_run(LATE + WEEK)
    assert [(firing.on.isoformat(), firing.rung, firing.label) for firing in firings] == [
        ("2026-03-09", "reminder-3", "还剩 3 天提醒"),
        ("2026-03-11", "reminder-1", "还剩 1 天提醒"),
        ("2026-03-13", "overdue", "逾期"),
        ("2026-03-20", "overdue-week-1", "逾期满 1 周"),
    ]
    assert firings[0].to == ()
    assert set(firings[2].to) == {"市大数据局", "市政府"}
    assert {firing.number for firing in firings} == {clock.number}
    assert state_of_the_world() == before
    assert dry_run(dt.date(2026, 3, 8)) == []


def test_the_dry_run_is_a_handful_of_queries_however_many_reminders(
    people: Cast, django_assert_num_queries: Any
) -> None:
    for number in range(10):
        running_clock(people.town.transport, subject=f"a.b:{number}")
    with django_assert_num_queries(2):
        assert len(dry_run(dt.date(2026, 3, 9))) == 20


def test_celery_wakes_the_sweep_at_the_portals_own_time(people: Cast, settings: LazySettings, tmp_path: Any) -> None:
    clock = running_clock(people.town.transport, on=dt.date(2026, 11, 2))
    shift = dt.datetime(2031, 1, 6, tzinfo=dt.UTC) - dt.datetime.now(tz=dt.UTC)
    settings.TIME_SHIFT_FILE = tmp_path / "shift"
    settings.TIME_SHIFT_FILE.write_text(str(int(shift.total_seconds())))
    assert tasks.sweep() > 200
    assert overdue_events(clock)[0] == "overdue"
    run = SweepRun.objects.get()
    assert run.on == dt.date(2031, 1, 6)
