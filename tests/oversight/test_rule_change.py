"""The length of a period changes by two persons; running clocks stay on their rule unless the law reaches them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, PeriodRule
from guiyang_data.statute.selectors import rule_in_force
from oversight import services
from oversight.models import Recount, RuleProposal
from tests.factories.rulebook import Keepers, keepers, proposed_rule
from tests.factories.statute import MONDAY, at, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

IN_FORCE = dt.date(2026, 5, 1)
BY_OLD = dt.date(2026, 5, 6)
"""Ten days from 24 April, over Labour Day."""
BY_NEW = dt.date(2026, 5, 12)
"""Ten working days from 24 April: the swapped Saturday 9 May is the eighth."""
STARTED = dt.date(2026, 4, 24)
REACHES = {"reaches_running": True, "transition": "本条例施行前已经申请、尚未答复的，适用本条例规定的期限。"}


@pytest.fixture
def people() -> Keepers:
    return keepers()


def confirm(people: Keepers, *, on: dt.date = MONDAY, **values: object) -> RuleProposal:
    return services.confirm_rule(proposal_id=proposed_rule(people, **values).pk, by=people.second, on=on, at=at(on))


def state_of(clock: Clock) -> tuple[dt.date, str, int]:
    clock.refresh_from_db()
    return clock.due_on, clock.rule.unit, clock.generation


def test_a_second_person_puts_a_version_in_force_from_its_day_on(people: Keepers) -> None:
    # given the first version
    first = rule_in_force("sharing-reply", MONDAY)

    # when
    proposal = confirm(people)

    # then the one ends where the other begins
    first.refresh_from_db()
    assert first.in_force_to == IN_FORCE
    assert rule_in_force("sharing-reply", IN_FORCE - dt.timedelta(1)) == first
    second = rule_in_force("sharing-reply", IN_FORCE)
    assert proposal.rule == second
    assert (second.length, second.unit, str(second.basis)) == (10, "working", "《政务数据共享条例》第二十一条")
    assert [event.verb for event in events_of(proposal)] == ["propose", "confirm"]
    assert Notice.objects.filter(recipient=people.officer, kind="rule").count() == 1


def test_running_clocks_stay_on_their_rule_and_later_ones_run_on_the_new(people: Keepers) -> None:
    before = running_clock(people.town.transport, "sharing-reply", on=STARTED, subject="a.b:1")
    confirm(people)
    after = running_clock(people.town.transport, "sharing-reply", on=IN_FORCE, subject="a.b:2")
    services.run_recounts(at=at(IN_FORCE), on=IN_FORCE)
    assert state_of(before) == (BY_OLD, "calendar", 1)
    assert state_of(after) == (dt.date(2026, 5, 18), "working", 1)
    assert not Recount.objects.exists()


def test_where_the_law_says_so_running_clocks_are_counted_again_on_its_day_and_say_by_which_words(
    people: Keepers, client: Client
) -> None:
    clock = running_clock(people.town.transport, "sharing-reply", on=STARTED)
    confirm(people, **REACHES)
    services.run_recounts(at=at(STARTED), on=STARTED)
    assert state_of(clock) == (BY_OLD, "calendar", 1)
    services.run_recounts(at=at(IN_FORCE), on=IN_FORCE)
    assert state_of(clock) == (BY_NEW, "working", 2)
    assert REACHES["transition"][:20] in clock.generations.get(number=2).cause  # type: ignore[index]
    assert Notice.objects.filter(recipient=people.steward, kind="clock.recompute").count() == 1
    client.force_login(people.steward)
    page = client.get(f"/clocks/{clock.pk}/").content.decode()
    assert "《政务数据共享条例》第二十一条" in page
    assert "本条例施行前已经申请" in page


def test_a_version_entered_late_is_for_the_clocks_since_its_day(people: Keepers) -> None:
    before = running_clock(people.town.transport, "sharing-reply", on=STARTED, subject="a.b:1")
    since = running_clock(people.town.transport, "sharing-reply", on=IN_FORCE, subject="a.b:2")
    on = dt.date(2026, 5, 8)
    confirm(people, on=on, at=at(on))
    assert services.run_recounts(at=at(on), on=on) == 1
    assert state_of(before)[2] == 1
    assert state_of(since) == (dt.date(2026, 5, 18), "working", 2)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "rectification"}, "kind"),
        ({"kind": "nothing"}, "kind"),
        ({"length": 0}, "length"),
        ({"length": 366}, "length"),
        ({"instrument": " "}, "instrument"),
        ({"article": ""}, "article"),
        ({"reaches_running": True}, "transition"),
        ({"in_force_from": dt.date(2017, 5, 1)}, "in_force_from"),
    ],
)
def test_what_is_missing_is_named_at_its_field(people: Keepers, values: dict[str, object], field: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        proposed_rule(people, **values)
    assert field in refusal.value.fields
    assert not RuleProposal.objects.exists()


def test_nobody_confirms_their_own_version_and_others_neither_propose_nor_decide(people: Keepers) -> None:
    proposal = proposed_rule(people)
    for who in (people.officer, people.steward, people.county_officer):
        with pytest.raises(NotAllowed):
            services.confirm_rule(proposal_id=proposal.pk, by=who, on=MONDAY, at=at(MONDAY))
    with pytest.raises(NotAllowed):
        proposed_rule(people, kind="open-reply", by=people.steward)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleProposal.objects.filter(pk=proposal.pk).update(status="confirmed", decided_by=people.officer)
    assert PeriodRule.objects.filter(kind="sharing-reply").count() == 1


def test_a_version_is_sent_back_with_reasons_and_decided_once(people: Keepers) -> None:
    proposal = proposed_rule(people)
    with pytest.raises(WrongState, match="等待核定"):
        proposed_rule(people)
    with pytest.raises(RuleBroken):
        services.reject_rule(proposal_id=proposal.pk, by=people.second, reasons="", at=at(MONDAY))
    services.reject_rule(proposal_id=proposal.pk, by=people.second, reasons="条款不对", at=at(MONDAY))
    assert events_of(proposal).last().verb == "reject"  # type: ignore[union-attr]
    with pytest.raises(WrongState):
        services.confirm_rule(proposal_id=proposal.pk, by=people.second, on=MONDAY, at=at(MONDAY))
    with pytest.raises(WrongState):
        services.reject_rule(proposal_id=proposal.pk, by=people.second, reasons="再退", at=at(MONDAY))
    assert PeriodRule.objects.filter(kind="sharing-reply").count() == 1


def test_of_two_versions_the_later_must_begin_later(people: Keepers) -> None:
    waiting = proposed_rule(people)
    PeriodRule.objects.create(
        kind="sharing-reply",
        unit="working",
        length=7,
        statutory=True,
        instrument="政务数据共享条例",
        article="第二十一条",
        in_force_from=IN_FORCE,
    )
    with pytest.raises(RuleBroken) as refusal:
        services.confirm_rule(proposal_id=waiting.pk, by=people.second, on=MONDAY, at=at(MONDAY))
    assert "in_force_from" in refusal.value.fields
    waiting.refresh_from_db()
    assert waiting.status == "proposed"
